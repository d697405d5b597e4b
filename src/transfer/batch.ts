import type { Message } from '../messages/message.ts';
import type { WordsText } from '../store/handle.ts';
import type * as tables from '../store/tables.sqlite.ts';
import type { Conversations } from './conversations.ts';
import type { Groups } from './groups.ts';
import type { People } from './people.ts';

type Added<T extends { $inferInsert: unknown }> = T['$inferInsert'][];

/** What of a message others need to know who only name it. */
export type MessageRef = Pick<
  Message,
  'id' | 'conversationId' | 'parentId' | 'category' | 'type' | 'deletedAt' | 'url' | 'pinnedAt' | 'pinnedById'
>;

/** What is there of that which the lines of a batch are about, and what they add to it. */
export interface Batch {
  readonly now: number;
  /** The event log's last position: whoever becomes a member sees what follows it. */
  readonly position: number;
  readonly people: People;
  readonly groups: Groups;
  readonly conversations: Conversations;
  /** By `memberKey`. */
  readonly members: Map<string, typeof tables.memberships.$inferInsert>;
  readonly bans: Map<string, typeof tables.bans.$inferInsert>;
  /** The messages that have an id which a line brings, and those that lines only name. */
  readonly messages: Map<number, Message>;
  readonly refs: Map<number, MessageRef>;
  /** Whose `muid`s are taken, by which message, by `muidKey`. Undefined where that is left to the table to tell. */
  readonly muids: Map<string, number> | undefined;
  /** Which calls' sessions are taken, by which message. */
  readonly sessions: Map<string, number>;
  readonly rows: {
    readonly memberships: Added<typeof tables.memberships>;
    readonly bans: Added<typeof tables.bans>;
    readonly blocks: Added<typeof tables.blocks>;
    readonly messages: Message[];
    readonly words: WordsText[];
    readonly messageTags: Added<typeof tables.messageTags>;
    readonly mentions: Added<typeof tables.mentions>;
    readonly attachments: Added<typeof tables.attachments>;
    readonly edits: Added<typeof tables.edits>;
    readonly reactions: Added<typeof tables.reactions>;
    readonly saves: Added<typeof tables.saves>;
    readonly marks: Added<typeof tables.marks>;
    readonly calls: Added<typeof tables.calls>;
    readonly callParticipants: Added<typeof tables.callParticipants>;
  };
  /** Messages that were there and are changed. */
  readonly changed: Set<MessageRef>;
}

export const memberKey = (groupId: number, userId: number): string => `${groupId} ${userId}`;
export const muidKey = (senderId: number, muid: string): string => `${senderId} ${muid}`;
