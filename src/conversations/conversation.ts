import type { Group } from '../groups/group.ts';
import type { conversations, participants } from '../store/tables.sqlite.ts';
import { pairScope, type User } from '../users/user.ts';

/** A row of `conversations`: what is the same for all who take part. */
export type Conversation = typeof conversations.$inferSelect;

/** A row of `participants`: one user's own view of a conversation, also of one they no longer belong to (not `active`). */
export type Participant = typeof participants.$inferSelect;

/** A conversation as one user has it. `place` is its place in their list: larger is newer, negative without a message. */
export type View = Omit<Conversation, 'createdAt' | 'importFloor' | 'seq'> &
  Omit<Participant, 'conversationId' | 'updatedAt'> & { readonly viewUpdatedAt: number | null; readonly place: number };

/** What a conversation is with: a group, or the viewer's partner. */
export interface Receiver {
  readonly receiverType: 'user' | 'group';
  readonly receiverId: string;
}

/** What a conversation is with, found. */
export type Party = { readonly type: 'group'; readonly group: Group } | { readonly type: 'user'; readonly user: User };

/** What writes in a conversation are alone in, one at a time: see `Database.write`. */
export const scopeOf = ({ groupId, userA, userB }: Pick<Conversation, 'groupId' | 'userA' | 'userB'>): string =>
  groupId === null ? pairScope(userA ?? 0, userB ?? 0) : groupScope(groupId);

/** The scope of all that changes a group, who belongs to it and what is written in it. */
export const groupScope = (groupId: number): string => `group:${groupId}`;

/** The scope of what a user writes to the party. */
export const scopeWith = (userId: number, party: Party): string =>
  party.type === 'group' ? groupScope(party.group.id) : pairScope(userId, party.user.id);

/** The row id of the one whom a user talks with in a one-to-one conversation (themself, where they write to themself). */
export const otherOf = ({ userA, userB }: Pick<Conversation, 'userA' | 'userB'>, userId: number): number =>
  (userA === userId ? userB : userA) ?? 0;

/** Two uids in the order of a one-to-one conversation: by code point, which is how JavaScript compares the ASCII that uids are. */
export const inOrder = (one: string, other: string): readonly [string, string] =>
  one <= other ? [one, other] : [other, one];

/** The data model's name of a group's conversation. For display: it is never parsed. */
export const groupConversationId = (guid: string): string => `group_${guid}`;

/** The data model's name of a conversation between two. For display: it is never parsed, as uids may hold `_`. */
export const userConversationId = (one: string, other: string): string => inOrder(one, other).join('_user_');
