import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { schema } from '../../../src/schema.ts';
import type { Chance } from './chance.ts';

const DEPTH = 3;
const UNTIMELY = new Set(['lastActiveAt']); // moves on by itself

interface Taste {
  /** Whether fields that depend on the viewer may be in it. */
  readonly personal: boolean;
  /** What may stand behind a field, such as ` @skip(if: $none)`. */
  readonly directive: () => string;
}

/** What a random client asks to know of a type, as the text between the braces. */
export function selectionOf(type: GraphQLNamedType, chance: Chance, { personal, directive }: Taste): string {
  let aliases = 0;

  function of(at: GraphQLNamedType, depth: number): string {
    const parts = ['__typename'];
    if (isObjectType(at) || isInterfaceType(at)) {
      for (const field of Object.values(at.getFields())) parts.push(...part(field, depth, ''));
    }
    for (const possible of isAbstractType(at) ? schema.getPossibleTypes(at) : []) {
      if (!chance.of(55)) continue;
      const own = Object.values(possible.getFields()).flatMap((field) => part(field, depth, `f${aliases++}: `));
      if (own.length > 0) parts.push(`... on ${possible.name} { ${own.join(' ')} }`);
    }
    return parts.join(' ');
  }

  function part(field: GraphQLField<unknown, unknown>, depth: number, alias: string): string[] {
    const to = getNamedType(field.type);
    const isPersonal = field.extensions['personal'] === true;
    if (UNTIMELY.has(field.name) || field.args.some(isRequiredArgument) || (isPersonal && !personal)) return [];
    if (!isCompositeType(to)) return chance.of(45) ? [`${alias}${field.name}${directive()}`] : [];
    if (depth === 0 || !chance.of(depth === DEPTH ? 60 : 22)) return [];
    return [`${alias}${field.name}${directive()} { ${of(to, depth - 1)} }`];
  }

  return of(type, DEPTH);
}
