import { createTokens } from './auth/tokens-service.ts';
import { createCalling } from './calls/calling-service.ts';
import { createCallClock } from './calls/clock-service.ts';
import { closeCall, endCallsBetween } from './calls/ending-store.ts';
import { createCalls } from './calls/service.ts';
import { createSignals } from './calls/signals-service.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Config, readConfig } from './config.ts';
import { createConversations } from './conversations/service.ts';
import { createSettings } from './conversations/settings-service.ts';
import { createErasure } from './erasure/service.ts';
import { createLog } from './events/log.ts';
import { createPassing } from './events/passing.ts';
import { createRetention } from './events/retention-service.ts';
import { createGroups } from './groups/service.ts';
import { createLive } from './live/service.ts';
import { openByteStore } from './media/open.ts';
import { createMedia } from './media/service.ts';
import { createFounding } from './membership/founding-service.ts';
import { createGoverning } from './membership/governing-service.ts';
import { createJoining } from './membership/joining-service.ts';
import { createMembers } from './membership/members-service.ts';
import { createDeleting } from './messages/deleting-service.ts';
import { createEditing } from './messages/editing-service.ts';
import { createKeeping } from './messages/keeping-service.ts';
import { createReactions } from './messages/reactions-service.ts';
import { createReceipts } from './messages/receipts-service.ts';
import { createSending } from './messages/sending-service.ts';
import { createMessages } from './messages/service.ts';
import { createTransient } from './messages/transient-service.ts';
import { createActivity } from './presence/activity-service.ts';
import { createPresence } from './presence/presence.ts';
import type { Database } from './store/handle.ts';
import { createBlocks } from './users/blocks-service.ts';
import { createProfiles } from './users/profiles-service.ts';
import { createUsers } from './users/service.ts';

interface AppOptions {
  /** Hears of what fails in the background. */
  readonly report?: (error: unknown) => void;
  readonly config?: Config;
  /** How long after their last connection has closed a user is still online, in ms; 10 s where it is left out. */
  readonly graceMs?: number | undefined;
  /** By which calls ring and end; the system's where it is left out. */
  readonly callClock?: Clock | undefined;
}

/** Every service, made in the order of the slices: each may know those before it. */
export function createApp(db: Database, options: AppOptions = {}) {
  const { report = () => {}, config = readConfig({}), graceMs, callClock: clock = systemClock } = options;
  const leaveCalls = (userId: number): Promise<void> => calling.leaveAll(userId);
  const sweepFiles = (): void => void media.sweep();
  const presence = createPresence(graceMs);
  const activity = createActivity(db);
  const log = createLog(db);
  const passing = createPassing();
  const retention = createRetention({ db, days: config.PARLEY_LOG_DAYS, report });
  const users = createUsers({ db, presence, activity });
  const profiles = createProfiles({ db, leaveCalls });
  const blocks = createBlocks({ db, endCallsBetween });
  const groups = createGroups({ db, presence, users });
  const conversations = createConversations({ db, users, groups });
  const conversationSettings = createSettings({ db, conversations });
  const messages = createMessages({ db, users, conversations });
  const sending = createSending({ db, conversations });
  const transient = createTransient({ db, conversations, passing });
  const editing = createEditing({ db });
  const deleting = createDeleting({ db, sweepFiles, closeCall });
  const reactions = createReactions({ db });
  const keeping = createKeeping({ db });
  const receipts = createReceipts({ db, conversations });
  const erasure = createErasure({ db, sweepFiles, leaveCalls, report });
  const media = createMedia({
    db,
    conversations,
    sending,
    bytes: openByteStore(config.PARLEY_MEDIA),
    maxBytes: config.PARLEY_MAX_FILE_MB * 1024 * 1024,
    report,
  });
  const founding = createFounding({ db });
  const governing = createGoverning({ db, onDeleted: erasure.removeGroups });
  const joining = createJoining({ db });
  const members = createMembers({ db });
  const calls = createCalls({ db, messages, clock });
  const callClock = createCallClock({ db, presence, clock, report });
  const calling = createCalling({ db, conversations, clock, onMove: callClock.wake });
  const signals = createSignals({ db, passing, clock });
  const tokens = createTokens({ db, profiles, passing });
  const live = createLive({ db, log, presence, users, conversations, calls, signals, passing, report });
  return {
    log,
    retention,
    passing,
    presence,
    activity,
    users,
    profiles,
    blocks,
    groups,
    conversations,
    conversationSettings,
    messages,
    sending,
    transient,
    editing,
    deleting,
    reactions,
    keeping,
    receipts,
    media,
    founding,
    governing,
    joining,
    members,
    calls,
    calling,
    callClock,
    signals,
    tokens,
    live,
    erasure,
  };
}

export type Services = ReturnType<typeof createApp>;
