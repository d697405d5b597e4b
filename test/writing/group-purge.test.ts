import { describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { checkAll } from '../../src/transfer/check-service.ts';
import { exportAll } from '../../src/transfer/export-service.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { createClient } from '../support/client.ts';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, reaction, save, text, user } from '../support/lines.ts';
import { serveParley } from '../support/parley.ts';
import { type Line, seed } from '../support/seed.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

/** What the database still holds of messages' content, marks and members' standings in conversations of deleted groups. */
async function remains({ db }: TestServer) {
  const { messages, conversations, groups, marks, participants, reactions } = db.read.t;
  const all = await db.read.db.select().from(groups);
  const gone = all.filter(({ deletedAt }) => deletedAt !== null).map(({ id }) => id);
  const places = (await db.read.db.select().from(conversations)).filter(({ groupId }) => gone.includes(groupId ?? 0));
  const ids = places.map(({ id }) => id);
  const within = <Row extends { conversationId: number }>(rows: readonly Row[]) =>
    rows.filter(({ conversationId }) => ids.includes(conversationId));
  const kept = within(await db.read.db.select().from(messages));
  const reacted = await db.read.db.select().from(reactions);
  return {
    groups: all
      .filter(({ id }) => gone.includes(id))
      .map(({ name, description, icon, tags }) => ({ name, description, icon, tags })),
    places: kept.length,
    contents: kept.filter(({ purged, text: words }) => !purged || words !== null).length,
    reactions: reacted.filter(({ messageId }) => kept.some(({ id }) => id === messageId)).length,
    marks: within(await db.read.db.select().from(marks)).length,
    participants: within(await db.read.db.select().from(participants)).length,
  };
}

const NOTHING = { contents: 0, reactions: 0, marks: 0, participants: 0 };
const NO_WORDS = { name: '', description: null, icon: null, tags: [] };

eachDialect((dialect) => {
  async function world(lines: readonly Line[] = WORLD): Promise<Asker> {
    const server = await serverForTest({ dialect, lines, env: { LOG_LEVEL: 'error' } });
    return askerOf(() => server);
  }
  const gone = (ask: Asker, places: number) =>
    vi.waitFor(
      async () => expect(await remains(ask.server())).toEqual({ ...NOTHING, places, groups: [NO_WORDS] }),
      10_000,
    );

  describe('what a deleted group held', () => {
    test('is removed, and the places of its messages stay', async () => {
      const ask = await world();
      await ask.run('ada', 'deleteGroup', { guid: 'plaza' }, 'guid');
      await gone(ask, 12);
      expect(await checkAll(ask.server().db)).toEqual([]);
    });

    test('is removed however much it is, while others write', async () => {
      const people = Array.from({ length: 450 }, (_, n) => `p${n}`);
      const ask = await world([
        ...['ada', ...people].map((uid) => user(uid, uid)),
        group('team', 'Team', 'ada'),
        ...people.map((uid) => member('team', uid)),
        ...people.map((uid, n) => text(n + 1, uid, { group: 'team' }, 'Hi', { metadata: { n }, readAt: 5 })),
        ...people.map((uid) => reaction({ messageId: '7', uid, reaction: '👍', reactedAt: 1 })),
        ...people.map((uid) => save({ messageId: '8', uid, savedAt: 1 })),
      ]);
      await ask.run('ada', 'deleteGroup', { guid: 'team' }, 'guid');
      await ask.run(
        'p1',
        'sendTextMessage',
        { receiverType: 'USER', receiverId: 'p2', text: 'Meanwhile' },
        'message { id }',
      );
      await gone(ask, 450);
      expect(await checkAll(ask.server().db)).toEqual([]);
    });

    test('is seen by nobody, API keys included, from the moment of its deletion', async () => {
      const ask = await world();
      const document = `{ message(id: "202") { id } node(id: "301") { id } call(sessionId: "session-210") { id }
        searchMessages(filter: {search: "plan"}) { nodes { id } } group(guid: "cellar") { guid } groups(search: "cellar") { nodes { guid } } }`;
      const nothing = { node: null, group: null, searchMessages: { nodes: [] }, groups: { nodes: [] } };
      const before = await ask.data('KEY', document);
      expect(before.node).toEqual({ id: '301' });
      const deleted = ask.run('bob', 'deleteGroup', { guid: 'cellar' }, 'guid');
      await deleted;
      for (const as of ['KEY', 'bob', 'ada']) expect(await ask.data(as, document)).toMatchObject(nothing);
      await gone(ask, 2);
      for (const as of ['KEY', 'bob', 'ada']) expect(await ask.data(as, document)).toMatchObject(nothing);
    });

    test('is in no export', async () => {
      const ask = await world();
      const { db } = ask.server();
      await ask.run('bob', 'deleteGroup', { guid: 'cellar' }, 'guid');
      const exported = async () => {
        const pieces: string[] = [];
        await exportAll(db, async (piece) => void pieces.push(piece));
        return pieces.join('');
      };
      const early = await exported();
      expect(early).not.toMatch(/cellar|secret plan/i);
      await gone(ask, 2);
      expect(await exported()).toBe(early);
      const other = await openDatabase(await databaseForTest(dialect), 'write');
      await seed(
        other,
        early
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
      expect(await checkAll(other)).toEqual([]);
      await other.close();
    });

    test('leaves the muids that were used there taken', async () => {
      const ask = await world();
      const to = { receiverType: 'GROUP', receiverId: 'agora' };
      await ask.run('ada', 'sendTextMessage', { ...to, text: 'Once', muid: 'once' }, 'message { id }');
      await ask.run('ada', 'deleteGroup', { guid: 'agora' }, 'guid');
      await gone(ask, 1);
      const again = { receiverType: 'USER', receiverId: 'bob', text: 'Again', muid: 'once' };
      expect(await ask.refusal('ada', 'sendTextMessage', again)).toBe('ERR_BAD_REQUEST');
    });
  });

  test('a group whose removal was broken off goes at the next start', async () => {
    const database = await databaseForTest(dialect);
    const db = await openDatabase(database, 'write');
    const numbers = Array.from({ length: 3_000 }, (_, n) => n + 1);
    await seed(db, [
      user('ada', 'Ada'),
      group('team', 'Team', 'ada'),
      ...numbers.map((n) => text(n, 'ada', { group: 'team' }, 'Hi')),
    ]);
    const env = { PARLEY_DATABASE: database, PARLEY_API_KEY: 'a key of this test alone' };
    await db.close();
    const first = await serveParley(env);
    const ask = createClient(first.url, env.PARLEY_API_KEY);
    const { errors } = await ask('mutation { deleteGroup(input: {guid: "team"}) { guid } }');
    expect(errors).toEqual([]);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const reading = await openDatabase(database, 'read');
    const broken = await remains({ db: reading } as TestServer);
    expect(broken.contents).toBeGreaterThan(0);
    await serveParley(env);
    await vi.waitFor(async () => expect(await remains({ db: reading } as TestServer)).toMatchObject(NOTHING), 20_000);
    await reading.close();
  });
});
