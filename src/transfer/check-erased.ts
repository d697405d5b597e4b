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

/** A deletion that goes on, or was broken off, has yet to come to all groups: the next start finishes it. */
const deleted = `u.deleted_at is not null and not exists (select 1 from meta where name = 'erasing:' || u.id)`;

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
  {
    name: 'who is deleted is in no group, and owns none that has members',
    differences: `select 'group ' || g.guid || ': its member ' || u.uid || ' is deleted' as what
      from memberships m join users u on u.id = m.user_id join groups g on g.id = m.group_id
      where m.to_position is null and ${deleted}
      union all select 'group ' || g.guid || ': ' || u.uid || ', who is banned, is deleted'
      from bans b join users u on u.id = b.user_id join groups g on g.id = b.group_id where ${deleted}
      union all select 'group ' || g.guid || ': its owner ' || u.uid || ' is deleted, and there are members'
      from groups g join users u on u.id = g.owner_id where ${deleted} and g.deleted_at is null
        and exists (select 1 from memberships m where m.group_id = g.id and m.to_position is null)`,
  },
  {
    name: 'who is deleted blocks nobody, and is blocked by nobody',
    differences: `select 'user ' || u.uid || ': is deleted, and blocks or is blocked' as what
      from users u where ${deleted} and (exists (select 1 from blocks b where b.blocker_id = u.id)
        or exists (select 1 from blocks b where b.blocked_id = u.id))`,
  },
];
