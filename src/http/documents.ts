import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { documentCache } from '../graphql/limits/document-cache.ts';

/** The documents that Yoga has parsed of late, by their text, and which of them it has found valid. */
export function createDocuments() {
  const parsed = documentCache<DocumentNode>();
  const valid = new WeakSet<DocumentNode>();
  const useValid: Plugin = {
    onValidate({ params: { documentAST } }) {
      return ({ valid: isValid }) => {
        if (isValid) valid.add(documentAST);
      };
    },
  };
  return {
    /** For Yoga's option of this name. */
    parserAndValidationCache: { documentCache: parsed, errorCache: documentCache() },
    /** For Yoga's plugins. */
    useValid,
    /** The document of a text, where it is known to be valid. */
    findValid(text: string): DocumentNode | undefined {
      const document = parsed.get(text);
      return document && valid.has(document) ? document : undefined;
    },
  };
}

export type Documents = ReturnType<typeof createDocuments>;
