import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Data } from './history.ts';
import type { Options } from './options.ts';
import { randomFrom } from './random.ts';

const PEOPLE = { full: 5_000, smoke: 100 };
const PEOPLE_A_GROUP = 25;
const MEMBERS_MAX = 200;
const FRIENDS = 8; // after each, and so as many before
const TO_GROUPS = 0.6;
const REACTED = 10; // each tenth message
const BLOCK = 1_000;
const START = 1_600_000_000;

/** A word that one message in four has, and one that one in a thousand has. */
export const WORDS = { common: 'tomorrow', rare: 'xylophone' };

const VOCABULARY = Array.from({ length: 2_000 }, (_, n) => `word${n.toString(36)}`);

/**
 * A made-up database of so many messages: always the same people (5,000), groups (200, of 200 members) and pairs who write to each
 * other (40,000), so that only the histories grow with the messages. It comes by `parley import`, and stays in the folder where one is
 * named.
 */
export async function makeHistory({ messages, folder, smoke }: Options & { readonly messages: number }): Promise<Data> {
  const people = smoke ? PEOPLE.smoke : PEOPLE.full;
  const data = {
    file: join(folder ?? scratch(), `made-${messages}-${people}.db`),
    viewer: 'person-0',
    guid: 'group-0',
  };
  if (existsSync(data.file)) return data;
  if (folder) mkdirSync(folder, { recursive: true });
  const part = `${data.file}-part`;
  for (const rest of [part, `${part}-wal`, `${part}-shm`]) rmSync(rest, { force: true }); // of a run that was cut off
  console.error(`Making a database of ${messages.toLocaleString('en')} messages: ${data.file}`);
  await importLines(part, inBlocks(linesOf(messages, people)));
  renameSync(part, data.file);
  return data;
}

let made: string | undefined;
function scratch(): string {
  if (made) return made;
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-made-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  made = folder;
  return folder;
}

async function importLines(database: string, blocks: Iterable<string>): Promise<void> {
  const env = { ...process.env, PARLEY_DATABASE: database };
  const child = spawn(process.execPath, ['src/main.ts', 'import', '-'], { env, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await pipeline(Readable.from(blocks), child.stdin);
  if ((await ended) !== 0) throw new Error('the import of a made-up history failed');
}

function* inBlocks(lines: Iterable<readonly [kind: string, value: object]>): Generator<string> {
  let block: string[] = [];
  for (const [kind, value] of lines) {
    block.push(JSON.stringify({ kind, value }));
    if (block.length < BLOCK) continue;
    yield `${block.join('\n')}\n`;
    block = [];
  }
  yield `${block.join('\n')}\n`;
}

const person = (n: number) => `person-${n}`;

function* linesOf(messages: number, people: number): Generator<readonly [kind: string, value: object]> {
  const [groups, members] = [people / PEOPLE_A_GROUP, Math.min(MEMBERS_MAX, people)];
  const memberOf = (group: number, k: number) => (group * PEOPLE_A_GROUP + k) % people;
  for (let n = 0; n < people; n++) yield ['user', { uid: person(n), name: `Person ${n}` }];
  for (let g = 0; g < groups; g++) {
    const guid = `group-${g}`;
    yield ['group', { guid, name: `Group ${g}`, type: 'public', owner: person(memberOf(g, 0)), createdAt: START }];
    for (let k = 0; k < members; k++) {
      yield ['groupMember', { guid, uid: person(memberOf(g, k)), scope: 'participant', joinedAt: START }];
    }
  }

  const random = randomFrom(1);
  const below = (n: number) => Math.floor(random() * n);
  const pairs = people * FRIENDS;
  const halfway = { group: new Map<number, number>(), pair: new Map<number, number>() };
  let nextPair = 0;
  let reacted: [id: number, uids: readonly [string, string]][] = [];
  for (let id = 1; id <= messages; id++) {
    const common = { id, category: 'message', type: 'text', text: textOf(below), sentAt: START + id };
    if (random() < TO_GROUPS) {
      const group = below(groups);
      const sender = memberOf(group, below(members));
      yield ['message', { ...common, sender: person(sender), receiver: `group-${group}`, receiverType: 'group' }];
      if (id >= messages / 2 && !halfway.group.has(group)) halfway.group.set(group, id);
      if (id % REACTED === 0) reacted.push([id, [person(memberOf(group, 1)), person(memberOf(group, 2))]]);
    } else {
      const pair = nextPair < pairs ? nextPair++ : below(pairs); // each pair has written at least once
      const [one, other] = below(2) ? partiesOf(pair, people) : partiesOf(pair, people).reverse();
      yield ['message', { ...common, sender: one, receiver: other, receiverType: 'user' }];
      if (!halfway.pair.has(pair)) halfway.pair.set(pair, id);
    }
    if (id % BLOCK > 0 && id < messages) continue;
    for (const [messageId, uids] of reacted) {
      for (const uid of uids) yield ['reaction', { messageId, uid, reaction: '👍', reactedAt: START + messageId }];
    }
    reacted = [];
  }

  // Each fourth person has read half of what was written in their groups, and the first of what one in eight friends wrote.
  for (const [group, lastReadMessageId] of halfway.group) {
    for (let k = 0; k < members; k++) {
      const n = memberOf(group, k);
      if (n % 4 > 0) continue;
      yield ['conversation', { receiverType: 'group', receiver: `group-${group}`, uid: person(n), lastReadMessageId }];
    }
  }
  for (const [pair, lastReadMessageId] of halfway.pair) {
    const [uid, receiver] = partiesOf(pair, people);
    if (pair % FRIENDS === 0) yield ['conversation', { receiverType: 'user', receiver, uid, lastReadMessageId }];
  }
}

/** The two of a pair, as uids. */
function partiesOf(pair: number, people: number): [string, string] {
  const one = Math.floor(pair / FRIENDS);
  return [person(one), person((one + 1 + (pair % FRIENDS)) % people)];
}

function textOf(below: (n: number) => number): string {
  const words = Array.from({ length: 6 + below(8) }, () => VOCABULARY[below(VOCABULARY.length)]);
  if (below(4) === 0) words.push(WORDS.common);
  if (below(1_000) === 0) words.push(WORDS.rare);
  return words.join(' ');
}
