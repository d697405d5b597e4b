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

/** What a user's coming and going is told under. */
export const presenceTopic = (uid: string): string => `presence:${uid}`;

/** Tells of who comes and goes: those who look out for them, and those with whom they have a conversation. */
export function tellPresence({ db, presence, passing, hub, report }: Options): void {
  const rights = rightsStore(db.read);

  async function tell(userId: number, status: 'online' | 'offline') {
    if (hub.size() === 0) return;
    const [self, ...partners] = await rights.withPartners(userId);
    if (!self) return;
    const listening = partners.filter(({ id }) => hub.listenersOf(id).length > 0);
    const topics = [presenceTopic(self.uid), ...listening.map(({ uid }) => userTopic(uid))];
    passing.publish({ kind: 'PRESENCE_CHANGED', at: now(), topics, userId, status });
  }

  presence.listen((userId, status) => {
    tell(userId, status).catch(report);
  });
}
