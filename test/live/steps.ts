import { expect } from 'vitest';
import type { As } from '../support/ask.ts';
import { group, member } from '../support/lines.ts';
import { WORLD } from '../support/world.ts';
import { between, inGroup, type Shown, toGroup, told, toUser } from './every-event.ts';

/** Ada listens on two devices. Olga is banned from the plaza, sam-1 has nothing to do with it. */
export const DEVICES = ['ada', 'ada', 'bob', 'cyd', 'mal', 'olga', 'sam-1'];
/** The world, and a group of all of them: a message there marks the end of what was told before. */
export const LINES = [
  ...WORLD,
  group('bell', 'Bell', 'ada'),
  ...[...new Set(DEVICES)].map((uid) => member('bell', uid)),
];

/** What a step tells, by the uids of whom it tells that; it tells others nothing. */
type Tells = Record<string, readonly object[]>;
export type Step = readonly [title: string, as: As, mutation: string, input: () => object, tells: () => Tells];

let answer: { message: { id: string } }; // the last step's
let kept: Shown; // the message that the next steps are about

/** Says what the last step has answered: later ones refer to it. */
export function answered(data: typeof answer): void {
  answer = data;
}

const text = (words: string): Shown => ({ id: answer.message.id, is: { text: words } });
const keep = (message: Shown): Shown => {
  kept = message;
  return message;
};
const ALL = 'ada bob cyd mal';
const ADA_BOB = between('ada', 'bob');
const CLUB = ['club', 'Club'] as const;
const message = () => ({ messageId: kept.id });
const none = () => ({});

/** What happens, one after the other: every mutation there is, but those about calls. */
export const STEPS: readonly Step[] = [
  ['a user is made', 'KEY', 'createUser', () => ({ uid: 'new', name: 'New' }), none],
  ['a token is made', 'KEY', 'createAuthToken', () => ({ uid: 'new' }), none],
  ['tokens are revoked', 'KEY', 'revokeAuthTokens', () => ({ uid: 'new' }), none],
  ['a user rests', 'KEY', 'deactivateUsers', () => ({ uids: ['new'] }), none],
  ['a user comes back', 'KEY', 'reactivateUsers', () => ({ uids: ['new'] }), none],
  ['a user is deleted', 'KEY', 'deleteUser', () => ({ uid: 'new', permanent: true }), none],
  [
    'a profile is changed',
    'KEY',
    'updateUser',
    () => ({ uid: 'bob', role: 'boss' }),
    () => ({ bob: [told.user('UPDATED', 'bob')] }),
  ],
  [
    'somebody changes',
    'ada',
    'updateMe',
    () => ({ statusMessage: 'here' }),
    () => ({ ada: [told.user('UPDATED', 'ada')] }),
  ],
  ['nothing changes', 'ada', 'updateMe', () => ({ statusMessage: 'here' }), none],
  [
    'somebody is blocked with whom one is in a call',
    'bob',
    'blockUsers',
    () => ({ uids: ['cyd'] }),
    () => ({
      bob: [told.user('BLOCKED', 'cyd'), told.call('session-310', 'ENDED')],
      cyd: [told.call('session-310', 'ENDED')],
    }),
  ],
  ['blocked again', 'bob', 'blockUsers', () => ({ uids: ['cyd'] }), none],
  ['a block ends', 'bob', 'unblockUsers', () => ({ uids: ['cyd'] }), () => ({ bob: [told.user('UNBLOCKED', 'cyd')] })],

  [
    'a group is made',
    'cyd',
    'createGroup',
    () => ({ guid: 'club', name: 'Club', type: 'PUBLIC', members: [{ uid: 'mal' }] }),
    () => ({
      cyd: [
        told.member(CLUB, 'cyd', 'ADMIN', null),
        told.member(CLUB, 'mal', 'PARTICIPANT', ['MEMBER_INVITED', 'cyd']),
        told.reached('READ', inGroup('club'), null, expect.any(String)), // all have: they came with it
      ],
      mal: [told.member(CLUB, 'mal', 'PARTICIPANT', ['MEMBER_INVITED', 'cyd'])],
    }),
  ],
  [
    'somebody joins',
    'bob',
    'joinGroup',
    () => ({ guid: 'club' }),
    () => ({
      'bob cyd mal': [told.member(CLUB, 'bob', 'PARTICIPANT', ['MEMBER_JOINED', 'bob'])],
    }),
  ],
  [
    'somebody is added',
    'cyd',
    'addGroupMembers',
    () => ({ guid: 'club', members: [{ uid: 'sam-1', scope: 'MODERATOR' }] }),
    () => ({
      'bob cyd mal sam-1': [told.member(CLUB, 'sam-1', 'MODERATOR', ['MEMBER_INVITED', 'cyd'])],
    }),
  ],
  [
    'a scope changes',
    'cyd',
    'changeGroupMemberScope',
    () => ({ guid: 'club', uid: 'mal', scope: 'MODERATOR' }),
    () => ({
      'bob cyd mal sam-1': [told.member(CLUB, 'mal', 'MODERATOR', ['MEMBER_SCOPE_CHANGED', 'cyd'])],
    }),
  ],
  [
    'a group is handed over',
    'cyd',
    'transferGroupOwnership',
    () => ({ guid: 'club', uid: 'bob' }),
    () => ({
      'bob cyd mal sam-1': [told.member(CLUB, 'bob', 'ADMIN', null), told.group('UPDATED', 'club', 'Club', 'cyd')],
    }),
  ],
  [
    'a group is changed',
    'bob',
    'updateGroup',
    () => ({ guid: 'club', name: 'Old club' }),
    () => ({
      'bob cyd mal sam-1': [told.group('UPDATED', 'club', 'Old club', 'bob')],
    }),
  ],
  [
    'a group is changed by an API key',
    'KEY',
    'updateGroup',
    () => ({ guid: 'club', name: 'Club' }),
    () => ({
      'bob cyd mal sam-1': [told.group('UPDATED', 'club', 'Club', null)],
    }),
  ],
  [
    'somebody is kicked',
    'bob',
    'kickGroupMember',
    () => ({ guid: 'club', uid: 'sam-1' }),
    () => ({
      'bob cyd mal sam-1': [told.member(CLUB, 'sam-1', null, ['MEMBER_KICKED', 'bob'])],
    }),
  ],
  [
    'somebody is banned',
    'bob',
    'banGroupMember',
    () => ({ guid: 'club', uid: 'cyd' }),
    () => ({
      'bob cyd mal': [told.member(CLUB, 'cyd', null, ['MEMBER_BANNED', 'bob'])],
    }),
  ],
  [
    'a ban ends',
    'bob',
    'unbanGroupMember',
    () => ({ guid: 'club', uid: 'cyd' }),
    () => ({
      'bob mal': [told.member(CLUB, 'cyd', null, ['MEMBER_UNBANNED', 'bob'])],
    }),
  ],
  [
    'somebody leaves',
    'mal',
    'leaveGroup',
    () => ({ guid: 'club' }),
    () => ({
      mal: [told.member(CLUB, 'mal', null, ['MEMBER_LEFT', 'mal'])],
      bob: [
        told.member(CLUB, 'mal', null, ['MEMBER_LEFT', 'mal']),
        told.reached('READ', inGroup('club'), null, expect.any(String)), // all who are left have
      ],
    }),
  ],
  [
    'a group is deleted',
    'bob',
    'deleteGroup',
    () => ({ guid: 'club' }),
    () => ({ bob: [told.group('DELETED', 'club', null, 'bob')] }),
  ],

  [
    'a text is sent to one',
    'ada',
    'sendTextMessage',
    () => ({ ...toUser('bob'), text: 'You' }),
    () => ({
      'ada bob': [told.message('SENT', keep(text('You')), 'ada')],
    }),
  ],
  [
    'all to one is delivered',
    'bob',
    'markAsDelivered',
    () => toUser('ada'),
    () => ({
      'ada bob': [told.reached('DELIVERED', ADA_BOB, 'bob', kept.id)],
    }),
  ],
  [
    'all to one is read',
    'bob',
    'markAsRead',
    message,
    () => ({ 'ada bob': [told.reached('READ', ADA_BOB, 'bob', kept.id)] }),
  ],
  ['read again', 'bob', 'markAsRead', message, none],
  ['counted as unread', 'bob', 'markAsUnread', message, () => ({ bob: [told.conversation(ADA_BOB)] })],
  [
    'a conversation is set',
    'ada',
    'updateConversation',
    () => ({ ...toUser('bob'), tags: ['dear'] }),
    () => ({
      ada: [told.conversation(ADA_BOB, ['dear'])],
    }),
  ],
  [
    'a conversation is deleted for oneself',
    'ada',
    'deleteConversation',
    () => toUser('bob'),
    () => ({
      ada: [expect.objectContaining({ kind: 'CONVERSATION_UPDATED', conversationId: ADA_BOB[0] })],
    }),
  ],
  [
    'what one has deleted for oneself gets a reaction',
    'bob',
    'addReaction',
    () => ({ ...message(), reaction: '👍' }),
    () => ({
      bob: [told.reaction('ADDED', kept, 'bob', '👍')],
      ada: [told.reaction('ADDED', { ...kept, is: null }, 'bob', '👍')],
    }),
  ],
  [
    'something new comes to a conversation that one has deleted for oneself',
    'ada',
    'sendTextMessage',
    () => ({ ...toUser('bob'), text: 'Me' }),
    () => ({
      'ada bob': [told.message('SENT', keep(text('Me')), 'ada')],
    }),
  ],

  [
    'a text is sent to a group',
    'cyd',
    'sendTextMessage',
    () => ({ ...toGroup('plaza'), text: 'Us' }),
    () => ({
      [ALL]: [told.message('SENT', keep(text('Us')), 'cyd')],
    }),
  ],
  [
    'a text is edited',
    'cyd',
    'editMessage',
    () => ({ ...message(), text: 'All' }),
    () => ({
      [ALL]: [told.message('EDITED', keep({ ...kept, is: { text: 'All' } }), 'cyd')],
    }),
  ],
  [
    'a reaction comes',
    'mal',
    'addReaction',
    () => ({ ...message(), reaction: '👍' }),
    () => ({
      [ALL]: [told.reaction('ADDED', kept, 'mal', '👍')],
    }),
  ],
  [
    'a reaction goes',
    'mal',
    'removeReaction',
    () => ({ ...message(), reaction: '👍' }),
    () => ({
      [ALL]: [told.reaction('REMOVED', kept, 'mal', '👍')],
    }),
  ],
  ['a message is pinned', 'bob', 'pinMessage', message, () => ({ [ALL]: [told.message('PINNED', kept, 'bob')] })],
  [
    'a message is unpinned by an API key',
    'KEY',
    'unpinMessage',
    message,
    () => ({ [ALL]: [told.message('UNPINNED', kept, null)] }),
  ],
  ['a message is saved', 'mal', 'saveMessage', message, () => ({ mal: [told.message('SAVED', kept, 'mal')] })],
  [
    'a message is saved no longer',
    'mal',
    'unsaveMessage',
    message,
    () => ({ mal: [told.message('UNSAVED', kept, 'mal')] }),
  ],
  [
    'a group is read by one',
    'bob',
    'markAsRead',
    message,
    () => ({ bob: [told.reached('READ', inGroup('plaza'), 'bob', kept.id)] }),
  ],
  [
    'a message is deleted',
    'cyd',
    'deleteMessage',
    message,
    () => ({
      [ALL]: [told.message('DELETED', keep({ ...kept, is: { text: '' } }), 'cyd')],
    }),
  ],
  [
    'a message is deleted for good',
    'KEY',
    'deleteMessage',
    () => ({ ...message(), permanent: true }),
    () => ({
      [ALL]: [told.message('DELETED', { ...kept, is: null }, null)],
    }),
  ],
  [
    'a file is sent',
    'ada',
    'sendMediaMessage',
    () => ({ ...toGroup('plaza'), type: 'IMAGE', url: 'https://example.org/a.png', caption: 'A' }),
    () => ({
      [ALL]: [told.message('SENT', { id: answer.message.id, is: { caption: 'A' } }, 'ada')],
    }),
  ],
  [
    'a custom message is sent',
    'ada',
    'sendCustomMessage',
    () => ({ ...toGroup('plaza'), subType: 'poll', customData: {} }),
    () => ({
      [ALL]: [told.message('SENT', keep({ id: answer.message.id, is: { subType: 'poll' } }), 'ada')],
    }),
  ],
  [
    'a reply is sent',
    'bob',
    'sendTextMessage',
    () => ({ ...toGroup('plaza'), text: 'Yes', parentId: kept.id }),
    () => ({
      [ALL]: [told.message('SENT', text('Yes'), 'bob')],
    }),
  ],

  ['a group is read up to their own', 'ada', 'markAsRead', message, none],
  [
    'a group is read by another',
    'cyd',
    'markAsRead',
    message,
    () => ({ cyd: [told.reached('READ', inGroup('plaza'), 'cyd', kept.id)] }),
  ],
  [
    'a group is read by the last',
    'mal',
    'markAsRead',
    message,
    () => ({
      mal: [told.reached('READ', inGroup('plaza'), 'mal', kept.id)],
      'ada cyd': [told.reached('READ', inGroup('plaza'), null, kept.id)],
    }),
  ],

  [
    'somebody types to a group',
    'bob',
    'startTyping',
    () => toGroup('plaza'),
    () => ({
      'ada cyd mal': [told.typing('STARTED', 'bob', 'GROUP', 'plaza')],
    }),
  ],
  ['somebody still types', 'bob', 'startTyping', () => toGroup('plaza'), none],
  [
    'somebody types no longer',
    'bob',
    'endTyping',
    () => toGroup('plaza'),
    () => ({
      'ada cyd mal': [told.typing('ENDED', 'bob', 'GROUP', 'plaza')],
    }),
  ],
  [
    'somebody types to one',
    'bob',
    'startTyping',
    () => toUser('ada'),
    () => ({ ada: [told.typing('STARTED', 'bob', 'USER', 'ada')] }),
  ],
  [
    'somebody types to one no longer',
    'bob',
    'endTyping',
    () => toUser('ada'),
    () => ({ ada: [told.typing('ENDED', 'bob', 'USER', 'ada')] }),
  ],
  [
    'a message passes by in a group',
    'cyd',
    'sendTransientMessage',
    () => ({ ...toGroup('plaza'), data: { dice: [6, 6] } }),
    () => ({
      'ada bob mal': [told.transient('cyd', 'GROUP', 'plaza', { dice: [6, 6] })],
    }),
  ],
  [
    'a message passes by to one',
    'bob',
    'sendTransientMessage',
    () => ({ ...toUser('ada'), data: 'wave' }),
    () => ({
      ada: [told.transient('bob', 'USER', 'ada', 'wave')],
    }),
  ],
];
