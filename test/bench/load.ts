import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A body that is posted with a token. */
export interface Ask {
  readonly token: string;
  readonly body: string;
  /** What the answer has to be; where it is left out, an answer is right that holds data and no errors. */
  readonly expected?: string | undefined;
}

/** What one run of the load is to do, for so long or so many times. */
export type LoadOrder = {
  readonly port: number;
  readonly connections: number;
  /** What is asked: one after the other, then from the start again. */
  readonly asks: readonly Ask[];
  /** What somebody else asks for as long as it runs, on a connection of their own. */
  readonly beside?: Ask;
} & ({ readonly seconds: number } | { readonly times: number });

/** How long answers took, in ms. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What came of it. */
export interface LoadResult extends Latencies {
  readonly answers: number;
  /** Answers a second. */
  readonly rate: number;
  /** How long the answers took that somebody else got beside them, where somebody asked. */
  readonly beside?: Latencies | undefined;
}

/** A load in a process of its own. */
export interface Load {
  /** Does as ordered. Throws where an answer was not as it should be, or a connection broke. */
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
}

/** Starts one, that runs until it is stopped or this process ends. */
export function startLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load-program.ts'));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the load ended')));
  ended.catch(() => {}); // it ends in time, too
  return {
    async run(order) {
      child.send(order);
      const [result] = await Promise.race([once(child, 'message'), ended]);
      const { wrong, ...figures } = result as LoadResult & { readonly wrong?: string };
      if (wrong !== undefined) throw new Error(`an answer is not as it should be:\n${wrong}`);
      return figures;
    },
    stop: () => child.disconnect(),
  };
}
