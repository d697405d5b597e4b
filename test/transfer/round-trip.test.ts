import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { checkAll } from '../../src/transfer/check-service.ts';
import { demoLines } from '../../src/transfer/demo.ts';
import { exportAll } from '../../src/transfer/export-service.ts';
import { importLines } from '../../src/transfer/import-service.ts';
import { createDatabase, type DialectName, databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import {
  audioCall,
  block,
  edit,
  group,
  member,
  reached,
  reaction,
  START,
  save,
  standing,
  text,
  user,
} from '../support/lines.ts';
import type { Line } from '../support/seed.ts';
import { commandsOn } from './commands.ts';

const UIDS = ['ada', 'bob', 'cy'];
const PEOPLE = UIDS.map((uid) => user(uid, uid.toUpperCase()));
const TEAM = [group('team', 'Team', 'ada'), ...UIDS.map((uid) => member('team', uid))];

const uid = fc.constantFrom(...UIDS);
const to = fc.oneof(fc.record({ user: uid }), fc.constant({ group: 'team' }));
const words = fc.string({
  unit: fc.constantFrom('a', ' ', 'É', '東', '京', '🙂', '"', '\n', 'https://x.y/ ', '<@uid:bob>'),
});
const json = fc
  .jsonValue({ maxDepth: 2, noNegativeZero: true } as never)
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll(/\\u(0000|d[89a-f]..)/gi, '')));
const more = fc.record(
  {
    metadata: json,
    tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'ü'), { maxLength: 2 }),
    editedAt: fc.constant(START + 5),
    deletedAt: fc.option(fc.constant(START + 6), { nil: undefined, freq: 8 }),
    deliveredAt: fc.nat(100).map((n) => START + n),
    readAt: fc.nat(100).map((n) => START + n),
    quotedMessageId: fc.constant('1'),
  },
  { requiredKeys: [] },
);
const message = fc.tuple(uid, to, words, more);
const history = fc.tuple(
  fc.array(message, { maxLength: 12 }),
  fc.array(fc.tuple(uid, uid, fc.nat(12)), { maxLength: 6 }),
);

/** Lines of people, a group, messages between them, and what they did with those. */
function linesOf([messages, acts]: Awaited<ReturnType<typeof history.generate>>['value']): Line[] {
  const sent = messages.map(([sender, receiver, said, fields], n) => {
    const { quotedMessageId, ...rest } = fields;
    const quotes =
      quotedMessageId && n > 0 && JSON.stringify(messages[0]?.[1]) === JSON.stringify(receiver) && 'group' in receiver;
    return text(n + 1, sender, receiver, said, quotes ? { ...rest, quotedMessageId } : rest);
  });
  const done = acts.flatMap(([one, other, n]) => {
    const [, receiver, , fields] = messages[n] ?? [];
    if (!receiver || fields?.deletedAt !== undefined)
      return one === other ? [] : [block({ uid: one, blockedUid: other, blockedAt: START })];
    const messageId = String(n + 1);
    return [
      reaction({ messageId, uid: one, reaction: '👍', reactedAt: START }),
      save({ messageId, uid: other, savedAt: START }),
      edit({ messageId, position: 0, editedAt: START, editedBy: one, text: 'before' }),
      ...('group' in receiver
        ? [reached('read', one, receiver, n + 1, START), standing(one, receiver, { mutedUntil: START })]
        : []),
    ];
  });
  return [...PEOPLE, ...TEAM, ...sent, ...done];
}

async function through(dialect: DialectName, lines: readonly string[]): Promise<string> {
  const { name, drop } = await createDatabase(dialect);
  const db = await openDatabase(name, 'write');
  try {
    await importLines(db, lines);
    expect(await checkAll(db)).toEqual([]);
    let exported = '';
    await exportAll(db, async (piece) => {
      exported += piece;
    });
    return exported;
  } finally {
    await db.close();
    await drop();
  }
}

const asLines = (exported: string) => exported.split('\n').filter((line) => line !== '');

eachDialect((dialect) => {
  test('whatever history is imported, its export comes through an empty database unchanged, and every count holds', async () => {
    const runs = { numRuns: dialect === 'sqlite' ? 40 : 8 };
    await fc.assert(
      fc.asyncProperty(history, async (generated) => {
        const exported = await through(
          dialect,
          linesOf(generated).map((line) => JSON.stringify(line)),
        );
        expect(await through(dialect, asLines(exported))).toBe(exported);
      }),
      runs,
    );
  });

  test('an export keeps a call in which nobody took part, and metadata that is an empty list', async () => {
    const call = { sessionId: 's', status: 'unanswered', initiatedAt: START, participants: [], metadata: [] };
    const lines = [...PEOPLE, audioCall(1, 'ada', { user: 'bob' }, call)].map((line) => JSON.stringify(line));
    const exported = await through(dialect, lines);
    expect(exported).toContain('"participants":[],"sentAt":1700000001,"metadata":[]');
    expect(await through(dialect, asLines(exported))).toBe(exported);
  });

  test('an export goes from either database into the other unchanged, with something of everything there is', async () => {
    const exported = await through(
      dialect,
      demoLines(START).map((line) => JSON.stringify(line)),
    );
    for (const kind of [
      'block',
      'groupMember',
      'attachment',
      'edit',
      'reaction',
      'pin',
      'save',
      'mark',
      'conversation',
    ]) {
      if (kind !== 'block') expect(exported).toContain(`{"kind":"${kind}"`);
    }
    expect(await through('sqlite', asLines(exported))).toBe(exported);
    expect(await through(dialect, asLines(exported))).toBe(exported);
  });
});

test('the commands take an excerpt of real history through, byte for byte', async () => {
  const first = commandsOn(await databaseForTest('sqlite'));
  const taken = await first.takeFiles('test/data/ubuntu-irc-excerpt.ndjson');
  expect([taken.code, taken.stdout]).toEqual([0, expect.stringContaining('320 message; already there: 0; bad: 0')]);
  const exported = await first.exported();
  const second = commandsOn(await databaseForTest('sqlite'));
  await second.take(asLines(exported));
  expect(await second.exported()).toBe(exported);
});
