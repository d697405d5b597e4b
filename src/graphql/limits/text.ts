import { type DocumentNode, type ExecutionArgs, GraphQLError, visit } from 'graphql';

const literals = new WeakMap<DocumentNode, boolean>();

/**
 * Refuses text that no database keeps faithfully, wherever an operation has it: in a variable or in the document. Every other text
 * comes back as it was sent.
 */
export function refuseUnkeptText({ document, variableValues }: ExecutionArgs): GraphQLError | undefined {
  for (const [name, value] of Object.entries(variableValues ?? {})) {
    if (holdsUnkept(value)) return refusal(`The variable $${name} holds`);
  }
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
  for (const [key, inner] of Object.entries(value)) if (!isKept(key) || holdsUnkept(inner)) return true;
  return false;
}

function refusal(what: string): GraphQLError {
  return new GraphQLError(`${what} U+0000 or half of a surrogate pair, which no database keeps.`, {
    extensions: { code: 'ERR_BAD_REQUEST', http: { status: 400 } },
  });
}
