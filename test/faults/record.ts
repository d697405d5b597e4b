import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const RECORDER = fileURLToPath(new URL('./recorder.ts', import.meta.url));

/** Something that the server has said is done. */
export type Acknowledged =
  | { readonly did: 'text'; readonly by: string; readonly muid: string; readonly id: number; readonly text: string }
  | { readonly did: 'edit'; readonly id: number; readonly text: string }
  | { readonly did: 'delete'; readonly id: number }
  | { readonly did: 'react'; readonly by: string; readonly id: number; readonly reaction: string; readonly on: boolean }
  | { readonly did: 'belong'; readonly uid: string; readonly guid: string; readonly on: boolean };

/** A log of what was acknowledged, kept by a process of its own and synced to disk. */
export function openRecord(file: string) {
  const recorder = spawn(process.execPath, [RECORDER, file], { stdio: ['pipe', 'inherit', 'inherit'] });
  let count = 0;
  return {
    keep(one: Acknowledged): void {
      count += 1;
      recorder.stdin.write(`${JSON.stringify(one)}\n`);
    },
    count: () => count,
    /** Ends it; gives all that it has kept, in order. */
    async close(): Promise<Acknowledged[]> {
      const ended = once(recorder, 'exit');
      recorder.stdin.end();
      await ended;
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Acknowledged);
    },
  };
}

export type Recording = ReturnType<typeof openRecord>;
