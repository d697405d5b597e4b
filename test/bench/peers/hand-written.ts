// The hand-written server: `node:http`, one joined prepared statement for each question (a second one for reactions), the answer built
// for exactly that question, `JSON.stringify`. It reads the same requests as the others, and knows them by their text.
// Usage: node test/bench/peers/hand-written.ts <database>
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, fileOfArguments, say, signIn, type User } from './database.ts';
import { QUESTIONS } from './questions.ts';

const LIST = `
  select m.id, m.sent_at, m.text, m.category, m.type, s.uid as sender_uid, s.name as sender_name,
    g.guid, g.name as group_name, o.uid, o.name, v.last_message_id > v.cleared_up_to as shown,
    case when v.counted = v.read_counted then 0 else v.counted - v.read_counted
      - (select count(*) from messages x where x.conversation_id = v.id and x.id > v.read_up_to and x.counts
          and x.sender_id = v.user_id)
      - (select count(*) from messages x where x.conversation_id = v.id and x.id > v.read_up_to and x.counts
          and x.sender_id <> v.user_id and x.deleted_at is not null) end as unread
  from (
    select c.*, p.user_id, p.read_counted, p.read_up_to, p.cleared_up_to
    from participants p join conversations c on c.id = p.conversation_id
    where p.user_id = ? and p.active and (p.cleared_up_to = 0 or c.last_id > p.cleared_up_to)
    order by c.last_message_id desc limit 20
  ) v
  left join messages m on m.id = v.last_message_id
  left join users s on s.id = m.sender_id
  left join groups g on g.id = v.group_id
  left join users o on o.id = case when v.user_a = v.user_id then v.user_b else v.user_a end
  order by v.last_message_id desc`;

const PAGE = `
  select m.id, m.sent_at, m.text, m.category, m.type, m.reaction_count, s.uid, s.name, s.avatar
  from groups g
  join conversations c on c.group_id = g.id
  join participants p on p.conversation_id = c.id and p.user_id = ? and p.active
  join messages m on m.conversation_id = c.id and m.id > p.cleared_up_to and not m.purged
  join users s on s.id = m.sender_id
  where g.guid = ?
  order by m.id desc limit 50`;

const REACTIONS = `
  select message_id, reaction, count(*) as count, max(user_id = ?) as mine from reactions
  where message_id in (select value from json_each(?)) group by message_id, reaction order by message_id, min(at), reaction`;

interface Message {
  readonly id: number;
  readonly sent_at: number;
  readonly text: string | null;
  readonly category: string;
  readonly type: string;
}

interface Listed extends Message {
  readonly sender_uid: string;
  readonly sender_name: string;
  readonly guid: string | null;
  readonly group_name: string | null;
  readonly uid: string;
  readonly name: string;
  readonly shown: number;
  readonly unread: number;
}

interface Paged extends Message {
  readonly reaction_count: number;
  readonly uid: string;
  readonly name: string;
  readonly avatar: string | null;
}

interface Reaction {
  readonly message_id: number;
  readonly reaction: string;
  readonly count: number;
  readonly mine: number;
}

const client = connect(fileOfArguments());
const findUser = signIn(client);
const list = client.prepare<[number], Listed>(LIST);
const page = client.prepare<[number, string], Paged>(PAGE);
const reactions = client.prepare<[number, string], Reaction>(REACTIONS);

const isText = ({ category, type }: Message) => category === 'message' && type === 'text';

function answerList(viewer: User) {
  const nodes = list.all(viewer.id).map((row) => {
    const { id, sent_at: sentAt, text, guid, uid, name, unread: unreadMessageCount } = row;
    const message = { id: String(id), sentAt, sender: { uid: row.sender_uid, name: row.sender_name } };
    return {
      conversationId: guid === null ? [viewer.uid, uid].sort().join('_user_') : `group_${guid}`,
      unreadMessageCount,
      conversationWith: guid === null ? { uid, name } : { guid, name: row.group_name },
      lastMessage: row.shown ? (isText(row) ? { ...message, text } : message) : null,
    };
  });
  return { conversations: { nodes } };
}

function answerPage(viewer: User, { guid }: { guid: string }) {
  const rows = page.all(viewer.id, guid).reverse();
  const reacted = rows.filter((row) => row.reaction_count > 0).map(({ id }) => id);
  const given = reacted.length > 0 ? reactions.all(viewer.id, JSON.stringify(reacted)) : [];
  const byMessage = Map.groupBy(given, (one) => one.message_id);
  const nodes = rows.map((row) => {
    const { id, sent_at: sentAt, uid, name, avatar, text } = row;
    const own = (byMessage.get(id) ?? []).map(({ reaction, count, mine }) => ({
      reaction,
      count,
      reactedByMe: mine === 1,
    }));
    const sender = { uid, name, avatar };
    return isText(row)
      ? { id: String(id), sentAt, sender, text, reactions: own }
      : { id: String(id), sentAt, sender, reactions: own };
  });
  return { group: { conversation: { messages: { nodes } } } };
}

const answerMe = ({ uid, name, avatar }: User) => ({ me: { uid, name, avatar } });

const answers = new Map<string, (viewer: User, variables: { guid: string }) => object>([
  [QUESTIONS.list, answerList],
  [QUESTIONS.page, answerPage],
  [QUESTIONS.me, answerMe],
]);

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
    const answer = answers.get(query);
    const body = JSON.stringify({ data: answer?.(findUser(req.headers.authorization), variables) });
    const length = Buffer.byteLength(body);
    res.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length }).end(body);
  });
});
server.listen(0, '127.0.0.1', () => say((server.address() as AddressInfo).port));
