import { LineError } from './fields.ts';
import type { Line } from './lines.ts';
import { type Draft, parseLine } from './parse.ts';

/** A line that was not taken, and why. */
export interface BadLine {
  readonly number: number;
  readonly problem: string;
}

export type NumberedDraft = Draft & { readonly number: number };

/** Some lines of a file, parsed: all of it is JSON. */
export interface ParsedLines {
  /** How many they were. */
  readonly count: number;
  readonly drafts: readonly NumberedDraft[];
  readonly badLines: readonly BadLine[];
}

/** Parses lines; what is wrong with one stands among `badLines`. */
export function parseLines(lines: readonly Line[]): ParsedLines {
  const drafts: NumberedDraft[] = [];
  const badLines: BadLine[] = [];
  for (const line of lines) {
    const { number } = line;
    if ('problem' in line) badLines.push({ number, problem: line.problem });
    else refusing(badLines, number, () => drafts.push({ number, ...parseLine(line.text) }));
  }
  return { count: lines.length, drafts, badLines };
}

/** Notes what the job says is wrong with the line. */
export function refusing(badLines: BadLine[], number: number, job: () => void): void {
  try {
    job();
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    badLines.push({ number, problem: error.message });
  }
}
