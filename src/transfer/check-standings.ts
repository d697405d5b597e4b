import type { Check } from './check-list.ts';

const furthest = (kind: string) => `(select max(up_to) from marks k
  where k.conversation_id = p.conversation_id and k.user_id = p.user_id and k.kind = '${kind}')`;

/** Who belongs where and how far they have come, counted again. */
export const STANDINGS: readonly Check[] = [
  {
    name: 'a group knows how many members it has',
    differences: `select 'group ' || g.guid || ': members_count is ' || g.members_count || ', counted ' || coalesce(n, 0) as what
      from groups g left join (select group_id, count(*) as n from memberships where to_position is null group by group_id) as m
      on m.group_id = g.id where g.members_count <> coalesce(n, 0)`,
  },
  {
    name: "a group's conversation belongs to its members",
    differences: `select 'group ' || g.guid || ': the conversation is not that of its member ' || u.uid as what
      from memberships m join groups g on g.id = m.group_id join users u on u.id = m.user_id
      left join conversations c on c.group_id = m.group_id
      where m.to_position is null and not exists (
        select 1 from participants p where p.user_id = m.user_id and p.conversation_id = c.id and p.active)
      union all select 'group ' || g.guid || ': the conversation is that of ' || u.uid || ', who is no member'
      from participants p join conversations c on c.id = p.conversation_id join groups g on g.id = c.group_id
      join users u on u.id = p.user_id
      where p.active and not exists (
        select 1 from memberships m where m.group_id = g.id and m.user_id = p.user_id and m.to_position is null)`,
  },
  {
    name: 'no member is banned',
    differences: `select 'group ' || b.group_id || ': user ' || b.user_id || ' is a member and banned' as what from bans b
      join memberships m on m.group_id = b.group_id and m.user_id = b.user_id and m.to_position is null`,
  },
  {
    name: 'a conversation between two belongs to both, in the order of their uids',
    differences: `select 'conversation ' || c.id || ': is not one of two' as what from conversations c
      left join users a on a.id = c.user_a left join users b on b.id = c.user_b
      where c.group_id is null and (a.id is null or b.id is null or a.uid > b.uid or exists (
        select 1 from users u where u.id in (a.id, b.id) and not exists (
          select 1 from participants p where p.user_id = u.id and p.conversation_id = c.id and p.active)))`,
  },
  {
    name: 'who has read up to a message knows how many count up to there',
    differences: `select 'user ' || user_id || ' in conversation ' || conversation_id || ': read_counted is ' || read_counted
      || ', counted ' || n as what from (
        select p.*, coalesce((select m.counted from messages m where m.conversation_id = p.conversation_id
          and m.id <= p.read_up_to order by m.id desc limit 1), 0) as n
        from participants p where p.active) as counted where read_counted <> n`,
  },
  {
    name: 'receipts are kept as far as they go, and what is read is delivered',
    differences: `select 'user ' || p.user_id || ' in conversation ' || p.conversation_id || ': read_mark, delivered_mark are '
      || p.read_mark || ', ' || p.delivered_mark as what from participants p
      where p.active and (p.read_mark < ${furthest('read')} or p.delivered_mark < ${furthest('delivered')}
        or p.delivered_mark < p.read_mark)`,
  },
  {
    name: 'what all members of a group have, each of them has',
    differences: `select 'conversation ' || k.conversation_id || ': all are marked ' || k.kind || ' up to ' || k.up_to
      || ', a member up to ' || case k.kind when 'read' then p.read_mark else p.delivered_mark end as what
      from (select conversation_id, kind, max(up_to) as up_to from marks where user_id = 0 group by conversation_id, kind) as k
      join (select conversation_id, min(read_mark) as read_mark, min(delivered_mark) as delivered_mark
        from participants where active group by conversation_id) as p on p.conversation_id = k.conversation_id
      where k.up_to > case k.kind when 'read' then p.read_mark else p.delivered_mark end`,
  },
  {
    name: 'nobody has more of a conversation than there is, or has unread what they deleted for themself',
    differences: `select 'user ' || p.user_id || ' in conversation ' || p.conversation_id
      || ': read_up_to, read_mark, delivered_mark, cleared_up_to are ' || p.read_up_to || ', ' || p.read_mark || ', '
      || p.delivered_mark || ', ' || p.cleared_up_to || ', last_id ' || c.last_id as what
      from participants p join conversations c on c.id = p.conversation_id
      where p.active and (p.read_up_to > c.last_id or p.delivered_mark > c.last_id or p.cleared_up_to > p.read_up_to)`,
  },
  {
    name: 'members and the banned stand in lists where their names do',
    differences: `select 'user ' || u.uid || ': is sorted otherwise as a member of group ' || m.group_id as what
      from memberships m join users u on u.id = m.user_id where m.to_position is null and m.sort_key <> u.sort_key
      union all select 'user ' || u.uid || ': is sorted otherwise as banned from group ' || b.group_id
      from bans b join users u on u.id = b.user_id where b.sort_key <> u.sort_key`,
  },
  {
    name: 'no import is left unfinished',
    differences: `select 'conversation ' || id || ': an import was broken off; the next start of the server finishes it' as what
      from conversations where import_floor is not null`,
  },
  {
    name: 'the file is sound, and every row refers to one that is there',
    differences: {
      sqlite: `select 'integrity_check: ' || integrity_check as what from pragma_integrity_check where integrity_check <> 'ok'
        union all select 'foreign_key_check: row ' || coalesce(rowid, '') || ' of ' || "table" || ' refers to none of ' || parent
        from pragma_foreign_key_check`,
    },
  },
];
