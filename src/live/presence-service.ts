import { now } from '../clock.ts';
import { userTopic } from '../events/event.ts';
import type { Passing } from '../events/passing.ts';
import type { Presence } from '../presence/presence.ts';
import type { Database } from '../store/handle.ts';
import type { Hub } from './hub.ts';
import { rightsStore } from './rights-store.ts';

interface Options {
  readonly db: Database;
  readonly presence: Presence;
  readonly passing: Passing;
  readonly hub: Hub;
  readonly report: (error: unknown) => void;
}

/** What the coming and going of a user, by row id, is told under: who is deleted for good meanwhile has another uid when they go. */
export const presenceTopic = (userId: number): string => `presence:${userId}`;

/** Tells of who comes and goes: those who look out for them, and those with whom they have a conversation. */
export function tellPresence({ db, presence, passing, hub, report }: Options): void {
  const rights = rightsStore(db.read);

  async function tell(userId: number, status: 'online' | 'offline') {
    if (hub.size() === 0) return;
    const partners = await rights.partners(userId);
    const listening = partners.filter(({ id }) => hub.listenersOf(id).length > 0);
    const topics = [presenceTopic(userId), ...listening.map(({ uid }) => userTopic(uid))];
    passing.publish({ kind: 'PRESENCE_CHANGED', at: now(), topics, userId, status });
  }

  presence.listen((userId, status) => {
    tell(userId, status).catch(report);
  });
}
