import { createPresence } from './presence/presence.ts';
import type { Database } from './store/handle.ts';
import { createUsers } from './users/service.ts';

/** Every service, made in the order of the slices: each may know those before it. */
export function createApp(db: Database) {
  const presence = createPresence();
  const users = createUsers({ db, presence });
  return { users };
}

export type Services = ReturnType<typeof createApp>;
