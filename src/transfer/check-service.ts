import type { Awaitable } from '../awaitable.ts';
import { wordsOf } from '../messages/words.ts';
import type { Database, Handle } from '../store/handle.ts';
import { sortKey } from '../users/user.ts';
import { COUNTS } from './check-counts.ts';
import { ERASED } from './check-erased.ts';
import { type Check, EXAMPLES_MAX, type Finding } from './check-list.ts';
import { STANDINGS } from './check-standings.ts';
import { checkStore } from './check-store.ts';

const WORDS_LOOKED_UP = 200; // of a message: more make a query that takes long

/** Counts again, the slow way, all that a database keeps counted. Gives what differs. */
export function checkAll(db: Database): Promise<Finding[]> {
  return db.snapshot(async (read) => {
    const findings: Finding[] = [];
    for (const check of [...COUNTS, ...STANDINGS, ...ERASED]) findings.push(await run(read, check));
    findings.push(await sorted(read), await worded(read));
    return findings.filter(({ count }) => count > 0);
  });
}

async function run(read: Handle, { name, differences }: Check): Promise<Finding> {
  const text = typeof differences === 'string' ? differences : differences[read.dialect];
  const rows = text ? await checkStore(read).first(text) : [];
  return { name, count: rows[0]?.total ?? 0, examples: rows.map(({ what }) => what) };
}

async function sorted(read: Handle): Promise<Finding> {
  const { users, groups } = checkStore(read);
  const finding = collect('people and groups stand in lists where their names do');
  for await (const user of every(users)) {
    if (user.sortKey !== sortKey(user.name, user.uid)) finding.add(`user ${user.uid}: is sorted otherwise`);
  }
  for await (const group of every(groups)) {
    if (group.sortKey !== sortKey(group.name, group.guid)) finding.add(`group ${group.guid}: is sorted otherwise`);
  }
  return finding.found();
}

/** Looks up each message by all of its words together. */
async function worded(read: Handle): Promise<Finding> {
  const { searchable, lost } = checkStore(read);
  const finding = collect('every message is found by its words');
  for await (const page of pages(searchable)) {
    const queries = page.flatMap(({ id, conversationId, text, caption, conversationText }) => {
      const words = wordsOf([text, caption, conversationText].filter((part) => part !== null).join('\n'));
      const query = read.sql.matchQuery(words.slice(0, WORDS_LOOKED_UP), [conversationId]);
      return words.length > 0 ? [[id, query] as const] : [];
    });
    for (const { id } of await lost(queries)) finding.add(`message ${id}: is not found by its words`);
  }
  return finding.found();
}

/** All rows of a list that is read by id. */
async function* every<Row extends { id: number }>(list: (after: number) => Awaitable<Row[]>): AsyncGenerator<Row> {
  for await (const page of pages(list)) yield* page;
}

/** The same, a page at a time. */
async function* pages<Row extends { id: number }>(list: (after: number) => Awaitable<Row[]>): AsyncGenerator<Row[]> {
  for (let rows = await list(0); rows.length > 0; rows = await list(rows.at(-1)?.id ?? 0)) yield rows;
}

function collect(name: string) {
  const examples: string[] = [];
  let count = 0;
  return {
    add(what: string) {
      count += 1;
      if (examples.length < EXAMPLES_MAX) examples.push(what);
    },
    found: (): Finding => ({ name, count, examples }),
  };
}
