import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A database to measure on. */
export interface Data {
  readonly file: string;
  /** Who may ask: one or more. */
  readonly viewers: readonly Viewer[];
}

/** Somebody with 20 conversations or more, and a group of theirs. */
export interface Viewer {
  readonly uid: string;
  readonly guid: string;
}

/** Who asks in the benchmarks: a member of the group, with 40 conversations of their own. */
export const VIEWER = 'bench-viewer';
const CONVERSATIONS = 40;

/** Where the history comes from: the real one where PARLEY_BENCH_DATA names it, else a small excerpt of it. */
export const historyFile = (): string => process.env['PARLEY_BENCH_DATA'] ?? 'test/data/ubuntu-irc-excerpt.ndjson';

let prepared: Promise<string> | undefined;

/** A database with the history and what the viewer of the benchmarks has besides; made once, gone with the process. */
export const prepareHistory = (): Promise<string> => (prepared ??= prepare());

async function prepare(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const database = join(folder, 'parley.db');
  const extra = join(folder, 'extra.ndjson');
  writeFileSync(
    extra,
    viewerLines()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  for (const file of [historyFile(), extra]) {
    const env = { ...process.env, PARLEY_DATABASE: database };
    await promisify(execFile)(process.execPath, ['src/main.ts', 'import', file], { env });
  }
  return database;
}

function viewerLines() {
  const others = Array.from({ length: CONVERSATIONS }, (_, n) => `bench-${n}`);
  const first = 10_000_000;
  const receiver = { receiver: VIEWER, receiverType: 'user' };
  const text = { category: 'message', type: 'text', sentAt: 1_700_000_000 };
  return [
    { kind: 'user', value: { uid: VIEWER, name: 'Viewer' } },
    ...others.map((uid) => ({ kind: 'user', value: { uid, name: uid } })),
    { kind: 'groupMember', value: { guid: 'ubuntu', uid: VIEWER, scope: 'participant', joinedAt: 1_700_000_000 } },
    ...others.flatMap((sender, n) =>
      [0, 1, 2].map((k) => ({
        kind: 'message',
        value: { id: first + n * 3 + k, sender, ...receiver, ...text, text: `message ${k} of ${sender}` },
      })),
    ),
    ...others.map((uid, n) => ({
      kind: 'conversation',
      value: { receiverType: 'user', receiver: uid, uid: VIEWER, lastReadMessageId: first + n * 3 },
    })),
    ...reactions(first + 1_000_000),
  ];
}

/** The newest page of the group: 50 messages, each with reactions. */
function reactions(first: number) {
  const sender = VIEWER;
  const group = { receiver: 'ubuntu', receiverType: 'group', category: 'message', type: 'text', sentAt: 1_700_000_001 };
  const ids = Array.from({ length: 50 }, (_, n) => first + n);
  return [
    ...ids.map((id, n) => ({
      kind: 'message',
      value: { id, sender: n % 2 ? sender : `bench-${n % 40}`, ...group, text: `new ${n}` },
    })),
    ...ids.flatMap((messageId) =>
      ['👍', '🎉'].flatMap((reaction) =>
        [VIEWER, 'bench-1', 'bench-2'].map((uid) => ({
          kind: 'reaction',
          value: { messageId, uid, reaction, reactedAt: 1_700_000_002 },
        })),
      ),
    ),
  ];
}
