import type { Handle } from '../store/handle.ts';

/** Something that must hold. `differences` selects a row for each case where it does not, told in the column `what`. */
export interface Check {
  readonly name: string;
  /** One text for both databases, or one for each that it applies to. */
  readonly differences: string | { readonly [dialect in Handle['dialect']]?: string };
}

/** What was found wrong: how many cases, and the first of them. */
export interface Finding {
  readonly name: string;
  readonly count: number;
  readonly examples: readonly string[];
}

export const EXAMPLES_MAX = 10;
