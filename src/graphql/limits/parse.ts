import { type DocumentNode, GraphQLError, type ParseOptions, parse, type Source } from 'graphql';
import { limitError } from './limits.ts';

const TOO_MANY_TOKENS = /more than \d+ tokens/;

/** A parser that stops at a document's first token too many, survives any nesting, and gives its errors their code. */
export function parseWithin(tokens: number) {
  return (source: string | Source, options?: ParseOptions): DocumentNode => {
    try {
      return parse(source, { ...options, maxLexicalTokens: tokens });
    } catch (error) {
      if (error instanceof RangeError) throw limitError('The document is nested too deeply to be read.');
      if (error instanceof GraphQLError && TOO_MANY_TOKENS.test(error.message)) {
        throw limitError(`The document is too long: ${tokens} tokens at the most.`);
      }
      if (error instanceof GraphQLError) Object.assign(error.extensions, { code: 'GRAPHQL_PARSE_FAILED' });
      throw error;
    }
  };
}
