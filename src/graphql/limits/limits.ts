import { GraphQLError } from 'graphql';
import type { Config } from '../../config.ts';

/** How much one document may ask for. */
export interface Limits {
  /** Words and signs in the document. */
  readonly tokens: number;
  /** Fields inside fields. */
  readonly depth: number;
  /** Fields given another name. */
  readonly aliases: number;
  /** Values that the answer could hold, with every page full. */
  readonly cost: number;
  /** Characters of text and JSON in the answer. */
  readonly characters: number;
  /** How long the answer may take, in seconds. */
  readonly seconds: number;
}

export const limitsOf = (config: Config): Limits => ({
  tokens: config.PARLEY_MAX_TOKENS,
  depth: config.PARLEY_MAX_DEPTH,
  aliases: config.PARLEY_MAX_ALIASES,
  cost: config.PARLEY_MAX_COST,
  characters: config.PARLEY_MAX_CHARACTERS,
  seconds: config.PARLEY_MAX_SECONDS,
});

/** The refusal of an operation that asks for too much. */
export const limitError = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'ERR_LIMIT_EXCEEDED' } });
