import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear } from '../support/listener.ts';
import { WORLD } from '../support/world.ts';

const EVENTS = `subscription ($after: String) { events(after: $after, kinds: [MESSAGE_SENT]) { __typename kind cursor
  ... on MessageSentEvent { messageId message { ... on TextMessage { text } } by { uid } } } }`;
const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
const toGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const send = async (as: string, to: object, text: string) =>
    (await ask.run(as, 'sendTextMessage', { ...to, text }, 'message { id }')).message.id;

  describe('events', () => {
    test('come to everybody in the conversation, on all devices', async () => {
      const heard = await Promise.all(['ada', 'bob', 'bob'].map((as) => hear(clientFor(ask.server(), { as }), EVENTS)));
      const outsider = await hear(clientFor(ask.server(), { as: 'sam-1' }), EVENTS);
      const id = await send('cyd', toGroup('plaza'), 'Hello all');
      for (const one of heard) {
        expect((await one.next()).events).toMatchObject({
          __typename: 'MessageSentEvent',
          messageId: id,
          message: { text: 'Hello all' },
          by: { uid: 'cyd' },
        });
      }
      await send('sam_2', toUser('sam-1'), 'For you alone');
      expect((await outsider.next()).events).toMatchObject({ message: { text: 'For you alone' } });
    });

    test('since a cursor come first, each once, and then what happens', async () => {
      const { cursor } = await ask.data('ada', '{ cursor }');
      const before = [await send('bob', toUser('ada'), 'One'), await send('bob', toUser('ada'), 'Two')];
      const heard = await hear(clientFor(ask.server(), { as: 'ada' }), EVENTS, { after: cursor });
      const after = await send('bob', toUser('ada'), 'Three');
      const ids: string[] = [];
      while (ids.length < 3) {
        ids.push((await heard.next()).events.messageId);
      }
      expect(ids).toEqual([...before, after]);
    });
  });
});
