import { builder } from '../graphql/builder.ts';
import { MessageCategoryType, MessageTypeType } from './graphql-enums.ts';

export const MessageFilterType = builder.inputType('MessageFilter', {
  description: 'Which messages a list holds: those that fit everything that is given.',
  fields: (t) => ({
    categories: t.field({ type: [MessageCategoryType], description: 'Only of these categories.' }),
    types: t.field({ type: [MessageTypeType], description: 'Only of these types.' }),
    parentId: t.id({ description: 'Only replies to this message: one thread.' }),
    hideReplies: t.boolean({ description: 'Whether to leave out replies in threads.' }),
    hideDeleted: t.boolean({ description: 'Whether to leave out messages that were deleted.' }),
    hideFromBlockedUsers: t.boolean({
      description: 'Whether to leave out messages of those whom the viewer has blocked.',
    }),
    unreadOnly: t.boolean({ description: 'Whether to leave out what does not count as unread for the viewer.' }),
    updatedAfter: t.field({ type: 'Timestamp', description: 'Only those that changed after this time.' }),
    sentAfter: t.field({ type: 'Timestamp', description: 'Only those sent after this time.' }),
    sentBefore: t.field({ type: 'Timestamp', description: 'Only those sent before this time.' }),
    search: t.string({
      description: 'Only those with every one of these words, in upper or lower case, accents aside.',
    }),
    tags: t.stringList({ description: 'Only those with at least one of these tags.' }),
    mentionedUids: t.idList({
      description: 'Only those that mention at least one of these users; a uid that nobody has is ERR_UID_NOT_FOUND.',
    }),
    hasAttachments: t.boolean({ description: 'Only those with a file (true), or without one (false).' }),
    hasLinks: t.boolean({ description: 'Only those with a web address in their text (true), or without one (false).' }),
    hasMentions: t.boolean({ description: 'Only those that mention somebody (true), or nobody (false).' }),
    hasReactions: t.boolean({ description: 'Only those with a reaction (true), or without one (false).' }),
    pinned: t.boolean({ description: 'Only those that are pinned (true), or are not (false).' }),
    saved: t.boolean({ description: 'Only those that the viewer has saved (true), or has not (false).' }),
  }),
});
