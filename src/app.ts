import { createTokens } from './auth/tokens-service.ts';
import { createCalls } from './calls/service.ts';
import { createConversations } from './conversations/service.ts';
import { createLog } from './events/log.ts';
import { createGroups } from './groups/service.ts';
import { createSending } from './messages/sending-service.ts';
import { createMessages } from './messages/service.ts';
import { createPresence } from './presence/presence.ts';
import type { Database } from './store/handle.ts';
import { createUsers } from './users/service.ts';

/** Every service, made in the order of the slices: each may know those before it. */
export function createApp(db: Database) {
  const presence = createPresence();
  const log = createLog(db);
  const users = createUsers({ db, presence });
  const groups = createGroups({ db, presence, users });
  const conversations = createConversations({ db, users, groups });
  const messages = createMessages({ db, users, conversations });
  const sending = createSending({ db, conversations });
  const calls = createCalls({ db, messages });
  const tokens = createTokens({ db, users });
  return { log, users, groups, conversations, messages, sending, calls, tokens };
}

export type Services = ReturnType<typeof createApp>;
