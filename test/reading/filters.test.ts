import { describe, expect, test } from 'vitest';
import { type As, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { receiver, START, save } from '../support/lines.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = [201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212];
const WITH_BOB = [101, 102, 103, 104, 105, 106, 107, 108];
const without = (all: readonly number[], ...gone: number[]) => all.filter((id) => !gone.includes(id));

type Case = readonly [what: string, filter: object, expected: readonly number[]];

/** What ada finds in her conversation with bob. */
const BETWEEN_TWO: readonly Case[] = [
  ['nothing asked', {}, WITH_BOB],
  ['a category', { categories: ['CALL'] }, [107]],
  ['no category at all', { categories: [] }, []],
  ['types', { types: ['IMAGE', 'CUSTOM'] }, [104, 105]],
  ['a type that calls have too', { types: ['AUDIO'] }, [107]],
  ['a type that a call does not have', { types: ['AUDIO'], categories: ['MESSAGE'] }, []],
  ['deleted ones left out', { hideDeleted: true }, without(WITH_BOB, 106)],
  ['what is unread', { unreadOnly: true }, [105, 108]],
  ['what changed since', { updatedAfter: START + 299 }, [106]],
  ['what changed since, to the second', { updatedAfter: START + 300 }, []],
  ['sent after', { sentAfter: START + 106 }, [107, 108]],
  ['sent before', { sentBefore: START + 102 }, [101]],
  ['sent between', { sentAfter: START + 101, sentBefore: START + 104 }, [102, 103]],
  ['sent after the beginning of time', { sentAfter: 0 }, WITH_BOB],
  ['a word', { search: 'hello' }, [101]],
  ['a word of a caption', { search: 'views' }, [104]],
  ['a word of a custom message’s text', { search: 'place' }, [105]],
  ['a word of what was deleted', { search: 'taken' }, []],
  ['tags', { tags: ['link', 'nothing'] }, [102]],
  ['tags of several', { tags: ['link', 'greeting'] }, [101, 102]],
  ['no tag at all', { tags: [] }, []],
  ['whom it mentions', { mentionedUids: ['ada', 'cyd'] }, [102]],
  ['whom nothing mentions', { mentionedUids: ['cyd'] }, []],
  ['mentioning none of nobody', { mentionedUids: [] }, []],
  ['with files', { hasAttachments: true }, [104, 108]],
  ['without files', { hasAttachments: false }, without(WITH_BOB, 104, 108)],
  ['with addresses', { hasLinks: true }, [102]],
  ['without addresses', { hasLinks: false }, without(WITH_BOB, 102)],
  ['mentioning somebody', { hasMentions: true }, [102]],
  ['mentioning nobody', { hasMentions: false }, without(WITH_BOB, 102)],
  ['saved', { saved: true }, [103]],
  ['not saved', { saved: false }, without(WITH_BOB, 103)],
  ['null, which asks for nothing', { types: null, hideDeleted: null, search: null, tags: null, saved: null }, WITH_BOB],
];

/** What ada finds in the plaza. */
const IN_PLAZA: readonly Case[] = [
  ['a category', { categories: ['ACTION', 'CALL'] }, [201, 205, 208, 210]],
  ['a type', { types: ['GROUP_MEMBER'] }, [201, 205, 208]],
  ['one thread', { parentId: '202' }, [203, 204]],
  ['a thread without replies', { parentId: '209' }, []],
  ['a thread of another conversation', { parentId: '101' }, []],
  ['replies left out', { hideReplies: true }, without(PLAZA, 203, 204)],
  ['replies or not', { hideReplies: false }, PLAZA],
  ['a thread without its replies', { parentId: '202', hideReplies: true }, []],
  ['blocked senders left out', { hideFromBlockedUsers: true }, without(PLAZA, 207)],
  ['what is unread', { unreadOnly: true }, [206, 207, 210, 211, 212]],
  ['with a reaction', { hasReactions: true }, [209]],
  ['without a reaction', { hasReactions: false }, without(PLAZA, 209)],
  ['pinned', { pinned: true }, [209]],
  ['not pinned', { pinned: false }, without(PLAZA, 209)],
  [
    'several things at once',
    { unreadOnly: true, hideFromBlockedUsers: true, categories: ['MESSAGE'], sentAfter: START + 206, search: 'anyone' },
    [211],
  ],
  ['a word, pinned and changed since', { search: 'TEA', pinned: true, updatedAfter: START, hasReactions: true }, [209]],
];

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  const LIST = `query ($with: ReceiverInput!, $filter: MessageFilter, $first: Int, $last: Int) {
    conversation(with: $with) { messages(filter: $filter, first: $first, last: $last) { nodes { id } } } }`;
  const list = async (
    as: As,
    to: { user: string } | { group: string },
    filter: object,
    page: object = { first: 100 },
  ) => {
    const { receiverType, receiver: receiverId } = receiver(to);
    const variables = { with: { receiverType: receiverType.toUpperCase(), receiverId }, filter, ...page };
    const { conversation } = await ask.data(as, LIST, variables);
    return conversation.messages.nodes.map(({ id }: { id: string }) => Number(id));
  };
  const SEARCH = `query ($filter: MessageFilter!, $first: Int, $last: Int) {
    searchMessages(filter: $filter, first: $first, last: $last) { nodes { id } } }`;
  const search = async (as: As, filter: object, page: object = { first: 100 }) => {
    const { searchMessages } = await ask.data(as, SEARCH, { filter, ...page });
    return searchMessages.nodes.map(({ id }: { id: string }) => Number(id));
  };

  describe('the messages of two', () => {
    test.each(BETWEEN_TWO)('by %s', async (_what, filter, expected) => {
      expect(await list('ada', { user: 'bob' }, filter)).toEqual(expected);
      expect(await list('ada', { user: 'bob' }, filter, { last: 2 })).toEqual(expected.slice(-2));
    });
  });

  describe('the messages of a group', () => {
    test.each(IN_PLAZA)('by %s', async (_what, filter, expected) => {
      expect(await list('ada', { group: 'plaza' }, filter)).toEqual(expected);
      expect(await list('ada', { group: 'plaza' }, filter, { last: 2 })).toEqual(expected.slice(-2));
    });
  });

  describe('all that one may read', () => {
    const ALL = [307, 306, 303, 302, 301, ...[...WITH_BOB, ...PLAZA].reverse()].sort((a, b) => b - a);

    test.each([
      ['nothing asked', {}, ALL],
      ['a type', { types: ['CUSTOM', 'FILE'] }, [108, 105]],
      ['what is unread', { unreadOnly: true }, [306, 212, 211, 210, 207, 206, 108, 105]],
      ['one thread', { parentId: '202' }, [204, 203]],
      ['blocked senders left out', { hideFromBlockedUsers: true }, without(ALL, 303, 207)],
      ['saved', { saved: true }, [103]],
      ['pinned', { pinned: true }, [209]],
      ['whom it mentions', { mentionedUids: ['ada'] }, [211, 202, 102]],
      ['tags', { tags: ['greeting'] }, [102, 101]],
      ['a word and a type', { search: 'buy', types: ['TEXT'], hideFromBlockedUsers: false }, [303, 207]],
    ] as readonly Case[])('by %s', async (_what, filter, expected) => {
      expect(await search('ada', filter)).toEqual(expected);
      expect(await search('ada', filter, { last: 2 })).toEqual(expected.slice(-2));
    });

    test('is everything for an API key, that nobody else has read, saved or unsaved included', async () => {
      const all = [...ALL, 311, 310, 309, 308, 305, 304].sort((a, b) => b - a);
      expect(await search('KEY', {})).toEqual(all);
      expect(await search('KEY', { saved: false, unreadOnly: false, hideFromBlockedUsers: false })).toEqual(all);
      expect(await search('KEY', { parentId: '305' })).toEqual([307]);
    });
  });

  test('what one has saved is found only while one may read it', async () => {
    await ask.server().seed([save({ messageId: '212', uid: 'olga', savedAt: START })]);
    expect(await search('olga', { saved: true })).toEqual([]);
    expect(await search('ada', { saved: true })).toEqual([103]);
  });

  describe('a filter that names', () => {
    test.each([
      ['a message that is not there', { parentId: '999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['what is no message’s id', { parentId: 'x' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['a message that the viewer may not read', { parentId: '309' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['a message that the viewer has cleared', { parentId: '305' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['a user who is not there', { mentionedUids: ['ada', 'nobody'] }, 'ERR_UID_NOT_FOUND'],
      ['a user whom nobody finds', { mentionedUids: ['dot'] }, 'ERR_UID_NOT_FOUND'],
    ])('%s is refused', async (_what, filter, code) => {
      const to = { receiverType: 'USER', receiverId: 'bob' };
      expect(await ask.codes('ada', LIST, { with: to, filter })).toEqual([code]);
      expect(await ask.codes('ada', SEARCH, { filter })).toEqual([code]);
    });

    test.each([
      { sentAfter: -1 },
      { sentAfter: 1.5 },
      { sentBefore: 'now' },
      { types: ['LETTER'] },
      { unknown: true },
      { hasLinks: 'yes' },
    ])('a value that can’t be (%j) is refused as bad input', async (filter) => {
      const { errors } = await ask.answer('ada', SEARCH, { filter });
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['ERR_BAD_REQUEST']);
    });
  });
});
