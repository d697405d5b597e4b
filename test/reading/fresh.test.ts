import { expect, test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { serverForTest } from '../support/server.ts';

const ADA = { uid: 'ada', name: 'Ada', createdAt: 1 };
const HELLO = { sender: 'ada', receiver: 'bob', receiverType: 'user', category: 'message', type: 'text', sentAt: 2 };

eachDialect((dialect) => {
  test('what was read before a change is not answered after it', async () => {
    const lines = [
      { kind: 'user', value: ADA },
      { kind: 'user', value: { uid: 'bob', name: 'Bob', createdAt: 1 } },
      { kind: 'message', value: { ...HELLO, id: 1, text: 'hello' } },
    ];
    const server = await serverForTest({ dialect, lines });
    const ask = async () => {
      const { data } = await server.query(
        '{ message(id: "1") { sender { avatar } } conversations { nodes { latestMessageId } } }',
        undefined,
        { as: 'bob' },
      );
      return [data.message.sender.avatar, data.conversations.nodes[0].latestMessageId];
    };
    expect(await ask()).toEqual([null, '1']);
    await server.seed([
      { kind: 'user', value: { ...ADA, avatar: 'https://example.com/ada.png' } },
      { kind: 'message', value: { ...HELLO, id: 2, text: 'hello again' } },
    ]);
    expect(await ask()).toEqual(['https://example.com/ada.png', '2']);
  });
});
