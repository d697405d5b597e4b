import { type DocumentNode, type ExecutionArgs, GraphQLError, visit } from 'graphql';

const literals = new WeakMap<DocumentNode, boolean>();

/**
 * Refuses text that no database keeps faithfully, wherever an operation has it: in a variable or in the document. Every other text
 * comes back as it was sent.
 */
export function refuseUnkeptText({ document, variableValues }: ExecutionArgs): GraphQLError | undefined {
  const variable = Object.entries(variableValues ?? {}).find(([, value]) => holdsUnkept(value));
  if (variable) return refusal(`The variable $${variable[0]} holds`);
  let found = literals.get(document);
  if (found === undefined) {
    found = false;
    visit(document, {
      StringValue({ value }) {
        found ||= !isKept(value);
      },
    });
    literals.set(document, found);
  }
  return found ? refusal('A text in the document holds') : undefined;
}

const isKept = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

function holdsUnkept(value: unknown): boolean {
  if (typeof value === 'string') return !isKept(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => !isKept(key) || holdsUnkept(inner));
}

function refusal(what: string): GraphQLError {
  return new GraphQLError(`${what} U+0000 or half of a surrogate pair, which no database keeps.`, {
    extensions: { code: 'ERR_BAD_REQUEST', http: { status: 400 } },
  });
}
