import { placeholder as ph } from 'drizzle-orm';
import { type Handle, must, store } from '../store/handle.ts';
import type { NewEvent } from './event.ts';

const columnsOf = ({ kind, at, byId, conversationId, messageId, userId, details }: NewEvent) => ({
  kind,
  at,
  byId,
  conversationId: conversationId ?? null,
  messageId: messageId ?? null,
  userId: userId ?? null,
  details: details ?? null,
});

const appendStore = store(({ db, t: { events, eventTopics }, add, run }) => ({
  add: add(events, ['kind', 'at', 'byId', 'conversationId', 'messageId', 'userId', 'details']),
  addTopic: run(
    () => db.insert(eventTopics).values({ topic: ph('topic'), position: ph('position') }),
    (topic: string, position: number) => ({ topic, position }),
  ),
}));

/** Keeps in the log what the transaction does, once for each topic that it names. Gives the event's position in the log. */
export async function appendEvent(tx: Handle, event: NewEvent): Promise<number> {
  const { add, addTopic } = appendStore(tx);
  const position = await add(columnsOf(event));
  for (const topic of new Set(event.topics)) await addTopic(topic, position);
  return position;
}

/** Keeps many things in the log, in their order, in a few statements. */
export async function appendEvents(tx: Handle, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const positions = await tx.reserve(tx.t.events, events.length);
  const rows = events.map((event, n) => ({ ...columnsOf(event), position: must(positions[n]) }));
  await tx.insertMany(tx.t.events, rows);
  const told = events.flatMap(({ topics }, n) =>
    [...new Set(topics)].map((topic) => ({ topic, position: must(positions[n]) })),
  );
  await tx.insertMany(tx.t.eventTopics, told);
}
