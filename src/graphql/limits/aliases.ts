import { type ASTVisitor, isIntrospectionType, type ValidationContext } from 'graphql';
import { limitError } from './limits.ts';

/**
 * Refuses documents that give more than `max` fields another name; `__typename` does not count, as clients rename it freely.
 * Inside introspection no field may have one: without them a schema is read once at the most, whatever is asked of it.
 */
export const maxAliases = (max: number) =>
  function MaxAliases(context: ValidationContext): ASTVisitor {
    let count = 0;
    return {
      Field({ alias, name }) {
        if (!alias || name.value === '__typename') return;
        count += 1;
        if (name.value !== '__schema' && !inIntrospection(context)) return;
        context.reportError(limitError(`"${alias.value}: ${name.value}": introspection takes no aliases.`));
      },
      Document: {
        leave() {
          if (count > max) {
            context.reportError(limitError(`The document has ${count} aliases: ${max} at the most.`));
          }
        },
      },
    };
  };

function inIntrospection(context: ValidationContext): boolean {
  const parent = context.getParentType();
  return parent != null && isIntrospectionType(parent);
}
