import { describe, expect, test } from 'vitest';
import { type As, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { START } from '../support/lines.ts';
import { WORLD } from '../support/world.ts';

const GROUP = `id guid name type description icon metadata tags owner { uid } createdAt updatedAt hasJoined scope joinedAt
  membersCount onlineMembersCount conversation { id }`;

const PLAZA = {
  id: 'group:plaza',
  guid: 'plaza',
  name: 'Plaza',
  type: 'PUBLIC',
  description: 'For all',
  icon: 'https://example.org/plaza.png',
  metadata: { size: 'large' },
  tags: ['open', 'town'],
  owner: { uid: 'ada' },
  createdAt: START,
  updatedAt: START + 10,
  hasJoined: true,
  scope: 'MODERATOR',
  joinedAt: START + 2,
  membersCount: 4,
  onlineMembersCount: 0,
  conversation: { id: 'conversation:group:plaza' },
};

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  const uidsOf = (nodes: readonly { uid: string }[]) => nodes.map(({ uid }) => uid);
  const groups = async (as: As, args = '') => {
    const { groups: found } = await ask.data(as, `{ groups(first: 50 ${args}) { nodes { guid } } }`);
    return found.nodes.map(({ guid }: { guid: string }) => guid);
  };
  const people = async (as: As, guid: string, list: string) => {
    const { group } = await ask.data(as, `{ group(guid: "${guid}") { list: ${list} { nodes { uid } } } }`);
    return uidsOf(group.list.nodes);
  };

  describe('groups', () => {
    test.each([
      ['a member of the private one sees it', 'bob', ['cellar', 'plaza', 'vault', 'agora']],
      ['others see only public ones and those with a password', 'cyd', ['plaza', 'vault', 'agora']],
      ['who is banned still sees the group', 'olga', ['plaza', 'vault', 'agora']],
      ['an API key sees them all', 'KEY', ['cellar', 'plaza', 'vault', 'agora']],
    ] as const)('%s', async (_what, as, expected) => {
      expect(await groups(as)).toEqual(expected);
    });

    test.each([
      ['part of a name, in any case', 'search: "ÁGO"', ['agora']],
      ['part of a guid', 'search: "goRA"', ['agora']],
      ['a name that only members know of', 'search: "cellar"', ['cellar']],
      ['tags', 'tags: ["town", "nothing"]', ['cellar', 'plaza']],
      ['no tag at all', 'tags: []', []],
      ['being joined', 'joinedOnly: true', ['cellar', 'plaza', 'agora']],
      ['being joined or not', 'joinedOnly: false', ['cellar', 'plaza', 'vault', 'agora']],
      ['several things at once', 'joinedOnly: true tags: ["town"] search: "pla"', ['plaza']],
    ])('are found by %s', async (_what, args, expected) => {
      expect(await groups('ada', args)).toEqual(expected);
    });

    test('a private one can’t be searched for from outside', async () => {
      expect(await groups('cyd', 'search: "cellar"')).toEqual([]);
      expect(await ask.data('cyd', '{ group(guid: "cellar") { guid } }')).toEqual({ group: null });
    });
  });

  describe('a group', () => {
    test('shows all of itself, and what the viewer is in it', async () => {
      expect((await ask.data('bob', `{ group(guid: "plaza") { ${GROUP} } }`)).group).toEqual(PLAZA);
    });

    test('shows itself to outsiders too, who are nothing in it', async () => {
      const outside = { ...PLAZA, hasJoined: false, scope: null, joinedAt: null, conversation: null };
      expect((await ask.data('olga', `{ group(guid: "plaza") { ${GROUP} } }`)).group).toEqual(outside);
      expect((await ask.data('KEY', `{ group(guid: "plaza") { ${GROUP} } }`)).group).toEqual(outside);
    });

    test('never shows its password', async () => {
      const { __type: type } = await ask.data('NOBODY', '{ __type(name: "Group") { fields { name } } }');
      expect(
        type.fields.map(({ name }: { name: string }) => name).filter((name: string) => /pass/i.test(name)),
      ).toEqual([]);
    });
  });

  describe('members', () => {
    test('are listed by name to each other', async () => {
      expect(await people('cyd', 'plaza', 'members')).toEqual(['ada', 'bob', 'cyd', 'mal']);
      expect(await people('KEY', 'plaza', 'members')).toEqual(['ada', 'bob', 'cyd', 'mal']);
    });

    test.each([
      ['part of a name', 'search: "LOVE"', ['ada']],
      ['part of a uid', 'search: "Mal"', ['mal']],
      ['scopes', 'scopes: [ADMIN, PARTICIPANT]', ['ada', 'cyd', 'mal']],
      ['no scope at all', 'scopes: []', []],
      ['being connected', 'status: ONLINE', []],
      ['not being connected', 'status: OFFLINE', ['ada', 'bob', 'cyd', 'mal']],
      ['several things at once', 'search: "a" scopes: [PARTICIPANT] status: OFFLINE', ['mal']],
    ])('are found by %s', async (_what, args, expected) => {
      expect(await people('cyd', 'plaza', `members(${args})`)).toEqual(expected);
    });

    test.each(['olga', 'emile'])('are not shown to who is outside: %s gets ERR_GROUP_NOT_JOINED', async (as) => {
      expect(await ask.codes(as, '{ group(guid: "plaza") { members { nodes { uid } } } }')).toEqual([
        'ERR_GROUP_NOT_JOINED',
      ]);
      expect(await ask.codes(as, '{ group(guid: "vault") { members { nodes { uid } } } }')).toEqual([
        'ERR_GROUP_NOT_JOINED',
      ]);
    });

    test('are counted, where all are asked for', async () => {
      const { group } = await ask.data(
        'cyd',
        '{ group(guid: "plaza") { members { totalCount } some: members(search: "a") { totalCount } } }',
      );
      expect(group).toEqual({ members: { totalCount: 4 }, some: { totalCount: null } });
    });

    test('show their profile, their scope and their group', async () => {
      const { node } = await ask.data(
        'cyd',
        `{ node(id: "member:plaza:ada") { ... on GroupMember {
          id guid uid name status lastActiveAt email avatar link role metadata credits statusMessage scope joinedAt isBanned
          user { uid } group { guid } } } }`,
      );
      expect(node).toEqual({
        id: 'member:plaza:ada',
        guid: 'plaza',
        uid: 'ada',
        name: 'Ada Lovelace',
        status: 'OFFLINE',
        lastActiveAt: expect.any(Number), // they ask in this suite
        email: null,
        avatar: 'https://example.org/ada.png',
        link: 'https://example.org/ada',
        role: 'teacher',
        metadata: { room: 12 },
        credits: null,
        statusMessage: 'counting',
        scope: 'ADMIN',
        joinedAt: START + 1,
        isBanned: false,
        user: { uid: 'ada' },
        group: { guid: 'plaza' },
      });
    });

    test('see their own email and credits', async () => {
      const mine = '{ node(id: "member:plaza:ada") { ... on GroupMember { email credits } } }';
      expect((await ask.data('ada', mine)).node).toEqual({ email: 'ada@example.org', credits: 7 });
      expect((await ask.data('KEY', mine)).node).toEqual({ email: 'ada@example.org', credits: 7 });
    });

    test('are not found by their id from outside', async () => {
      expect(await ask.data('emile', '{ node(id: "member:plaza:ada") { id } }')).toEqual({ node: null });
      expect(await ask.data('cyd', '{ node(id: "member:cellar:ada") { id } }')).toEqual({ node: null });
    });
  });

  describe('who is banned', () => {
    test.each(['ada', 'bob', 'KEY'])('is shown to admins, moderators and API keys: %s', async (as) => {
      expect(await people(as, 'plaza', 'bannedMembers')).toEqual(['olga']);
      expect(await people(as, 'plaza', 'bannedMembers(search: "OLG")')).toEqual(['olga']);
      expect(await people(as, 'plaza', 'bannedMembers(search: "cyd")')).toEqual([]);
    });

    test.each([
      ['cyd', 'ERR_GROUP_NO_MODERATOR_SCOPE'],
      ['emile', 'ERR_GROUP_NOT_JOINED'],
      ['olga', 'ERR_GROUP_NOT_JOINED'],
    ])('is not shown to %s, who gets %s', async (as, code) => {
      expect(await ask.codes(as, '{ group(guid: "plaza") { bannedMembers { nodes { uid } } } }')).toEqual([code]);
    });

    test('is found by id by who may know of them, as no member', async () => {
      const olga = '{ node(id: "member:plaza:olga") { ... on GroupMember { uid scope joinedAt isBanned } } }';
      expect((await ask.data('bob', olga)).node).toEqual({
        uid: 'olga',
        scope: 'PARTICIPANT',
        joinedAt: null,
        isBanned: true,
      });
      expect((await ask.data('cyd', olga)).node).toBeNull();
      expect((await ask.data('olga', olga)).node).toBeNull();
    });
  });
});
