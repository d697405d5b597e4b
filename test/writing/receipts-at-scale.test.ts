import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Asker, askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, reached, START, text, user } from '../support/lines.ts';
import { analyze, planOf, READS_ALL, type Statement, watch } from '../support/plans.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const HAMLET = { receiverType: 'GROUP', receiverId: 'hamlet' };
const TOWN = { receiverType: 'GROUP', receiverId: 'town' };
const SIZES = { hamlet: 20, town: 1_200 };
const GOT_IT = 600;

/** A small group and a large one; in the large one many have got the message 2. */
const LINES = [
  ...Array.from({ length: SIZES.town }, (_, n) => user(`p${n}`, `Person ${n}`)),
  group('hamlet', 'Hamlet', 'p0'),
  ...Array.from({ length: SIZES.hamlet }, (_, n) => member('hamlet', `p${n}`)),
  group('town', 'Town', 'p0'),
  ...Array.from({ length: SIZES.town }, (_, n) => member('town', `p${n}`)),
  text(1, 'p0', { group: 'hamlet' }, 'a'),
  text(2, 'p0', { group: 'town' }, 'a'),
  ...Array.from({ length: GOT_IT }, (_, n) => reached('delivered', `p${n + 1}`, { group: 'town' }, 2, START + n)),
];

eachDialect((dialect) => {
  let server: TestServer;
  let ask: Asker;
  const statements: Statement[] = [];

  beforeAll(async () => {
    watch(statements, /^(select|insert|update)/i);
    server = await startTestServer({ dialect, lines: LINES });
    ask = askerOf(() => server);
    statements.length = 0;
  });
  afterAll(async () => {
    await server.stop();
    vi.restoreAllMocks();
  });

  const receiptsOf = async (id: string) => {
    const document = `{ message(id: "${id}") { status receipts(first: 5) { nodes { user { uid } } pageInfo { hasNextPage } } } }`;
    const { nodes, pageInfo } = (await ask.data('p0', document)).message.receipts;
    return { uids: nodes.map(({ user }: { user: { uid: string } }) => user.uid), more: pageInfo.hasNextPage };
  };
  const send = async (to: object) =>
    (await ask.run('p0', 'sendTextMessage', { ...to, text: 'a' }, 'message { id }')).message.id;

  test('whom a message has reached is listed by name, be they few or many', async () => {
    expect(await receiptsOf('2')).toEqual({ uids: ['p1', 'p10', 'p100', 'p101', 'p102'], more: true });
    const id = await send(TOWN);
    for (const as of ['p9', 'p1100', 'p20']) await ask.run(as, 'markAsRead', TOWN, 'conversation { id }');
    expect(await receiptsOf(id)).toEqual({ uids: ['p1100', 'p20', 'p9'], more: false });
  });

  test('no statement of a mark, or of a page of receipts, reads a group from end to end', async () => {
    const id = await send(TOWN);
    for (const name of ['markAsDelivered', 'markAsRead', 'markAsUnread']) {
      await ask.run('p3', name, { messageId: id }, 'conversation { unreadMessageCount unreadMentionsCount }');
    }
    await ask.run('p3', 'deleteConversation', TOWN, 'conversationId');
    await receiptsOf('2');
    await receiptsOf(id);
    if (dialect === 'postgres') await analyze(server.database);
    const plans = new Map<string, string[]>();
    for (const { text: statement, values } of [...statements]) {
      if (!plans.has(statement)) plans.set(statement, await planOf(server, statement, values));
    }
    expect([...plans.values()].flat().filter((line) => READS_ALL.test(line))).toEqual([]);
    const planFor = (pattern: RegExp) =>
      [...plans].flatMap(([statement, plan]) => (pattern.test(statement) ? plan : [])).join('\n');
    expect(planFor(/min\("read_mark"\)|min\("participants"\."read_mark"\)/)).toContain('participants_read');
    expect(planFor(/min\("delivered_mark"\)|min\("participants"\."delivered_mark"\)/)).toContain(
      'participants_delivered',
    );
    const many = planFor(/from "memberships" inner join "participants"/);
    expect(many).toContain('memberships_listed');
    expect(many).not.toContain('TEMP B-TREE FOR ORDER BY');
    const few = planFor(/from "participants" inner join "users" .* order by/);
    expect(few).toContain('participants_delivered');
  });

  if (dialect === 'postgres') {
    describe('asks the database as often in a large group as in a small one', () => {
      test.each(['markAsDelivered', 'markAsRead', 'markAsUnread'])('for %s', async (name) => {
        const counts: number[] = [];
        for (const to of [HAMLET, TOWN]) {
          const messageId = await send(to);
          statements.length = 0;
          await ask.run('p5', name, { messageId }, 'conversation { unreadMessageCount }');
          counts.push(statements.length);
        }
        expect(counts[0]).toBe(counts[1]);
      });
    });
  }
});
