import type { Check } from './check-list.ts';

const searchable = `m.category = 'message' and m.deleted_at is null and not m.purged`;
const hasLink = (text: string) =>
  `(replace(${text}, 'http://', '') <> ${text} or replace(${text}, 'https://', '') <> ${text})`;

/** What is counted and kept beside messages, counted again. */
export const COUNTS: readonly Check[] = [
  {
    name: 'the messages of a conversation are numbered from 1 without a gap, in the order of their ids',
    differences: `select 'message ' || id || ': seq is ' || seq || ', counted ' || n as what from (
      select id, seq, row_number() over (partition by conversation_id order by id) as n from messages) as numbered
      where seq <> n`,
  },
  {
    name: 'a message counts as unread where it is a message or call, and no reply',
    differences: `select 'message ' || id || ': counts is wrong' as what from messages
      where counts <> (category in ('message', 'call') and parent_id is null)`,
  },
  {
    name: 'a message knows how many messages up to it count',
    differences: `select 'message ' || id || ': counted is ' || counted || ', counted ' || n as what from (
      select id, counted, sum(case when counts then 1 else 0 end) over (partition by conversation_id order by id) as n
      from messages) as numbered where counted <> n`,
  },
  {
    name: 'a conversation knows its last messages and how many it has',
    differences: `select 'conversation ' || c.id || ': seq, counted, last_id, last_message_id are '
      || c.seq || ', ' || c.counted || ', ' || c.last_id || ', ' || c.last_message_id || ', counted '
      || coalesce(n, 0) || ', ' || coalesce(counting, 0) || ', ' || coalesce(last, 0) || ', ' || coalesce(last_message, 0) as what
      from conversations c left join (
        select conversation_id, count(*) as n, sum(case when counts then 1 else 0 end) as counting, max(id) as last,
          max(case when parent_id is null and not purged then id end) as last_message
        from messages group by conversation_id) as m on m.conversation_id = c.id
      where c.seq <> coalesce(n, 0) or c.counted <> coalesce(counting, 0) or c.last_id <> coalesce(last, 0)
        or c.last_message_id <> coalesce(last_message, 0)`,
  },
  {
    name: 'a message knows how many replies it has',
    differences: countOf(
      'reply_count',
      'select parent_id as id, count(*) as n from messages where parent_id is not null and not purged group by parent_id',
    ),
  },
  {
    name: 'a message knows how many reactions it has',
    differences: countOf('reaction_count', 'select message_id as id, count(*) as n from reactions group by message_id'),
  },
  {
    name: 'a message knows how many it mentions',
    differences: countOf('mention_count', 'select message_id as id, count(*) as n from mentions group by message_id'),
  },
  { name: "a mention is of its message's conversation", differences: elsewhere('mentions', 'mention') },
  { name: "a call is of its message's conversation", differences: elsewhere('calls', 'call') },
  {
    name: 'a call that rings knows for how long, and no other does',
    differences: `select 'call ' || session_id || ': is ' || status || ', rings_until is ' || coalesce(rings_until, 0) as what
      from calls where (rings_until is not null) <> (status = 'initiated')`,
  },
  {
    name: 'a message knows whether it has links',
    differences: `select 'message ' || id || ': has_links is wrong' as what from messages
      where has_links <> ${hasLink("coalesce(text, caption, '')")}`,
  },
  {
    name: "a message's tags are those it is found by",
    differences: {
      sqlite: tags('json_each(m.tags) as tag'),
      postgres: tags('json_array_elements_text(m.tags) as tag(value)'),
    },
  },
  {
    name: 'only messages that are there, and not deleted, are found by words',
    differences: {
      sqlite: words('message_words_docsize', 'id'),
      postgres: words('message_words', 'message_id'),
    },
  },
  {
    name: 'a reply answers a message of its conversation that is no reply',
    differences: `select 'message ' || r.id || ': its parent ' || p.id || ' is not one' as what
      from messages r join messages p on p.id = r.parent_id
      where p.conversation_id <> r.conversation_id or p.parent_id is not null`,
  },
];

function countOf(column: string, counted: string): string {
  return `select 'message ' || m.id || ': ${column} is ' || m.${column} || ', counted ' || coalesce(n, 0) as what
    from messages m left join (${counted}) as counted on counted.id = m.id where m.${column} <> coalesce(n, 0)`;
}

function elsewhere(table: string, what: string): string {
  return `select 'message ' || m.id || ': its ${what} is of conversation ' || x.conversation_id || ', not ' || m.conversation_id as what
    from ${table} x join messages m on m.id = x.message_id where x.conversation_id <> m.conversation_id`;
}

function tags(each: string): string {
  return `select 'message ' || m.id || ': is not found by its tag ' || tag.value as what from messages m, ${each}
    where not exists (select 1 from message_tags t where t.message_id = m.id and t.tag = tag.value)
    union all select 'message ' || m.id || ': is found by ' || t.tag || ', not a tag of it'
    from message_tags t join messages m on m.id = t.message_id
    where not exists (select 1 from ${each} where tag.value = t.tag)`;
}

function words(table: string, id: string): string {
  return `select 'message ' || m.id || ': is found by words' as what from ${table} w join messages m on m.id = w.${id}
    where not (${searchable})
    union all select 'message ' || w.${id} || ': is found by words, and not there' from ${table} w
    where not exists (select 1 from messages m where m.id = w.${id})`;
}
