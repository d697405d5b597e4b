import { expect, test } from 'vitest';
import type { As, Asker } from '../support/ask.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { banned, group, member, text, user } from '../support/lines.ts';
import { logPosition } from '../support/log.ts';
import type { Line } from '../support/seed.ts';

const ROLES = ['outsider', 'banned', 'participant', 'moderator', 'admin', 'owner', 'API key'] as const;
const TYPES = ['public', 'password', 'private'] as const;
type Role = (typeof ROLES)[number];
type Type = (typeof TYPES)[number];

/** The same people in every group: one to act in each role, and another of each to be acted on. */
const UIDS = ['outsider', 'banned', 'participant', 'moderator', 'admin', 'owner'];
const OTHERS = ['other-outsider', 'other-banned', 'other-participant', 'other-moderator', 'other-admin'];

const YES = 'yes';
const NO_KEY = 'AUTH_ERR_NO_ACCESS';
const IN = 'ERR_ALREADY_JOINED';
const NO_MOD = 'ERR_GROUP_NO_MODERATOR_SCOPE';
const NO_ADMIN = 'ERR_GROUP_NO_ADMIN_SCOPE';
const NO_CLEARANCE = 'ERR_GROUP_NO_CLEARANCE';
const SELF = 'ERR_GROUP_NO_SELF_ACTION';
const OWNER_STAYS = 'ERR_OWNER_CANNOT_LEAVE';
const NOT_THEIRS = 'ERR_MESSAGE_NO_ACCESS';
const NOT_JOINED = 'ERR_GROUP_NOT_JOINED';
const NO_GROUP = 'ERR_GUID_NOT_FOUND';
const NO_MESSAGE = 'ERR_MESSAGE_ID_NOT_FOUND';

type Who = readonly [participant: string, moderator: string, admin: string, owner: string, key: string];

/**
 * Written from the tables of the specification, not from the code: what each operation gives to members of each scope, to the owner
 * and to an API key on nobody's behalf. Outsiders are told below.
 */
const EXPECTED: Record<string, Who> = {
  'see the group': [YES, YES, YES, YES, YES],
  'see its members': [YES, YES, YES, YES, YES],
  'see who is banned': [NO_MOD, YES, YES, YES, YES],
  'send a message': [YES, YES, YES, YES, NO_KEY],
  'pin a message': [NOT_THEIRS, YES, YES, YES, YES],
  "delete another's message": [NOT_THEIRS, YES, YES, YES, YES],
  join: [IN, IN, IN, IN, NO_KEY],
  leave: [YES, YES, YES, OWNER_STAYS, NO_KEY],
  'add a member': [NO_ADMIN, NO_ADMIN, YES, YES, YES],
  'kick a participant': [NO_MOD, YES, YES, YES, YES],
  'kick a moderator': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'kick an admin': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'kick the owner': [NO_MOD, NO_CLEARANCE, NO_CLEARANCE, SELF, YES],
  'ban a participant': [NO_MOD, YES, YES, YES, YES],
  'ban a moderator': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'ban an admin': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'ban the owner': [NO_MOD, NO_CLEARANCE, NO_CLEARANCE, SELF, YES],
  unban: [NO_MOD, YES, YES, YES, YES],
  'make a participant moderator': [NO_MOD, YES, YES, YES, YES],
  'make a participant admin': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'make a moderator participant': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'make an admin participant': [NO_MOD, NO_CLEARANCE, YES, YES, YES],
  'make the owner participant': [NO_MOD, NO_CLEARANCE, NO_CLEARANCE, SELF, YES],
  'update the group': [NO_MOD, YES, YES, YES, YES],
  'delete the group': [NO_ADMIN, NO_ADMIN, YES, YES, YES],
  'hand the group over': [NO_CLEARANCE, NO_CLEARANCE, NO_CLEARANCE, YES, YES],
};

/** What those outside get: of a private group nothing is there, of others the group itself is, and nothing in it. */
function expectedOutside(operation: string, role: 'outsider' | 'banned', type: Type): string {
  if (operation === 'pin a message' || operation === "delete another's message") return NO_MESSAGE;
  if (type === 'private') return NO_GROUP;
  if (operation === 'see the group') return YES;
  if (operation === 'join') return role === 'banned' ? 'ERR_BANNED_GROUPMEMBER' : YES;
  return NOT_JOINED;
}

function expectedOf(operation: string, role: Role, type: Type): string | undefined {
  if (role === 'outsider' || role === 'banned') return expectedOutside(operation, role, type);
  return EXPECTED[operation]?.[ROLES.indexOf(role) - 2];
}

type Attempt = (ask: Asker, as: As, guid: string, messageId: string) => Promise<string>;

const outcome = ({ errors }: { errors: readonly { extensions: Record<string, unknown> }[] }) =>
  errors.map(({ extensions }) => String(extensions['code'])).join() || YES;

const mutate =
  (name: string, more: object, givenMessage = false): Attempt =>
  async (ask, as, guid, messageId) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const input = givenMessage ? { messageId } : { guid, ...more };
    return outcome(
      await ask.answer(as, `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, { input }),
    );
  };

const look =
  (field: string): Attempt =>
  async (ask, as, guid) => {
    const answer = await ask.answer(as, `{ group(guid: "${guid}") { ${field} } }`);
    return answer.errors.length === 0 && answer.data.group === null ? NO_GROUP : outcome(answer);
  };

const send: Attempt = async (ask, as, guid) => {
  const input = { receiverType: 'GROUP', receiverId: guid, text: 'Hello' };
  const document = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
  return outcome(await ask.answer(as, document, { input }));
};

const scope = (uid: string, to: string) => mutate('changeGroupMemberScope', { uid, scope: to });

const OPERATIONS: Record<string, Attempt> = {
  'see the group': look('name'),
  'see its members': look('members { nodes { uid } }'),
  'see who is banned': look('bannedMembers { nodes { uid } }'),
  'send a message': send,
  'pin a message': mutate('pinMessage', {}, true),
  "delete another's message": mutate('deleteMessage', {}, true),
  join: mutate('joinGroup', { password: 'sesame' }),
  leave: mutate('leaveGroup', {}),
  'add a member': mutate('addGroupMembers', { members: [{ uid: 'other-outsider' }] }),
  'kick a participant': mutate('kickGroupMember', { uid: 'other-participant' }),
  'kick a moderator': mutate('kickGroupMember', { uid: 'other-moderator' }),
  'kick an admin': mutate('kickGroupMember', { uid: 'other-admin' }),
  'kick the owner': mutate('kickGroupMember', { uid: 'owner' }),
  'ban a participant': mutate('banGroupMember', { uid: 'other-participant' }),
  'ban a moderator': mutate('banGroupMember', { uid: 'other-moderator' }),
  'ban an admin': mutate('banGroupMember', { uid: 'other-admin' }),
  'ban the owner': mutate('banGroupMember', { uid: 'owner' }),
  unban: mutate('unbanGroupMember', { uid: 'other-banned' }),
  'make a participant moderator': scope('other-participant', 'MODERATOR'),
  'make a participant admin': scope('other-participant', 'ADMIN'),
  'make a moderator participant': scope('other-moderator', 'PARTICIPANT'),
  'make an admin participant': scope('other-admin', 'PARTICIPANT'),
  'make the owner participant': scope('owner', 'PARTICIPANT'),
  'update the group': mutate('updateGroup', { name: 'Renamed' }),
  'delete the group': mutate('deleteGroup', {}),
  'hand the group over': mutate('transferGroupOwnership', { uid: 'other-participant' }),
};

/** A group of its own for each attempt, so that none finds what another has left. */
const CELLS = TYPES.flatMap((type) =>
  Object.keys(OPERATIONS).flatMap((operation) => ROLES.map((role) => ({ type, operation, role }))),
).map((cell, n) => ({ ...cell, guid: `group-${n}`, messageId: n + 1 }));

const LINES: readonly Line[] = [
  ...[...UIDS, ...OTHERS].map((uid) => user(uid, uid)),
  ...CELLS.flatMap(({ type, guid, messageId }) => [
    group(guid, guid, 'owner', { type, ...(type === 'password' && { password: 'sesame' }) }),
    member(guid, 'owner', { scope: 'admin' }),
    ...['participant', 'moderator', 'admin'].flatMap((one) => [
      member(guid, one, { scope: one }),
      member(guid, `other-${one}`, { scope: one }),
    ]),
    banned(guid, 'banned'),
    banned(guid, 'other-banned'),
    text(messageId, 'other-participant', { group: guid }, 'Words of another'),
  ]),
];

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** The matrix as a person reads it: a table for each type of group. */
function tableOf(type: Type, outcomes: readonly { type: Type; operation: string; role: Role; got: string }[]): string {
  const rows = Object.keys(OPERATIONS).map((operation) => {
    const cells = outcomes.filter((one) => one.type === type && one.operation === operation);
    return row([operation, ...cells.map(({ got }) => got.replace(/^ERR_/, ''))]);
  });
  const head = [row([`${type} group`, ...ROLES]), row(['---', ...ROLES.map(() => '---')])];
  return [...head, ...rows].join('\n');
}

eachDialect((dialect) => {
  const ask = useServer(dialect, LINES);

  test('everybody may do what the specification says, and is refused with its codes', async () => {
    const outcomes: { type: Type; operation: string; role: Role; got: string }[] = [];
    for (const { type, operation, role, guid, messageId } of CELLS) {
      const before = await logPosition(ask.server());
      const as = role === 'API key' ? 'KEY' : role;
      const got = (await OPERATIONS[operation]?.(ask, as, guid, String(messageId))) ?? 'nothing';
      outcomes.push({ type, operation, role, got });
      if (got !== YES) expect(await logPosition(ask.server()), `${role}: ${operation}`).toBe(before);
    }
    const matrix = TYPES.map((type) => tableOf(type, outcomes)).join('\n\n');
    await expect(`# Who may do what in a group\n\n${matrix}\n`).toMatchFileSnapshot('__snapshots__/policies.md');
    const wrong = outcomes.filter(({ type, operation, role, got }) => got !== expectedOf(operation, role, type));
    expect(wrong.map((one) => ({ ...one, expected: expectedOf(one.operation, one.role, one.type) }))).toEqual([]);
  }, 60_000);
});
