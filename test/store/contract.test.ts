import { eq, placeholder as ph, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, type Handle, store } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createDatabase } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';

/** A slice's store in small, to try the contract with. */
const notes = store(({ db, t: { meta }, one, all }) => ({
  find: one(
    () =>
      db
        .select()
        .from(meta)
        .where(eq(meta.name, ph('name'))),
    (name: string) => ({ name }),
  ),
  list: all(
    () =>
      db
        .select()
        .from(meta)
        .where(sql`${meta.name} like ${ph('like')}`)
        .orderBy(meta.name),
    (like: string) => ({ like }),
  ),
  add: one(
    () =>
      db
        .insert(meta)
        .values({ name: ph('name'), value: ph('value') })
        .returning(),
    (name: string, value: string) => ({ name, value }),
  ),
}));

const people = store(({ db, t: { users, groups }, all, sql: { among, contains, overlaps } }) => ({
  byUids: all(
    () =>
      db
        .select()
        .from(users)
        .where(among(users.uid, ph('uids')))
        .orderBy(users.sortKey),
    (uids: readonly string[]) => ({ uids }),
  ),
  withTags: all(
    () =>
      db
        .select({ uid: users.uid })
        .from(users)
        .where(overlaps(users.tags, ph('tags')))
        .orderBy(users.sortKey),
    (tags: readonly string[]) => ({ tags }),
  ),
  named: all(
    () =>
      db
        .select({ uid: users.uid })
        .from(users)
        .where(contains(users.name, ph('text')))
        .orderBy(users.sortKey),
    (text: string) => ({ text }),
  ),
  withGroup: all(
    () =>
      db
        .select({ uid: users.uid, guid: groups.guid })
        .from(users)
        .leftJoin(groups, eq(groups.ownerId, users.id))
        .where(among(users.uid, ph('uids'))),
    (uids: readonly string[]) => ({ uids }),
  ),
}));

const person = (uid: string, more: object = {}) => ({ uid, sortKey: uid, name: uid, tags: [], createdAt: 1, ...more });
const add = (db: Database, ...rows: ReturnType<typeof person>[]) =>
  db.write('people', (tx) => tx.insertMany(tx.t.users, rows));

class Refused extends Error {}

eachDialect((dialect) => {
  let db: Database;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const made = await createDatabase(dialect);
    drop = made.drop;
    db = await openDatabase(made.name, 'write');
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  test('a refused job undoes what it did, and leaves its neighbours alone', async () => {
    const jobs = Array.from({ length: 64 }, (_, n) =>
      db.write('room', async (tx) => {
        await notes(tx).add(`neighbour ${n}`, '');
        if (n % 4 === 0) throw new Refused();
      }),
    );
    const failed = (await Promise.allSettled(jobs)).filter((result) => result.status === 'rejected');
    expect(failed.map(({ reason }) => reason instanceof Refused)).toEqual(Array(16).fill(true));
    expect(await notes(db.read).list('neighbour %')).toHaveLength(48);
  });

  test('a job that breaks a rule of the tables fails, and the next one works', async () => {
    const twice = () => db.write('room', (tx) => notes(tx).add('only one', ''));
    const results = await Promise.allSettled([twice(), twice()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await db.write('room', (tx) => notes(tx).add('another', ''))).toEqual({ name: 'another', value: '' });
  });

  test('a job that lost a race for a unique key runs again, and finds the winner', async () => {
    const send = (scope: number) =>
      db.write(
        `room ${scope}`,
        async (tx) => (await notes(tx).find('raced')) ?? (await notes(tx).add('raced', `${scope}`)),
      );
    const rows = await Promise.all(Array.from({ length: 16 }, (_, n) => send(n)));
    expect(new Set(rows.map((row) => row?.value)).size).toBe(1);
  });

  test('nobody sees rows before they are committed, and everybody after', async () => {
    const seen = await db.write('room', async (tx) => {
      await notes(tx).add('hidden', '');
      return await notes(db.read).find('hidden');
    });
    expect(seen).toBeUndefined();
    expect(await notes(db.read).find('hidden')).toEqual({ name: 'hidden', value: '' });
  });

  test('the jobs of one scope run one after the other', async () => {
    let running = 0;
    const job = async (tx: Handle) => {
      const beside = running++;
      await notes(tx).find('anything');
      running--;
      return beside;
    };
    expect(await Promise.all([1, 2, 3, 4].map(() => db.write('room', job)))).toEqual([0, 0, 0, 0]);
  });

  test('a snapshot does not see what is committed meanwhile', async () => {
    const found = await db.snapshot(async (read) => {
      const before = await notes(read).list('meanwhile');
      await db.write('room', (tx) => notes(tx).add('meanwhile', ''));
      return [before, await notes(read).list('meanwhile')];
    });
    expect(found).toEqual([[], []]);
    expect(await notes(db.read).list('meanwhile')).toHaveLength(1);
  });

  test('values come back as they were given', async () => {
    const metadata = [null, '"1"', { z: 1, a: [null, { '': 'é\u2028"' }] }, 0, false, ''];
    await add(
      db,
      ...metadata.map((value, n) => person(`value-${n}`, { metadata: value, tags: ['"', 'a,b', `{${n}`] })),
    );
    const rows = await people(db.read).byUids(metadata.map((_, n) => `value-${n}`));
    expect(rows.map((row) => JSON.stringify(row.metadata))).toEqual(metadata.map((value) => JSON.stringify(value)));
    expect(rows.map((row) => row.tags)).toEqual(metadata.map((_, n) => ['"', 'a,b', `{${n}`]));
    expect(rows[0]).toMatchObject({ avatar: null, credits: null, createdAt: 1 });
  });

  test('lists of any length go in as one parameter, and text is compared byte by byte', async () => {
    const names = ['\u{1F600}', 'Z', '\uFFFD', 'a', 'é', '%_', 'b'];
    await add(
      db,
      ...names.map((name, n) => person(`listed-${n}`, { name, sortKey: name, tags: [`t${n % 2}`, 'listed'] })),
    );
    const uids = names.map((_, n) => `listed-${n}`);
    const rows = await people(db.read).byUids([...uids, 'nobody', ...Array(2_000).fill('x')]);
    expect(rows.map(({ name }) => name)).toEqual(['%_', 'Z', 'a', 'b', 'é', '\uFFFD', '\u{1F600}']);
    expect(await people(db.read).byUids([])).toEqual([]);
    expect(await people(db.read).withTags(['t1', 'unknown'])).toHaveLength(3);
    expect(await people(db.read).named('%')).toEqual([{ uid: 'listed-5' }]);
  });

  test('what a joined row lacks is null', async () => {
    await add(db, person('alone'));
    expect(await people(db.read).withGroup(['alone'])).toEqual([{ uid: 'alone', guid: null }]);
  });

  test('a number that was handed out never comes again', async () => {
    const reserve = (count: number) => db.write('numbers', (tx) => tx.reserve(tx.t.users, count));
    const [first, second] = await Promise.all([reserve(3), reserve(2)]);
    const taken = [...first, ...second];
    const refused = db.write('numbers', async (tx) =>
      Promise.reject(new Refused(`${await tx.reserve(tx.t.users, 1)}`)),
    );
    await expect(refused).rejects.toThrow(Refused);
    const uid = 'numbered';
    await db.write('numbers', (tx) => tx.insertMany(tx.t.users, [{ ...person(uid), id: Math.max(...taken) }]));
    await add(db, person('numbered-next'));
    const [row] = await people(db.read).byUids(['numbered-next']);
    expect(new Set(taken).size).toBe(5);
    expect(row?.id).toBeGreaterThan(Math.max(...taken));
  });

  test('a search finds the rows that have every word, in the conversations asked for', async () => {
    await db.write('words', async (tx) => {
      const [room, sender] = [await tx.reserve(tx.t.conversations, 2), await tx.reserve(tx.t.users, 1)];
      await tx.insertMany(
        tx.t.users,
        sender.map((id) => ({ ...person('writer'), id })),
      );
      await tx.insertMany(
        tx.t.conversations,
        room.map((id) => ({ id, createdAt: 1, updatedAt: 1 })),
      );
      const texts = [
        ['red', 'fox'],
        ['red', 'hen'],
        ['fox', 'red', 'red'],
      ];
      const rows = texts.map((words, n) => ({ id: n + 1, words: [...words, `c:${room[n % 2]}`] }));
      await tx.insertMany(
        tx.t.messages,
        rows.map(({ id }, n) => message(id, room[n % 2] ?? 0, sender[0] ?? 0)),
      );
      await tx.putWords(rows);
      await tx.putWords([{ id: 2, words: ['blue', 'hen', `c:${room[1]}`] }]);
    });
    const [one, two] = await db.write('words', (tx) => rooms(tx).all());
    const search = (words: string[], scope?: number[]) => rooms(db.read).search(db.read.sql.matchQuery(words, scope));
    expect(await search(['red'])).toEqual([{ id: 1 }, { id: 3 }]);
    expect(await search(['hen', 'blue'])).toEqual([{ id: 2 }]);
    expect(await search(['fox', 'red'], [two?.id ?? 0])).toEqual([]);
    expect(await search(['fox', 'red'], [one?.id ?? 0, two?.id ?? 0])).toEqual([{ id: 1 }, { id: 3 }]);
    await db.write('words', (tx) => tx.putWords([{ id: 1, words: [] }]));
    expect(await search(['red'])).toEqual([{ id: 3 }]);
  });

  test.each([false, true])(
    'jobs beside each other leave the words of their messages, and no others: one refused %s',
    async (refused) => {
      const [word, first] = [refused ? 'beside' : 'alone', refused ? 20 : 10];
      const [room] = await db.write('words', (tx) => tx.reserve(tx.t.conversations, 1));
      const [sender] = await db.write('words', (tx) => tx.reserve(tx.t.users, 1));
      await db.write('words', async (tx) => {
        await tx.insertMany(tx.t.users, [{ ...person(`speaker-${word}`), id: sender }]);
        await tx.insertMany(tx.t.conversations, [{ id: room, createdAt: 1, updatedAt: 1 }]);
      });
      const say = (n: number, then: (tx: Handle) => unknown = () => {}) =>
        db.write('words', async (tx) => {
          await tx.insertMany(tx.t.messages, [message(first + n, room ?? 0, sender ?? 0)]);
          await tx.addWords([{ id: first + n, words: `${word} w${first + n}` }]);
          await then(tx);
        });
      const refuse = () => Promise.reject(new Refused());
      const edit = (tx: Handle) => tx.putWords([{ id: first + 3, words: [word, 'edited'] }]);
      const remove = (tx: Handle) => rooms(tx).remove(first + 4);
      await Promise.allSettled([say(1), say(2, refused ? refuse : undefined), say(3, edit), say(4, remove)]);
      const kept = [first + 1, ...(refused ? [] : [first + 2]), first + 3];
      const find = (words: string[]) => rooms(db.read).indexed(db.read.sql.matchQuery(words));
      expect(await find([word])).toEqual(kept.map((id) => ({ id })));
      expect(await find([word, 'edited'])).toEqual([{ id: first + 3 }]);
      expect(await find([`w${first + 3}`])).toEqual([]);
    },
  );

  test('a statement is told of the parameter it lacks', async () => {
    const incomplete = store(({ db, t: { meta }, all }) => ({
      find: all(
        () =>
          db
            .select()
            .from(meta)
            .where(eq(meta.name, ph('name'))),
        () => ({}),
      ),
    }));
    await expect(async () => incomplete(db.read).find()).rejects.toThrow('name');
  });

  if (dialect === 'sqlite') onSqlite(() => db);
});

const rooms = store(({ db, t: { conversations, messages }, all, sql: { words } }) => ({
  /** What the index itself has, whether there is a message or not. */
  indexed: all(
    () =>
      db
        .select({ id: sql<number>`${words.id}`.mapWith(Number) })
        .from(words.table)
        .where(words.match(ph('query')))
        .orderBy(words.id),
    (query: string) => ({ query }),
  ),
  remove: all(
    () =>
      db
        .delete(messages)
        .where(eq(messages.id, ph('id')))
        .returning({ id: messages.id }),
    (id: number) => ({ id }),
  ),
  all: all(
    () => db.select({ id: conversations.id }).from(conversations).orderBy(conversations.id),
    () => ({}),
  ),
  search: all(
    () =>
      db
        .select({ id: messages.id })
        .from(messages)
        .innerJoin(words.table, eq(words.id, messages.id))
        .where(words.match(ph('query')))
        .orderBy(messages.id),
    (query: string) => ({ query }),
  ),
}));

function message(id: number, conversationId: number, senderId: number) {
  const kind = { category: 'message', type: 'text' } as const;
  return { id, conversationId, senderId, ...kind, seq: id, counted: id, tags: [], sentAt: 1 };
}

const durability = store(({ db, one }) => ({
  level: one(
    () => db.select({ level: sql<number>`synchronous` }).from(sql`pragma_synchronous`),
    () => ({}),
  ),
}));

/** What SQLite promises beyond that. */
function onSqlite(db: () => Database) {
  test('a read gives the value itself, never a promise of it', () => {
    expect(notes(db().read).find('no such name')).toBeUndefined();
    expect(people(db().read).byUids([])).toEqual([]);
  });

  test('a commit waits for the disk', async () => {
    const level = await db().write('room', async (tx) => {
      await notes(tx).add('first', ''); // until the first write SQLite answers FULL whatever it does
      return durability(tx).level();
    });
    expect(level).toEqual({ level: 2 }); // FULL
  });

  test('a job that waits for anything else than the store is refused, and holds nobody up', async () => {
    const late = db().write('room', async (tx) => {
      await new Promise((done) => setTimeout(done, 5));
      await notes(tx).add('late', '');
    });
    const [first, second] = await Promise.allSettled([
      late,
      db().write('room', (tx) => notes(tx).add('neighbour', '')),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('awaited') } });
    expect(second.status).toBe('fulfilled');
    expect(notes(db().read).find('late')).toBeUndefined();
  });

  test('what reads cannot write', () => {
    expect(() => notes(db().read).add('by the reader', '')).toThrow(/readonly/);
  });
}
