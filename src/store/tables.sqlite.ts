// The same tables as in tables.postgres.ts, line by line below the imports: test/store/tables.test.ts holds them equal.
import { sql } from 'drizzle-orm';
import { index, primaryKey, sqliteTable as table, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { bool, int, json, key, serial, texts, transactionId } from './columns.sqlite.ts';

/** What is true of the database as a whole, such as the epoch of its event log. */
export const meta = table('meta', { name: key('name').primaryKey(), value: text('value').notNull() });

/** `sortKey`: see `sortKey` in users/user.ts. A deleted user's row stays, so that history holds. */
export const users = table(
  'users',
  {
    id: serial('id'),
    uid: key('uid').notNull().unique(),
    sortKey: key('sort_key').notNull().unique(),
    name: text('name').notNull(),
    avatar: text('avatar'),
    link: text('link'),
    role: text('role'),
    email: text('email'),
    credits: int('credits'),
    statusMessage: text('status_message'),
    metadata: json('metadata'),
    tags: texts('tags').notNull(),
    lastActiveAt: int('last_active_at'),
    createdAt: int('created_at').notNull(),
    updatedAt: int('updated_at'),
    deactivatedAt: int('deactivated_at'),
    deletedAt: int('deleted_at'),
    tokensRevokedAt: int('tokens_revoked_at'),
  },
  (t) => [index('users_role').on(t.role, t.sortKey)],
);

/** `blockerId` does not want to hear from `blockedId`. */
export const blocks = table(
  'blocks',
  {
    blockerId: int('blocker_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    blockedId: int('blocked_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    at: int('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.blockerId, t.blockedId] }), index('blocks_of').on(t.blockedId, t.blockerId)],
);

/** User tokens, by the SHA-256 of their text. */
export const authTokens = table(
  'auth_tokens',
  {
    id: serial('id'),
    hash: key('hash').notNull().unique(),
    userId: int('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: int('created_at').notNull(),
    expiresAt: int('expires_at'),
  },
  (t) => [index('auth_tokens_user').on(t.userId)],
);

/** API keys beside the one in the settings, by the SHA-256 of their text. */
export const apiKeys = table('api_keys', {
  id: serial('id'),
  hash: key('hash').notNull().unique(),
  name: key('name').notNull().unique(),
  createdAt: int('created_at').notNull(),
});

/** A deleted group's row stays, under a guid that nobody can give, until all that it held is gone; its members' periods have ended. */
export const groups = table(
  'groups',
  {
    id: serial('id'),
    guid: key('guid').notNull().unique(),
    sortKey: key('sort_key').notNull().unique(),
    name: text('name').notNull(),
    type: text('type', { enum: ['public', 'private', 'password'] }).notNull(),
    passwordHash: text('password_hash'),
    description: text('description'),
    icon: text('icon'),
    metadata: json('metadata'),
    tags: texts('tags').notNull(),
    ownerId: int('owner_id')
      .notNull()
      .references(() => users.id),
    membersCount: int('members_count').notNull().default(0),
    createdAt: int('created_at').notNull(),
    updatedAt: int('updated_at'),
    deletedAt: int('deleted_at'),
  },
  (t) => [
    index('groups_owner').on(t.ownerId),
    index('groups_deleted').on(t.deletedAt).where(sql`${t.deletedAt} is not null`),
  ],
);

/**
 * Who belongs to a group, from which position of the event log (exclusive) and, once it has ended, up to which (inclusive).
 * `sortKey` is the user's, so that members are listed by name from one index.
 */
export const memberships = table(
  'memberships',
  {
    id: serial('id'),
    groupId: int('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    sortKey: key('sort_key').notNull(),
    scope: text('scope', { enum: ['admin', 'moderator', 'participant'] }).notNull(),
    joinedAt: int('joined_at').notNull(),
    fromPosition: int('from_position').notNull(),
    toPosition: int('to_position'),
  },
  (t) => [
    uniqueIndex('memberships_current').on(t.groupId, t.userId).where(sql`${t.toPosition} is null`),
    index('memberships_listed').on(t.groupId, t.sortKey).where(sql`${t.toPosition} is null`),
    index('memberships_user').on(t.userId, t.groupId),
  ],
);

/** Who may not come back to a group until unbanned. */
export const bans = table(
  'bans',
  {
    groupId: int('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    sortKey: key('sort_key').notNull(),
    at: int('at').notNull(),
    byId: int('by_id'),
  },
  (t) => [
    primaryKey({ columns: [t.groupId, t.userId] }),
    index('bans_listed').on(t.groupId, t.sortKey),
    index('bans_user').on(t.userId),
  ],
);

/**
 * A group's conversation has `groupId`; one between two users has `userA` and `userB`, whose uids are in order of code points.
 * `seq` is the last message's, `counted` its `counted` (see `messages`). `lastId` is the newest message, `lastMessageId` the
 * newest that is not a reply; both are 0 where there is none. `importFloor` is `lastId` from before an import that has not
 * finished.
 */
export const conversations = table(
  'conversations',
  {
    id: serial('id'),
    groupId: int('group_id')
      .references(() => groups.id, { onDelete: 'cascade' })
      .unique(),
    userA: int('user_a'),
    userB: int('user_b'),
    seq: int('seq').notNull().default(0),
    counted: int('counted').notNull().default(0),
    lastId: int('last_id').notNull().default(0),
    lastMessageId: int('last_message_id').notNull().default(0),
    importFloor: int('import_floor'),
    createdAt: int('created_at').notNull(),
    updatedAt: int('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('conversations_pair').on(t.userA, t.userB).where(sql`${t.userA} is not null`),
    index('conversations_other').on(t.userB, t.userA).where(sql`${t.userA} is not null`),
    index('conversations_importing').on(t.importFloor).where(sql`${t.importFloor} is not null`),
  ],
);

/**
 * A user's own view of a conversation. `active`: whether they belong to it now. `readUpTo` is the id that unread counts start
 * after, `readCounted` that message's `counted`; `readMark` and `deliveredMark` are the furthest receipts, which never go back.
 * `clearedUpTo`: what they deleted for themself. `readUpTo` is -1 while an import has yet to say where it stands.
 */
export const participants = table(
  'participants',
  {
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    conversationId: int('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    active: bool('active'),
    readUpTo: int('read_up_to').notNull().default(0),
    readCounted: int('read_counted').notNull().default(0),
    readMark: int('read_mark').notNull().default(0),
    deliveredMark: int('delivered_mark').notNull().default(0),
    clearedUpTo: int('cleared_up_to').notNull().default(0),
    tags: texts('tags').notNull(),
    pinnedAt: int('pinned_at'),
    mutedUntil: int('muted_until'),
    updatedAt: int('updated_at'),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.conversationId] }),
    index('participants_read').on(t.conversationId, t.readMark).where(sql`${t.active}`),
    index('participants_delivered').on(t.conversationId, t.deliveredMark).where(sql`${t.active}`),
    index('participants_left').on(t.conversationId, t.userId).where(sql`not ${t.active}`),
    index('participants_cleared').on(t.conversationId, t.clearedUpTo).where(sql`${t.clearedUpTo} > 0`),
  ],
);

/**
 * A receipt: from `at` on, everything up to the message `upTo` is delivered to, or read by, the user; `userId` 0 stands for
 * all members of a group.
 */
export const marks = table(
  'marks',
  {
    conversationId: int('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    userId: int('user_id').notNull(),
    kind: text('kind', { enum: ['delivered', 'read'] }).notNull(),
    upTo: int('up_to').notNull(),
    at: int('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.conversationId, t.userId, t.kind, t.upTo] })],
);

/**
 * Messages of all five types. `seq` counts a conversation's messages without a gap; `counts` says whether the message makes
 * others' unread count rise, `counted` how many up to and including it do. A media message's `url` is its first attachment's.
 * A purged message keeps its place without content.
 */
export const messages = table(
  'messages',
  {
    id: serial('id'),
    conversationId: int('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    seq: int('seq').notNull(),
    counted: int('counted').notNull(),
    counts: bool('counts'),
    senderId: int('sender_id')
      .notNull()
      .references(() => users.id),
    muid: key('muid'),
    category: text('category', { enum: ['message', 'action', 'call'] }).notNull(),
    type: text('type', { enum: ['text', 'image', 'video', 'audio', 'file', 'custom', 'groupMember'] }).notNull(),
    text: text('text'),
    url: text('url'),
    caption: text('caption'),
    subType: text('sub_type'),
    customData: json('custom_data'),
    conversationText: text('conversation_text'),
    action: text('action', {
      enum: ['joined', 'left', 'kicked', 'banned', 'unbanned', 'added', 'scopeChanged'],
    }),
    actionOnId: int('action_on_id'),
    oldScope: text('old_scope', { enum: ['admin', 'moderator', 'participant'] }),
    newScope: text('new_scope', { enum: ['admin', 'moderator', 'participant'] }),
    metadata: json('metadata'),
    tags: texts('tags').notNull(),
    sentAt: int('sent_at').notNull(),
    updatedAt: int('updated_at'),
    editedAt: int('edited_at'),
    editedById: int('edited_by_id'),
    deletedAt: int('deleted_at'),
    deletedById: int('deleted_by_id'),
    purged: bool('purged'),
    parentId: int('parent_id'),
    quotedId: int('quoted_id'),
    replyCount: int('reply_count').notNull().default(0),
    reactionCount: int('reaction_count').notNull().default(0),
    mentionCount: int('mention_count').notNull().default(0),
    hasLinks: bool('has_links'),
    pinnedAt: int('pinned_at'),
    pinnedById: int('pinned_by_id'),
  },
  (t) => [
    uniqueIndex('messages_muid').on(t.senderId, t.muid).where(sql`${t.muid} is not null`),
    index('messages_page').on(t.conversationId, t.id),
    index('messages_sender').on(t.conversationId, t.senderId, t.id),
    index('messages_replies').on(t.parentId, t.id).where(sql`${t.parentId} is not null`),
    index('messages_deleted').on(t.conversationId, t.id).where(sql`${t.deletedAt} is not null`),
    index('messages_updated').on(t.conversationId, t.id).where(sql`${t.updatedAt} is not null`),
    index('messages_reacted').on(t.conversationId, t.id).where(sql`${t.reactionCount} > 0`),
    index('messages_mentioning').on(t.conversationId, t.id).where(sql`${t.mentionCount} > 0`),
    index('messages_attached').on(t.conversationId, t.id).where(sql`${t.url} is not null`),
    index('messages_linked').on(t.conversationId, t.id).where(sql`${t.hasLinks}`),
    index('messages_pinned').on(t.conversationId, t.id).where(sql`${t.pinnedAt} is not null`),
    index('messages_action_on').on(t.actionOnId, t.id).where(sql`${t.actionOnId} is not null`),
  ],
);

export const messageTags = table(
  'message_tags',
  {
    tag: key('tag').notNull(),
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
  },
  (t) => [primaryKey({ columns: [t.tag, t.messageId] }), index('message_tags_of').on(t.messageId)],
);

export const mentions = table(
  'mentions',
  {
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    conversationId: int('conversation_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.userId] }),
    index('mentions_user').on(t.userId, t.conversationId, t.messageId),
  ],
);

export const reactions = table(
  'reactions',
  {
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    reaction: key('reaction').notNull(),
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    at: int('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.reaction, t.userId] }),
    index('reactions_user').on(t.userId, t.messageId),
  ],
);

export const attachments = table(
  'attachments',
  {
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    position: int('position').notNull(),
    url: text('url').notNull(),
    name: text('name').notNull(),
    mimeType: text('mime_type').notNull(),
    size: int('size').notNull(),
    extension: text('extension'),
    width: int('width'),
    height: int('height'),
    thumbnailUrl: text('thumbnail_url'),
  },
  (t) => [primaryKey({ columns: [t.messageId, t.position] })],
);

/**
 * Files that Parley keeps: an attachment's `url` or `thumbnailUrl` names one as `media:<key>`. One of no message is being uploaded,
 * or no longer wanted: its bytes go, then its row.
 */
export const files = table(
  'files',
  {
    key: key('key').primaryKey(),
    messageId: int('message_id').references(() => messages.id, { onDelete: 'set null' }),
    name: text('name').notNull(),
    mimeType: text('mime_type').notNull(),
    size: int('size').notNull(),
    createdAt: int('created_at').notNull(),
  },
  (t) => [
    index('files_of').on(t.messageId).where(sql`${t.messageId} is not null`),
    index('files_loose').on(t.createdAt).where(sql`${t.messageId} is null`),
  ],
);

/** What a message was before each edit. */
export const edits = table(
  'edits',
  {
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    position: int('position').notNull(),
    editedAt: int('edited_at').notNull(),
    editedById: int('edited_by_id').notNull(),
    text: text('text'),
    caption: text('caption'),
    metadata: json('metadata'),
    customData: json('custom_data'),
  },
  (t) => [primaryKey({ columns: [t.messageId, t.position] })],
);

/** Messages that a user keeps for themself. */
export const saves = table(
  'saves',
  {
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    savedAt: int('saved_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.messageId] }), index('saves_of').on(t.messageId)],
);

/** What a message of category call is beside a message. `ringsUntil`: when an unanswered call ends by itself. */
export const calls = table(
  'calls',
  {
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    sessionId: key('session_id').notNull().unique(),
    conversationId: int('conversation_id').notNull(),
    initiatorId: int('initiator_id').notNull(),
    callType: text('call_type', { enum: ['audio', 'video'] }).notNull(),
    status: text('status', {
      enum: ['initiated', 'ongoing', 'unanswered', 'rejected', 'busy', 'cancelled', 'ended'],
    }).notNull(),
    initiatedAt: int('initiated_at').notNull(),
    joinedAt: int('joined_at'),
    endedAt: int('ended_at'),
    ringsUntil: int('rings_until'),
    secret: text('secret').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId] }),
    index('calls_live').on(t.conversationId).where(sql`${t.status} in ('initiated', 'ongoing')`),
  ],
);

/**
 * Who takes part in a call: who calls, who is called (between two), and who has joined it. In it is who has joined and not left.
 * `declinedAt`: when the receiver of two rejected it.
 */
export const callParticipants = table(
  'call_participants',
  {
    messageId: int('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    userId: int('user_id')
      .notNull()
      .references(() => users.id),
    joinedAt: int('joined_at'),
    leftAt: int('left_at'),
    declinedAt: int('declined_at'),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.userId] }),
    index('call_participants_user').on(t.userId, t.messageId),
    index('call_participants_in').on(t.userId).where(sql`${t.joinedAt} is not null and ${t.leftAt} is null`),
  ],
);

/** What happened, in order: ids and the small facts of the moment (`details`), never content. */
export const events = table(
  'events',
  {
    position: serial('position'),
    xid: transactionId('xid'),
    at: int('at').notNull(),
    kind: key('kind').notNull(),
    byId: int('by_id'),
    conversationId: int('conversation_id'),
    messageId: int('message_id'),
    userId: int('user_id'),
    details: json('details'),
  },
  (t) => [index('events_feed').on(t.xid, t.position)],
);

/** Who an event concerns: `group:<guid>`, `user:<uid>`. `xid` is the event's. */
export const eventTopics = table(
  'event_topics',
  { topic: key('topic').notNull(), xid: transactionId('xid'), position: int('position').notNull() },
  (t) => [primaryKey({ columns: [t.topic, t.xid, t.position] }), index('event_topics_of').on(t.position)],
);
