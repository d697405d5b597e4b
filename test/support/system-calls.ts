import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';

const TRACED = 'read,write,writev,pwrite64,fsync,fdatasync';

/** What a server was seen to do, by the system calls that it made. */
export type Moment =
  | { readonly did: 'ask' | 'answer'; readonly socket: string }
  | { readonly did: 'write' | 'sync'; readonly file: string };

/** Runs a suite where strace works; in CI it must. */
export function withStrace(suite: () => void): void {
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0) describe('by its system calls', suite);
  else if (process.env['CI']) test('by its system calls', refuse);
  else describe.skip('by its system calls: left out, as strace is not there, or may not look on', suite);
}

function refuse() {
  throw new Error('in CI strace must be there, and be allowed to look on');
}

/** What starts a program and writes the system calls that it makes to a file, which is whole once that program's output has ended. */
export const tracingTo = (file: string): readonly string[] => [
  'strace',
  '-D',
  '-f',
  '-y',
  '-s',
  '16',
  '-e',
  'signal=none',
  '-e',
  `trace=${TRACED}`,
  '-o',
  file,
];

/**
 * The moments in a trace, in order: each POST that arrived and each 200 that left, and what was written to files and reached the disk.
 * Of a call that took a while, an answer counts from when it began, everything else from when it had succeeded.
 */
export function momentsIn(trace: string): Moment[] {
  const begun = new Map<string, string>();
  return trace.split('\n').flatMap((line): Moment[] => {
    const [, thread = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (call.endsWith('<unfinished ...>')) {
      const start = call.replace(/ *<unfinished \.\.\.>$/, '');
      begun.set(thread, start);
      return answersIn(start);
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(call)?.[1];
    if (rest === undefined) return [...answersIn(call), ...endedIn(call)];
    return endedIn(`${begun.get(thread)}${rest}`);
  });
}

function answersIn(call: string): Moment[] {
  const socket = /^writev?\(\d+<([^>]*)>, (?:\[\{iov_base=)?"HTTP\/1\.1 200/.exec(call)?.[1];
  return socket ? [{ did: 'answer', socket }] : [];
}

function endedIn(call: string): Moment[] {
  const [, name = '', about = ''] = /^(\w+)\(\d+<([^>]*)>.* = \d+$/.exec(call) ?? [];
  if (name === 'read') return call.includes('>, "POST ') ? [{ did: 'ask', socket: about }] : [];
  if (name === 'pwrite64') return [{ did: 'write', file: about }];
  return name.endsWith('sync') ? [{ did: 'sync', file: about }] : [];
}
