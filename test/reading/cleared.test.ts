import { expect, test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { serverForTest } from '../support/server.ts';

const TO_BOB = { sender: 'ada', receiver: 'bob', receiverType: 'user', category: 'message', type: 'text', sentAt: 2 };
const LINES = [
  { kind: 'user', value: { uid: 'ada', name: 'Ada', createdAt: 1 } },
  { kind: 'user', value: { uid: 'bob', name: 'Bob', createdAt: 1 } },
  { kind: 'message', value: { ...TO_BOB, id: 1, text: 'what bob deletes for himself' } },
  { kind: 'message', value: { ...TO_BOB, id: 2, text: 'an answer', quotedMessageId: 1, parentId: 1 } },
  { kind: 'conversation', value: { receiverType: 'user', receiver: 'ada', uid: 'bob', clearedUpTo: 1 } },
];

eachDialect((dialect) => {
  test('a message that its viewer deleted for themself is named nowhere, in raw as little as in quoted and parent', async () => {
    const server = await serverForTest({ dialect, lines: LINES });
    const ask = async (uid: string) => {
      const document = '{ message(id: "2") { quoted { id } parent { id } raw } }';
      const { data } = await server.query(document, undefined, { as: uid });
      const { quoted, parent, raw } = data.message;
      return [quoted, parent, raw.quotedMessageId, raw.parentId];
    };
    expect(await ask('ada')).toEqual([{ id: '1' }, { id: '1' }, '1', '1']);
    expect(await ask('bob')).toEqual([null, null, undefined, undefined]);
  });
});
