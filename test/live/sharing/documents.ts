import { type GraphQLNamedType, getNamedType } from 'graphql';
import { schema } from '../../../src/schema.ts';
import type { Chance } from './chance.ts';
import { selectionOf } from './selections.ts';

/** A subscription as a client sends it. */
export interface Asked {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A subscription in words of its own: `ask` gives it in one of the forms that mean the same, or nearly. */
export interface Wish {
  ask(chance: Chance, cursor: string): Asked;
}

const KINDS = ['MESSAGE_SENT', 'MESSAGE_EDITED', 'MEMBERSHIP_CHANGED', 'GROUP_UPDATED'] as const;

const OF_MESSAGES = ['Sent', 'Edited', 'Deleted', 'Pinned', 'Unpinned', 'Saved'].map((verb) => `Message${verb}Event`);

/** A wish for `events` with the texts of all messages that they tell of. */
export function wishForTexts(chance: Chance): Wish {
  const parts = [...OF_MESSAGES, 'ReactionAddedEvent', 'ReactionRemovedEvent'].map(
    (type) => `... on ${type} { message { ... on TextMessage { text } } }`,
  );
  return wishForEvents(chance, { alias: '', selection: parts.join(' ') });
}

/** A wish for `events`. */
export function wishForEvents(chance: Chance, select = selecting('events', chance)): Wish {
  const kinds = chance.one([undefined, undefined, [chance.one(KINDS)], KINDS.slice(0, 1 + chance.below(4))]);
  return {
    ask(form, cursor) {
      const after = form.one<Argument>([
        { text: '' },
        { text: 'after: null' },
        { text: `after: "${cursor}"` },
        { text: 'after: $after', declared: '$after: String' },
        { text: 'after: $after', declared: '$after: String', given: { after: null } },
        { text: 'after: $after', declared: '$after: String', given: { after: cursor } },
        { text: 'after: $since', declared: `$since: String = "${cursor}"` },
        { text: 'after: $since', declared: `$since: String = "${cursor}"`, given: { since: null } },
      ]);
      return written('events', [after, kindsAs(kinds, form)], select, form);
    },
  };
}

/** A wish for another field of Subscription, with its arguments as text, such as `uids: ["ada"]`. */
export function wishFor(field: string, args: string, chance: Chance): Wish {
  const select = selecting(field, chance);
  return { ask: (form) => written(field, [{ text: args }], select, form) };
}

interface Argument {
  readonly text: string;
  readonly declared?: string;
  readonly given?: Readonly<Record<string, unknown>>;
}

/** The kinds in a form that means them, or, where there are none, perhaps in one with a default that others override. */
function kindsAs(kinds: readonly string[] | undefined, form: Chance): Argument {
  const declared = '$kinds: [EventKind!] = [MESSAGE_SENT]';
  const text = 'kinds: $kinds';
  if (!kinds) {
    return form.one<Argument>([
      { text: '' },
      { text: 'kinds: null' },
      { text, declared, given: { kinds: null } },
      { text, declared },
      { text, declared: '$kinds: [EventKind!]' },
    ]);
  }
  return form.one<Argument>([
    { text: `kinds: [${kinds.join(' ')}]` },
    { text: `kinds: [${kinds.toReversed().join(', ')}]` },
    { text, declared, given: { kinds } },
    { text, declared, given: { kinds: kinds.length === 1 ? kinds[0] : kinds } },
    { text, declared: `$kinds: [EventKind!] = [${kinds}]` },
    { text: 'kinds: [$kind]', declared: '$kind: EventKind!', given: { kind: kinds[0] } },
  ]);
}

interface Selecting {
  readonly alias: string;
  readonly selection: string;
}

function selecting(field: string, chance: Chance): Selecting {
  const directive = () => (chance.of(12) ? chance.one([' @include(if: $with)', ' @skip(if: $without)']) : '');
  const type = getNamedType(schema.getSubscriptionType()?.getFields()[field]?.type) as GraphQLNamedType;
  const selection = selectionOf(type, chance, { personal: chance.of(50), directive });
  return { alias: chance.one(['', '', 'told: ']), selection };
}

/** The document, in one of the ways of writing one. */
function written(field: string, given: readonly Argument[], { alias, selection }: Selecting, form: Chance): Asked {
  const args = [...given, ...CONDITIONS.filter(({ text }) => selection.includes(text)).map((one) => one.as(form))];
  const type = getNamedType(schema.getSubscriptionType()?.getFields()[field]?.type)?.name;
  const declared = args.flatMap((one) => one.declared ?? []).join(', ');
  const inside = given.map(({ text }) => text).filter((text) => text !== '');
  const [body, fragment] = form.of(30)
    ? ['...Told', `fragment Told on ${type} { ${selection} }`]
    : [selection, form.of(20) ? '# of no account' : ''];
  const call = `${alias}${field}${inside.length > 0 ? `(${inside.join(form.one([' ', ', ']))})` : ''}`;
  const name = form.one(['', 'Live']);
  const several = name !== '' && form.of(30);
  const query = [
    `subscription ${name} ${declared === '' ? '' : `(${declared})`} {${form.one([' ', '\n\t'])}${call} { ${body} } }`,
    fragment,
    several ? form.one(['query Other { __typename }', 'subscription Other { events { kind } }']) : '',
  ].join('\n');
  const variables = Object.assign({}, ...args.map((one) => one.given ?? {}));
  return { query, variables, ...(several && { operationName: name }) };
}

/** What decides about fields, with a default that may be left to hold. */
const CONDITIONS: readonly { text: string; as(form: Chance): Argument }[] = [
  ['with', true],
  ['without', false],
].map(([name, byDefault]) => ({
  text: `$${name})`,
  as: (form) => ({
    text: '',
    declared: `$${name}: Boolean! = ${byDefault}`,
    ...(form.of(60) && { given: { [name as string]: form.of(50) } }),
  }),
}));
