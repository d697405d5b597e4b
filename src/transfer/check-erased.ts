import type { Check } from './check-list.ts';

const CONTENT = [
  'text',
  'url',
  'caption',
  'sub_type',
  'custom_data',
  'conversation_text',
  'metadata',
  'action',
  'pinned_at',
];
const PARTS = ['message_tags', 'mentions', 'reactions', 'attachments', 'edits', 'saves', 'calls', 'call_participants'];

const hasContent = CONTENT.map((column) => `${column} is not null`).join(' or ');
const isIn = PARTS.map((table) => `id in (select message_id from ${table})`).join(' or ');

/** That what was deleted is gone. */
export const ERASED: readonly Check[] = [
  {
    name: 'what was deleted for good holds nothing',
    differences: `select 'message ' || id || ': is deleted for good, and holds something' as what from messages
      where purged and (deleted_at is null or ${hasContent} or ${isIn})`,
  },
  {
    name: 'who is deleted can sign in no more',
    differences: `select 'user ' || u.uid || ': is deleted, and has a token' as what
      from auth_tokens t join users u on u.id = t.user_id where u.deleted_at is not null`,
  },
];
