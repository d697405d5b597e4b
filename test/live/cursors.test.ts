import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { appendEvents } from '../../src/events/append-store.ts';
import { decodeCursor, encodeCursor } from '../../src/events/cursor.ts';
import { askerOf, useServer } from '../support/ask.ts';
import { cursorNow } from '../support/cursor.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, type Heard, hear } from '../support/listener.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';
import { EVERY_EVENT, toGroup, toUser } from './every-event.ts';
import { answered, DEVICES, LINES, STEPS } from './steps.ts';

// biome-ignore lint/suspicious/noExplicitAny: events as they were asked for
type Event = any;

/** All that is heard up to an event, which is the last of them. */
async function upTo(heard: Heard, isLast: (event: Event) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  do events.push((await heard.next()).events);
  while (!isLast(events.at(-1)));
  return events;
}

/** What stays the same of an event however late it is told: the thing that it is about may change, or go. */
function lasting({ message, group, member, action, conversation, user, reaction, ...event }: Event): Event {
  return event;
}

const REACTIONS = 'subscription ($after: String) { events(after: $after) { ... on ReactionAddedEvent { reaction } } }';
const RECEIVED = `subscription ($with: ReceiverInput!, $after: ID) { messageReceived(conversation: $with, after: $after) {
  id ... on TextMessage { text } ... on Action { action } } }`;

eachDialect((dialect) => {
  describe('a cursor', () => {
    test('brings all that was heard since, in the same order, from whichever event it is', async () => {
      const server = await serverForTest({ dialect, lines: LINES });
      const ask = askerOf(() => server);
      const start = await cursorNow(ask, 'ada');
      const listen = (as: string, after: string) => hear(clientFor(server, { as }), EVERY_EVENT, { after });
      const devices = await Promise.all(DEVICES.map((as) => listen(as, start)));
      for (const [, as, mutation, input, tells] of STEPS) {
        const fields = /^send(Text|Media|Custom)/.test(mutation) ? 'message { id }' : '__typename';
        answered(await ask.run(as, mutation, input(), fields));
        tells(); // and with it, which message the next steps are about
      }
      const { id } = (await ask.run('ada', 'sendTextMessage', { ...toGroup('bell'), text: 'Ding' }, 'message { id }'))
        .message;
      for (const [n, as] of DEVICES.entries()) {
        const all = await upTo(devices[n] as Heard, ({ messageId }) => messageId === id);
        const live = all.filter(({ kind }) => !/TYPING|TRANSIENT|PRESENCE/.test(kind)).map(lasting);
        for (let from = 0; from < live.length; from += 7) {
          const after = from === 0 ? start : live[from - 1].cursor;
          const again = await upTo(await listen(as, after), ({ messageId }) => messageId === id);
          expect(again.map(lasting)).toEqual(live.slice(from));
        }
      }
    });

    test('brings thousands of events while others keep writing: none is missed, none comes twice', async () => {
      const server = await serverForTest({ dialect, lines: WORLD });
      const ask = askerOf(() => server);
      const start = await cursorNow(ask, 'ada');
      let written = 0;
      const write = (count: number) =>
        server.db.write('test', (tx) => {
          const many = Array.from({ length: count }, (_, n) => String(written + n));
          const event = { kind: 'REACTION_ADDED', at: 1, byId: null, messageId: 101, topics: ['user:ada'] } as const;
          return appendEvents(
            tx,
            many.map((reaction) => ({ ...event, details: { reaction } })),
          );
        });
      const writeMany = async (times: number, count: number) => {
        for (let n = 0; n < times; n += 1) {
          await write(count);
          written += count;
        }
      };
      await writeMany(6, 500);
      const middle = await cursorNow(ask, 'ada');
      const writing = writeMany(200, 5);
      const listeners = await Promise.all(
        [start, middle, start, middle].map((after) => hear(clientFor(server, { as: 'ada' }), REACTIONS, { after })),
      );
      await writing;
      for (const [n, heard] of listeners.entries()) {
        const got = await upTo(heard, ({ reaction }) => reaction === String(written - 1));
        const from = n % 2 === 0 ? 0 : 3_000;
        expect(got.map(({ reaction }) => Number(reaction))).toEqual(
          Array.from({ length: written - from }, (_, index) => from + index),
        );
      }
    });

    test('taken before a snapshot, as the first of its response, leaves nothing between', async () => {
      const server = await serverForTest({ dialect, lines: WORLD });
      const ask = askerOf(() => server);
      let sent = 0;
      const writing = (async () => {
        for (; sent < 60; sent += 1) {
          await ask.run('bob', 'sendTextMessage', { ...toUser('ada'), text: String(sent) }, 'message { id }');
        }
      })();
      const counts: number[] = [];
      while (sent < 50) {
        const { conversation, cursor } = await ask.data(
          'ada',
          `{ conversation(with: { receiverType: USER, receiverId: "bob" }) { messages(last: 100) { nodes { ... on TextMessage { text } } } } cursor }`,
        );
        const seen = conversation.messages.nodes.filter(({ text }: Event) => /^\d+$/.test(text)).length;
        const heard = await hear(clientFor(server, { as: 'ada' }), EVERY_EVENT, {
          after: cursor,
          kinds: ['MESSAGE_SENT'],
        });
        const { events } = await heard.next();
        counts.push(Number(events.message.text) - seen);
        await wait(1);
      }
      await writing;
      expect(Math.max(...counts)).toBeLessThanOrEqual(0); // on PostgreSQL it may lie before what the snapshot shows, never after
    });
  });

  describe('a cursor that leads nowhere', () => {
    const ask = useServer(dialect, WORLD);
    const place = async () => decodeCursor(await cursorNow(ask, 'ada')) as NonNullable<ReturnType<typeof decodeCursor>>;

    test.for([
      ['of another log', 'another log', async () => encodeCursor('0123456789abcdef', await place())],
      [
        'of the future',
        'newer',
        async () => {
          const { epoch, xid, position } = await place();
          return encodeCursor(epoch, { xid: xid + 1_000_000, position: position + 1_000_000 });
        },
      ],
    ] as const)(
      '%s is answered by RESYNC_REQUIRED, once and first; then comes what happens',
      async ([, reason, make]) => {
        for (const kinds of [null, ['MESSAGE_SENT']]) {
          const heard = await hear(clientFor(ask.server(), { as: 'ada' }), EVERY_EVENT, { after: await make(), kinds });
          const first = (await heard.next()).events;
          expect(first).toMatchObject({ __typename: 'ResyncRequiredEvent', kind: 'RESYNC_REQUIRED' });
          expect(first.reason).toContain(reason);
          const { message } = await ask.run(
            'bob',
            'sendTextMessage',
            { ...toUser('ada'), text: 'Hi' },
            'message { id }',
          );
          expect((await heard.next()).events).toMatchObject({ kind: 'MESSAGE_SENT', messageId: message.id });
          const again = await hear(clientFor(ask.server(), { as: 'ada' }), EVERY_EVENT, { after: first.cursor, kinds });
          expect((await again.next()).events).toMatchObject({ kind: 'MESSAGE_SENT', messageId: message.id });
        }
      },
    );

    test.for([
      '',
      'x',
      'not a cursor',
      '0',
      Buffer.from('a:b:c').toString('base64url'),
      `${Buffer.from('e:1:1').toString('base64url')}==`,
    ])('%j, which is none, ends the subscription with ERR_INVALID_CURSOR', async (after) => {
      const heard = await hear(clientFor(ask.server(), { as: 'ada' }), EVERY_EVENT, { after });
      expect(await heard.ended).toMatchObject([{ extensions: { code: 'ERR_INVALID_CURSOR' } }]);
      expect(heard.waiting).toEqual([]);
    });
  });

  describe('kinds', () => {
    const ask = useServer(dialect, WORLD);
    test('choose what is heard, live and again', async () => {
      const after = await cursorNow(ask, 'ada');
      const variables = { after, kinds: ['REACTION_ADDED', 'MESSAGE_DELETED'] };
      const live = await hear(clientFor(ask.server(), { as: 'ada' }), EVERY_EVENT, variables);
      const { id: messageId } = (
        await ask.run('bob', 'sendTextMessage', { ...toUser('ada'), text: 'Hi' }, 'message { id }')
      ).message;
      await ask.run('bob', 'editMessage', { messageId, text: 'Ho' }, 'message { id }');
      await ask.run('ada', 'addReaction', { messageId, reaction: '👍' }, 'message { id }');
      await ask.run('bob', 'deleteMessage', { messageId }, 'message { id }');
      const again = await hear(clientFor(ask.server(), { as: 'ada' }), EVERY_EVENT, variables);
      for (const heard of [live, again]) {
        const events = await upTo(heard, ({ kind }) => kind === 'MESSAGE_DELETED');
        expect(events.map(({ kind }) => kind)).toEqual(['REACTION_ADDED', 'MESSAGE_DELETED']);
      }
    });
  });

  describe('messageReceived', () => {
    const ask = useServer(dialect, WORLD);
    const listen = (as: string, to: object, after?: string) =>
      hear(clientFor(ask.server(), { as }), RECEIVED, { with: to, ...(after && { after }) });
    const send = async (as: string, to: object, text: string): Promise<string> =>
      (await ask.run(as, 'sendTextMessage', { ...to, text }, 'message { id }')).message.id;
    const take = async (heard: Heard, count: number) => {
      const texts: string[] = [];
      while (texts.length < count) {
        const { messageReceived } = await heard.next();
        texts.push(messageReceived.text ?? messageReceived.action);
      }
      return texts;
    };

    test('brings the messages after one, and then those that come', async () => {
      const first = await send('bob', toUser('ada'), 'One');
      await send('ada', toUser('bob'), 'Two');
      await send('bob', toUser('cyd'), 'Elsewhere');
      await send('bob', toUser('ada'), 'Three');
      const heard = await Promise.all([listen('ada', toUser('bob'), first), listen('bob', toUser('ada'), first)]);
      await send('mal', toGroup('plaza'), 'Elsewhere too');
      await send('ada', toUser('bob'), 'Four');
      for (const one of heard) expect(await take(one, 3)).toEqual(['Two', 'Three', 'Four']);
    });

    test('begins with a conversation that is not there yet', async () => {
      const heard = await Promise.all([
        listen('li', toUser('smile')),
        listen('li', toUser('smile'), '1'),
        listen('smile', toUser('li'), '999999999999'),
      ]);
      await send('smile', toUser('li'), 'First');
      await send('li', toUser('smile'), 'Second');
      expect(await take(heard[0], 2)).toEqual(['First', 'Second']);
      expect(await take(heard[1], 2)).toEqual(['First', 'Second']);
      expect(heard[2].waiting).toEqual([]);
    });

    test('ends for who leaves a group, and brings what was missed to who comes back', async () => {
      const last = await send('ada', toGroup('plaza'), 'Before');
      const heard = await listen('cyd', toGroup('plaza'), last);
      await ask.run('cyd', 'leaveGroup', { guid: 'plaza' }, '__typename');
      expect(await heard.ended).toMatchObject([{ extensions: { code: 'ERR_GROUP_NOT_JOINED' } }]);
      await send('ada', toGroup('plaza'), 'Without you');
      await ask.run('cyd', 'joinGroup', { guid: 'plaza' }, '__typename');
      const again = await listen('cyd', toGroup('plaza'), last);
      await send('ada', toGroup('plaza'), 'Welcome');
      expect(await take(again, 4)).toEqual(['MEMBER_LEFT', 'Without you', 'MEMBER_JOINED', 'Welcome']);
    });

    test('after what is no id is refused', async () => {
      const heard = await listen('ada', toUser('bob'), 'one');
      expect(await heard.ended).toMatchObject([{ extensions: { code: 'ERR_MESSAGE_ID_NOT_FOUND' } }]);
    });

    test('after what is newer than any message, as after a backup was restored, is refused', async () => {
      const last = await send('ada', toUser('bob'), 'Last');
      expect((await listen('ada', toUser('bob'), last)).waiting).toEqual([]);
      const heard = await listen('ada', toUser('bob'), String(Number(last) + 1));
      expect(await heard.ended).toMatchObject([{ extensions: { code: 'ERR_MESSAGE_ID_NOT_FOUND' } }]);
    });

    test('shows a message as it is to who comes back, however shortly after another did', async () => {
      const after = await send('ada', toUser('bob'), 'Before');
      const id = await send('ada', toUser('bob'), 'Secret');
      expect(await take(await listen('bob', toUser('ada'), after), 1)).toEqual(['Secret']);
      await ask.run('ada', 'editMessage', { messageId: id, text: 'Edited' }, '__typename');
      expect(await take(await listen('bob', toUser('ada'), after), 1)).toEqual(['Edited']);
    });

    test('misses nothing and doubles nothing of hundreds, while others keep writing', async () => {
      const after = await send('bob', toUser('emile'), 'Start');
      const sent: string[] = [];
      const write = async (count: number) => {
        for (let n = 0; n < count; n += 1) sent.push(await send('bob', toUser('emile'), String(sent.length)));
      };
      await Promise.all(Array.from({ length: 10 }, () => write(25)));
      const writing = write(60);
      const heard = await Promise.all(Array.from({ length: 5 }, () => listen('emile', toUser('bob'), after)));
      await writing;
      const ids = sent
        .map(Number)
        .sort((a, b) => a - b)
        .map(String);
      for (const one of heard) {
        const got: string[] = [];
        while (got.length < ids.length) got.push((await one.next()).messageReceived.id);
        expect(got).toEqual(ids);
        expect(one.waiting).toEqual([]);
      }
    });
  });
});
