import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, text, user } from '../support/lines.ts';

const TO_B = { user: 'b' };
const LONG = 'a'.repeat(70);

/** What a wrote to b, by id. */
const TEXTS: Record<number, string> = {
  1: 'The quick brown fox',
  2: 'QUICK! A fox?',
  3: 'Quicksand and foxes',
  4: 'Crème brûlée in a CAFÉ',
  5: 'Straße und Ärger',
  6: 'Привет, Жанна! Ёлка',
  7: 'Καλημέρα κόσμε',
  8: '东京是日本的首都',
  9: '日本語のテキスト',
  10: '안녕하세요 세계',
  11: 'สวัสดีครับ',
  12: 'مرحبا بالعالم',
  13: 'नमस्ते दुनिया',
  14: "it's a well-known e.g. v2.0, x_y & 50%",
  15: '😀 party 🎉',
  16: `see https://example.org/path?q=fox and ${LONG}`,
  17: 'c:1 c 1',
  18: 'AND OR NOT NEAR "quoted" (brackets) a* ^b',
  19: 'ﬁne ２０２４ Ⅷ',
  20: '¡¿—…',
  21: 'naïve cafe\u0301',
  22: 'İstanbul',
  23: '! | & <-> :*',
};

const FOUND: readonly (readonly [query: string, ids: readonly number[]])[] = [
  ['fox', [1, 2, 16]],
  ['FOX quick', [1, 2]],
  ['fox fox fox', [1, 2, 16]],
  ['brown quick the', [1]],
  ['quick cat', []],
  ['foxe', []],
  ['creme', [4]],
  ['CRÈME BRULEE', [4]],
  ['café', [4, 21]],
  ['cafe', [4, 21]],
  ['naive', [21]],
  ['strasse', []],
  ['STRAßE', [5]],
  ['arger', [5]],
  ['привет', [6]],
  ['ПРИВЕТ жанна', [6]],
  ['елка', [6]],
  ['καλημερα', [7]],
  ['ΚΌΣΜΕ', [7]],
  ['东京', [8]],
  ['日本', [8, 9]],
  ['日本語', [9]],
  ['本', [8, 9]],
  ['京日', []],
  ['テキスト', [9]],
  ['안녕', [10]],
  ['세계', [10]],
  ['สวัสดี', [11]],
  ['مرحبا', [12]],
  ['नमस्ते', [13]],
  ['it', [14]],
  ['known well', [14]],
  ['0 v2', [14]],
  ['50%', [14]],
  ['x_y', [14]],
  ['party', [15]],
  ['example org path', [16]],
  [LONG, [16]],
  ['a'.repeat(64), [16]],
  ['a'.repeat(63), []],
  ['c:1', [17]],
  ['c:2', []],
  ['AND', [16, 18, 3]],
  ['or not near', [18]],
  ['"quoted"', [18]],
  ['quoted"', [18]],
  ["brackets'", [18]],
  ['fo*', []],
  ['text:fox', []],
  ['NOT fox', []],
  ['fox OR brown', []],
  ['fine', [19]],
  ['2024', [19]],
  ['viii', [19]],
  ['istanbul', [22]],
  ['', []],
  ['   ', []],
  ['?!', []],
  ['😀', []],
  ['—', []],
  ['%', []],
  ['\\', []],
  ["'; drop table messages; --", []],
];

eachDialect((dialect) => {
  const ask = useServer(dialect, [
    user('a', 'A'),
    user('b', 'B'),
    user('c', 'C'),
    group('g', 'G', 'a', { type: 'private' }),
    member('g', 'a', { scope: 'admin' }),
    ...Object.entries(TEXTS).map(([id, words]) => text(Number(id), 'a', TO_B, words)),
    text(31, 'a', { group: 'g' }, 'A secret fox'),
    text(32, 'a', { user: 'c' }, 'Another fox'),
  ]);

  const idsOf = ({ nodes }: { nodes: readonly { id: string }[] }) => nodes.map(({ id }) => Number(id));
  const inConversation = async (query: string, as = 'b', other = 'a') =>
    idsOf(
      (
        await ask.data(
          as,
          'query ($uid: ID!, $q: String) { user(uid: $uid) { conversation { messages(first: 100, filter: { search: $q }) { nodes { id } } } } }',
          { uid: other, q: query },
        )
      ).user.conversation.messages,
    );
  const everywhere = async (query: string, as: string) =>
    idsOf(
      (
        await ask.data(
          as,
          'query ($q: String) { searchMessages(first: 100, filter: { search: $q }) { nodes { id } } }',
          {
            q: query,
          },
        )
      ).searchMessages,
    );
  const rising = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);

  describe('a search', () => {
    test.each(FOUND)('for %j finds the messages that have every word of it', async (query, expected) => {
      expect(await inConversation(query)).toEqual(rising(expected));
      expect(await everywhere(query, 'b')).toEqual(rising(expected).reverse());
    });

    test('of everything finds what each viewer may read, newest first', async () => {
      expect(await everywhere('fox', 'a')).toEqual([32, 31, 16, 2, 1]);
      expect(await everywhere('fox', 'b')).toEqual([16, 2, 1]);
      expect(await everywhere('fox', 'c')).toEqual([32]);
      expect(await everywhere('fox', 'KEY')).toEqual([32, 31, 16, 2, 1]);
    });

    test('of one conversation finds nothing of another', async () => {
      expect(await inConversation('another', 'a', 'b')).toEqual([]);
      expect(await inConversation('fox', 'a', 'c')).toEqual([32]);
    });

    test('by very many words answers, and finds nothing', async () => {
      expect(await everywhere(Array.from({ length: 66 }, (_, n) => `w${n}`).join(' '), 'a')).toEqual([]);
    });
  });

  test('of more conversations than can be named finds the same', async () => {
    const people = Array.from({ length: 60 }, (_, n) => `p${n}`);
    await ask
      .server()
      .seed([
        ...people.map((uid) => user(uid, uid)),
        ...people.map((uid, n) => text(100 + n, 'a', { user: uid }, n % 20 === 0 ? 'A far fox' : 'Nothing')),
        text(200, 'b', { user: 'c' }, 'A fox of others'),
      ]);
    expect(await everywhere('fox', 'a')).toEqual([140, 120, 100, 32, 31, 16, 2, 1]);
    expect(await everywhere('fox', 'p20')).toEqual([120]);
    expect(await everywhere('fox', 'p1')).toEqual([]);
  });
});
