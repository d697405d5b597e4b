import type { Conversation } from '../conversations/conversation.ts';
import type { Message } from '../messages/message.ts';
import { type Handle, must } from '../store/handle.ts';
import { type Around, line, messageFields } from './export-lines.ts';
import { pages, type Write } from './export-pages.ts';
import { standingsStore } from './export-standings-store.ts';
import { exportStore } from './export-store.ts';

/** Writes the messages, in the order of their ids. */
export async function exportMessages(read: Handle, write: Write): Promise<void> {
  const queries = exportStore(read);
  for await (const page of pages<Message>((last) => queries.messages(last?.id ?? 0))) {
    const around = await loadAround(read, page);
    await write(page.map((message) => line('message', messageFields(message, around(message)))).join(''));
  }
}

async function loadAround(read: Handle, page: readonly Message[]): Promise<(message: Message) => Around> {
  const queries = exportStore(read);
  const unique = (ids: readonly (number | null)[]) => [...new Set(ids.filter((id) => id !== null))];
  const conversations = byId(
    await standingsStore(read).conversationsById(unique(page.map((message) => message.conversationId))),
  );
  const groups = byId(await queries.groupsById(unique([...conversations.values()].map(({ groupId }) => groupId))));
  const people = page.flatMap((m) => [m.senderId, m.actionOnId, m.editedById, m.deletedById]);
  const pairs = [...conversations.values()].flatMap(({ userA, userB }) => [userA, userB]);
  const users = byId(await queries.usersById(unique([...people, ...pairs])));
  const callIds = page.filter(({ category }) => category === 'call').map(({ id }) => id);
  const calls = new Map((await queries.calls(callIds)).map((call) => [call.messageId, call]));
  const participants = Map.groupBy(await queries.callParticipants(callIds), ({ messageId }) => messageId);
  const user = (id: number) => must(users.get(id));
  const receiverOf = ({ groupId, userA, userB }: Conversation, senderId: number) => {
    if (groupId !== null) return { receiver: must(groups.get(groupId)).guid, receiverType: 'group' as const };
    return {
      receiver: user(must((userA === senderId ? userB : userA) ?? undefined)).uid,
      receiverType: 'user' as const,
    };
  };
  return ({ id, senderId, conversationId }) => ({
    user,
    receiver: receiverOf(must(conversations.get(conversationId)), senderId),
    call: calls.get(id),
    participants: participants.get(id) ?? [],
  });
}

const byId = <Row extends { id: number }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));
