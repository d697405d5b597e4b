import { hash } from 'node:crypto';
import {
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** What of a subscription's document decides with whom it shares executions. */
export interface DocumentFacts {
  /** The same for documents that select the same. */
  readonly key: string;
  /** Whether a selected field depends on who asks. */
  readonly personal: boolean;
  /** The variables that bear on what is selected: those for `after` do not. */
  readonly variables: readonly string[];
}

const known = new WeakMap<DocumentNode, DocumentFacts>();

/** The facts of a valid document. `after` of a subscription's own field is left aside, in whatever form it is given. */
export function factsOf(schema: GraphQLSchema, document: DocumentNode): DocumentFacts {
  const found = known.get(document);
  if (found) return found;
  let personal = false;
  const info = new TypeInfo(schema);
  const withoutAfter = visit(
    document,
    visitWithTypeInfo(info, {
      Field({ name }) {
        const parent = info.getParentType();
        const possible = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
        const fields = [info.getFieldDef(), ...possible.map((type) => type.getFields()[name.value])];
        personal ||= fields.some((field) => field?.extensions['personal'] === true);
      },
      Argument: ({ name }) =>
        name.value === 'after' && info.getParentType() === schema.getSubscriptionType() ? null : undefined,
    }),
  );
  const used = variablesUsed(withoutAfter);
  const selecting = visit(withoutAfter, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
  const facts = { key: hash('sha256', print(selecting)), personal, variables: [...used].sort() };
  known.set(document, facts);
  return facts;
}

function variablesUsed(document: DocumentNode): Set<string> {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: ({ directives }) => (directives?.length ? undefined : false),
    [Kind.VARIABLE]: ({ name }) => void used.add(name.value),
  });
  return used;
}
