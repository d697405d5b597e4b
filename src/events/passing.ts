import type { Json } from '../json.ts';

/** What passes by: it is told to those who listen at that moment, and kept nowhere. */
export type Occurrence = {
  /** Seconds since 1970. */
  readonly at: number;
  /** Whom it concerns: see `userTopic` and `groupTopic`. */
  readonly topics: readonly string[];
} & (InConversation | PresenceChange | AccessRevoked | CallSignal);

/** Told to the others of a conversation: to `topics`, but not to the user `except`, who made it. */
type InConversation = {
  readonly fromId: number;
  readonly except: number;
  readonly receiver: { readonly receiverType: 'user' | 'group'; readonly receiverId: string };
} & (
  | { readonly kind: 'TRANSIENT_MESSAGE'; readonly data: Json }
  | { readonly kind: 'TYPING_STARTED' | 'TYPING_ENDED' }
);

interface PresenceChange {
  readonly kind: 'PRESENCE_CHANGED';
  readonly userId: number;
  readonly status: 'online' | 'offline';
}

/** A user's tokens were revoked: their connections are to be looked at again. Told to nobody. */
interface AccessRevoked {
  readonly kind: 'ACCESS_REVOKED';
  readonly userId: number;
}

/** What one participant of a call sends to another for them to connect: told to the other alone, see `signalTopic`. */
interface CallSignal {
  readonly kind: 'CALL_SIGNAL';
  readonly fromId: number;
  readonly signal: Json;
}

type Listener = (occurrence: Occurrence) => void;

/** Hands on what passes by within this process: to whoever listens, in the order in which it was published. */
export function createPassing() {
  const listeners = new Set<Listener>();
  return {
    publish(occurrence: Occurrence): void {
      for (const listener of listeners) listener(occurrence);
    },
    /** Listens from now on, until what it gives is called. */
    listen(listener: Listener): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export type Passing = ReturnType<typeof createPassing>;
