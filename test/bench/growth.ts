import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, parse } from 'graphql';
import { createApp } from '../../src/app.ts';
import { createContext } from '../../src/graphql/context.ts';
import { schema } from '../../src/schema.ts';
import { openDatabase } from '../../src/store/open.ts';
import type { Viewer } from '../../src/viewer.ts';
import { type Line, seed } from '../support/seed.ts';
import { type Figure, median, race, SMOKE } from './measure.ts';
import type { Options } from './options.ts';

const SMALL = { guid: 'small', members: 100, messages: 100 };
const LARGE = { guid: 'large', members: 20_000, messages: 200_000 };
const SMALLER = { guid: 'large', members: 1_000, messages: 1_000 };
const ROUNDS = 9;
const SENDS = 2_000;
const AT_ONCE = 64;
const LINES_AT_ONCE = 20_000;

const page = (guid: string) =>
  parse(`{ group(guid: "${guid}") { conversation { messages(last: 50) { nodes {
    id sentAt sender { uid name } ... on TextMessage { text } reactions { reaction count } } } } } }`);
const unread = (guid: string) => parse(`{ group(guid: "${guid}") { conversation { unreadMessageCount } } }`);

/** What a send, a page and an unread count cost in a conversation of 200,000 messages and 20,000 members, and in one of 100. */
export async function run({ smoke }: Options): Promise<Figure[]> {
  const large = smoke ? SMALLER : LARGE;
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-growth-'));
  const db = await openDatabase(join(folder, 'growth.db'), 'write');
  try {
    for (const batch of batches(large)) await seed(db, batch);
    const services = createApp(db);
    const viewerOf = async (uid: string): Promise<Viewer> => {
      const user = await services.users.findAny(uid);
      assert(user);
      return { kind: 'user', id: user.id, uid, byKey: false };
    };
    const viewer = await viewerOf('member-1');
    const ask = (document: ReturnType<typeof parse>) => () => {
      const answer = execute({ schema, document, contextValue: createContext(services, viewer) });
      assert(!(answer instanceof Promise) && !answer.errors, JSON.stringify(answer));
    };
    const length = smoke ? SMOKE : undefined;
    const pages = race({ small: ask(page('small')), large: ask(page('large')) }, length);
    const counts = race({ small: ask(unread('small')), large: ask(unread('large')) }, length);
    const senders = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => viewerOf(`member-${n}`)));
    const sends = smoke ? AT_ONCE : SENDS;
    const send = async (guid: string) => {
      const before = process.cpuUsage();
      for (let n = 0; n < sends; n += AT_ONCE) {
        const to = {
          receiverType: 'group',
          receiverId: guid,
          text: 'The quick brown fox jumps over the lazy dog',
        } as const;
        await Promise.all(senders.map((sender) => services.sending.sendText(sender, to)));
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / sends;
    };
    const [toSmall, toLarge]: [number[], number[]] = [[], []];
    for (let round = 0; round <= (smoke ? 1 : ROUNDS); round++) {
      const taken = [await send('small'), await send('large')] as const;
      if (round === 0) continue; // it warms up
      toSmall.push(taken[0]);
      toLarge.push(taken[1]);
    }
    const figure = (what: string, value: number): Figure => ({
      what: `${what}: ${shape(large)} : ${shape(SMALL)}`,
      value: Number(value.toFixed(2)),
      unit: '×',
      promised: '≤ 1.3',
    });
    return [
      figure('a send', median(toLarge) / median(toSmall)),
      figure('a page of 50', pages.large / pages.small),
      figure('an unread count', counts.large / counts.small),
    ];
  } finally {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const shape = ({ messages, members }: typeof LARGE) =>
  `${messages.toLocaleString('en')} messages and ${members.toLocaleString('en')} members`;

/** The lines of both conversations, some at a time. */
function* batches(large: typeof LARGE): Generator<Line[]> {
  let batch: Line[] = [];
  for (const line of lines(large)) {
    batch.push(line);
    if (batch.length < LINES_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function* lines(large: typeof LARGE): Generator<Line> {
  for (let n = 0; n < large.members; n++) yield { kind: 'user', value: { uid: `member-${n}`, name: `Member ${n}` } };
  let id = 0;
  for (const { guid, members, messages } of [SMALL, large]) {
    yield { kind: 'group', value: { guid, name: guid, type: 'public', owner: 'member-0', createdAt: 1_700_000_000 } };
    for (let n = 0; n < members; n++) {
      yield { kind: 'groupMember', value: { guid, uid: `member-${n}`, scope: 'participant', joinedAt: 1_700_000_000 } };
    }
    for (let n = 0; n < messages; n++) {
      id += 1;
      const sender = `member-${n % members}`;
      const text = `message ${n} of a long history`;
      const where = { receiver: guid, receiverType: 'group', category: 'message', type: 'text' };
      yield { kind: 'message', value: { id, sender, ...where, text, sentAt: 1_700_000_000 + n } };
    }
  }
}
