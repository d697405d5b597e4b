import { describe, expect, test } from 'vitest';
import { appendEvents } from '../../src/events/append-store.ts';
import { useServer } from '../support/ask.ts';
import { cursorNow } from '../support/cursor.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, type Heard, hear } from '../support/listener.ts';
import { WORLD } from '../support/world.ts';
import { EVERY_EVENT, toGroup, toUser } from './every-event.ts';

// biome-ignore lint/suspicious/noExplicitAny: events as they were asked for
type Event = any;

const RECEIVED = 'subscription ($with: ReceiverInput!) { messageReceived(conversation: $with) { id } }';
const TYPING = `subscription ($with: ReceiverInput!) { typing(conversation: $with) { __typename
  ... on TypingStartedEvent { user { uid } } ... on TypingEndedEvent { user { uid } } } }`;
const NOT_JOINED = [{ extensions: { code: 'ERR_GROUP_NOT_JOINED' } }];

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  let groups = 0;
  const run = (as: string, mutation: string, input: object) => ask.run(as, mutation, input, '__typename');
  const send = async (as: string, to: object, text: string): Promise<string> =>
    (await ask.run(as, 'sendTextMessage', { ...to, text }, 'message { id }')).message.id;
  const listen = (as: string, query: string, variables?: Record<string, unknown>) =>
    hear(clientFor(ask.server(), { as }), query, variables);
  /** A group of ada's with bob and cyd in it. */
  async function makeGroup(type = 'PUBLIC'): Promise<string> {
    groups += 1;
    const guid = `g-${groups}`;
    const members = [{ uid: 'bob' }, { uid: 'cyd' }];
    await run('ada', 'createGroup', { guid, name: guid, type, members });
    return guid;
  }
  /** What is heard up to a note that the listener sends themself, receipts left out. */
  async function untilNow(as: string, heard: Heard): Promise<Event[]> {
    const end = await send(as, toUser(as), 'Now');
    const events: Event[] = [];
    for (;;) {
      const { events: event } = await heard.next();
      if (event.messageId === end) return events;
      const isNote = event.message?.text === 'Now'; // of another call of this
      if (!isNote && !/^MESSAGES_|PRESENCE/.test(event.kind)) events.push(event);
    }
  }

  const ENDS = [
    ['is kicked', 'MEMBERSHIP_CHANGED', (guid: string) => run('ada', 'kickGroupMember', { guid, uid: 'cyd' })],
    ['is banned', 'MEMBERSHIP_CHANGED', (guid: string) => run('ada', 'banGroupMember', { guid, uid: 'cyd' })],
    ['leaves', 'MEMBERSHIP_CHANGED', (guid: string) => run('cyd', 'leaveGroup', { guid })],
    ['sees the group deleted', 'GROUP_DELETED', (guid: string) => run('ada', 'deleteGroup', { guid })],
  ] as const;

  describe.for(ENDS)('who %s', ([, kind, end]) => {
    test('hears of that, and of nothing after it', async () => {
      const guid = await makeGroup();
      const devices = await Promise.all([listen('cyd', EVERY_EVENT), listen('cyd', EVERY_EVENT)]);
      const id = await send('bob', toGroup(guid), 'Still here');
      await end(guid);
      if (kind === 'GROUP_DELETED') await run('bob', 'createGroup', { guid, name: 'Another', type: 'PUBLIC' });
      await send('bob', toGroup(guid), 'Among us');
      await run('bob', 'startTyping', toGroup(guid));
      await run('bob', 'endTyping', toGroup(guid));
      await run('bob', 'sendTransientMessage', { ...toGroup(guid), data: 1 });
      await run('KEY', 'updateGroup', { guid, description: 'Without cyd' });
      for (const device of devices) {
        const [sent, last, ...more] = await untilNow('cyd', device);
        expect(sent).toMatchObject({ kind: 'MESSAGE_SENT', messageId: id });
        expect(last).toMatchObject({ kind, guid });
        expect(more).toEqual([]);
      }
    });

    test('no longer hears the group’s messages and who types there: both end with ERR_GROUP_NOT_JOINED', async () => {
      const guid = await makeGroup();
      const [messages, typing, others] = await Promise.all([
        listen('cyd', RECEIVED, { with: toGroup(guid) }),
        listen('cyd', TYPING, { with: toGroup(guid) }),
        listen('bob', RECEIVED, { with: toGroup('plaza') }),
      ]);
      await end(guid);
      expect(await messages.ended).toMatchObject(NOT_JOINED);
      expect(await typing.ended).toMatchObject(NOT_JOINED);
      expect(typing.waiting).toEqual([]);
      const again = await Promise.all([
        listen('cyd', RECEIVED, { with: toGroup(guid) }),
        listen('cyd', TYPING, { with: toGroup(guid) }),
      ]);
      const code = kind === 'GROUP_DELETED' ? 'ERR_GUID_NOT_FOUND' : 'ERR_GROUP_NOT_JOINED';
      for (const { ended } of again) expect(await ended).toMatchObject([{ extensions: { code } }]);
      const id = await send('ada', toGroup('plaza'), 'Elsewhere all goes on');
      expect((await others.next()).messageReceived.id).toBe(id);
    });

    test('has heard all messages until then, however close they came', async () => {
      const guid = await makeGroup();
      const [messages, device] = await Promise.all([
        listen('cyd', RECEIVED, { with: toGroup(guid) }),
        listen('cyd', EVERY_EVENT),
      ]);
      const sends = Array.from({ length: 5 }, () => send('bob', toGroup(guid), 'Still here'));
      await Promise.allSettled([...sends, end(guid)]);
      expect(await messages.ended).toMatchObject(NOT_JOINED);
      const sent = (await untilNow('cyd', device)).filter((one) => one.kind === 'MESSAGE_SENT');
      const heard = messages.waiting.map(({ messageReceived }) => messageReceived.id);
      expect(heard.slice(0, sent.length)).toEqual(sent.map(({ messageId }) => messageId));
    });

    test('hears nothing after it who is catching up meanwhile', async () => {
      const guid = await makeGroup();
      const after = await cursorNow(ask, 'cyd');
      const topics = [`group:${guid}`];
      const event = { kind: 'GROUP_UPDATED', at: 1, byId: null, details: { guid }, topics } as const;
      await ask.server().db.write('test', (tx) =>
        appendEvents(
          tx,
          Array.from({ length: 1_500 }, () => event),
        ),
      );
      const heard = await listen('cyd', EVERY_EVENT, { after });
      await end(guid);
      await run('KEY', 'createUser', { uid: `after-${guid}`, name: 'Later' });
      await ask.server().db.write('test', (tx) => appendEvents(tx, [event]));
      const events = (await untilNow('cyd', heard)).map((one) => one.kind);
      expect(events).toEqual([...Array.from({ length: 1_500 }, () => 'GROUP_UPDATED'), kind]);
    });
  });

  test('who comes into a group hears of that, and of all after it, on every open subscription', async () => {
    const guid = await makeGroup();
    const devices = await Promise.all([listen('li', EVERY_EVENT), listen('li', EVERY_EVENT)]);
    await send('bob', toGroup(guid), 'Before');
    await run('ada', 'addGroupMembers', { guid, members: [{ uid: 'li' }] });
    const id = await send('bob', toGroup(guid), 'Welcome');
    for (const device of devices) {
      expect(await untilNow('li', device)).toMatchObject([
        { kind: 'MEMBERSHIP_CHANGED', uid: 'li' },
        { kind: 'MESSAGE_SENT', messageId: id },
      ]);
    }
  });

  test('who is in and out of a group many times hears exactly what was said while they were in', async () => {
    const guid = await makeGroup();
    const after = await cursorNow(ask, 'smile');
    const heard = await listen('smile', EVERY_EVENT);
    const expected: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      await send('bob', toGroup(guid), 'Without you');
      await run('smile', 'joinGroup', { guid });
      expected.push('join', await send('bob', toGroup(guid), 'With you'));
      await run('smile', 'leaveGroup', { guid });
      expected.push('leave');
    }
    const again = await listen('smile', EVERY_EVENT, { after });
    for (const one of [heard, again]) {
      const events = await untilNow('smile', one);
      const told = events.map(({ kind, messageId }, n) =>
        kind === 'MESSAGE_SENT' ? messageId : ['join', '', 'leave'][n % 3],
      );
      expect(told).toEqual(expected);
    }
  });

  test('changes of a group’s rights reach nobody else’s stream', async () => {
    const guid = await makeGroup('PRIVATE');
    const outsider = await listen('zhanna', EVERY_EVENT);
    await send('ada', toGroup(guid), 'Hush');
    await run('ada', 'kickGroupMember', { guid, uid: 'bob' });
    await run('ada', 'deleteGroup', { guid });
    expect(await untilNow('zhanna', outsider)).toEqual([]);
  });

  describe('between two of whom one blocks the other', () => {
    test('no message, no typing and nothing that passes by comes through any more, either way', async () => {
      const [ofEmile, typing, received] = await Promise.all([
        listen('emile', EVERY_EVENT),
        listen('emile', TYPING, { with: toUser('sam-1') }),
        listen('emile', RECEIVED, { with: toUser('sam-1') }),
      ]);
      await run('sam-1', 'startTyping', toUser('emile'));
      expect((await typing.next()).typing).toMatchObject({ __typename: 'TypingStartedEvent', user: { uid: 'sam-1' } });
      await run('sam-1', 'endTyping', toUser('emile'));
      expect((await typing.next()).typing).toMatchObject({ __typename: 'TypingEndedEvent', user: { uid: 'sam-1' } });
      await run('emile', 'blockUsers', { uids: ['sam-1'] });
      for (const [mutation, more] of [
        ['sendTextMessage', { text: 'Hello?' }],
        ['startTyping', {}],
        ['endTyping', {}],
        ['sendTransientMessage', { data: 1 }],
      ] as const) {
        expect(await ask.refusal('sam-1', mutation, { ...toUser('emile'), ...more })).toBe('ERR_BLOCKED_SENDER');
        expect(await ask.refusal('emile', mutation, { ...toUser('sam-1'), ...more })).toBe('ERR_BLOCKED_RECEIVER');
      }
      expect((await untilNow('emile', ofEmile)).map(({ kind }) => kind)).toEqual([
        'TYPING_STARTED',
        'TYPING_ENDED',
        'USER_BLOCKED',
      ]);
      expect([...typing.waiting, ...received.waiting]).toEqual([]);
      await run('emile', 'unblockUsers', { uids: ['sam-1'] });
      const id = await send('sam-1', toUser('emile'), 'There you are');
      expect((await received.next()).messageReceived.id).toBe(id);
    });
  });
});
