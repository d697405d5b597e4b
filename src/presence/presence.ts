const GRACE_MS = 10_000; // a reconnect does not flicker

type Listener = (userId: number, status: 'online' | 'offline') => void;

/**
 * Who is online, in this process's memory: a user is from their first live connection on, until the last has been gone for
 * `graceMs`. After a crash nobody is until they connect again.
 */
export function createPresence(graceMs = GRACE_MS) {
  const connections = new Map<number, number>();
  const leaving = new Map<number, NodeJS.Timeout>();
  const listeners = new Set<Listener>();

  function tell(userId: number, status: 'online' | 'offline') {
    for (const listener of listeners) listener(userId, status);
  }

  function disconnect(userId: number) {
    const left = (connections.get(userId) ?? 1) - 1;
    connections.set(userId, left);
    if (left > 0) return;
    const gone = () => {
      leaving.delete(userId);
      connections.delete(userId);
      tell(userId, 'offline');
    };
    leaving.set(userId, setTimeout(gone, graceMs).unref());
  }

  return {
    /** How long after their last connection has closed a user is still online, in ms. */
    graceMs,
    isOnline: (userId: number): boolean => connections.has(userId),
    /** The row ids of all who are online. */
    online: (): number[] => [...connections.keys()],
    /** Counts a live connection of the user; gives what ends it. */
    connect(userId: number): () => void {
      clearTimeout(leaving.get(userId));
      leaving.delete(userId);
      const known = connections.get(userId);
      connections.set(userId, (known ?? 0) + 1);
      if (known === undefined) tell(userId, 'online');
      let open = true;
      return () => {
        if (open) disconnect(userId);
        open = false;
      };
    },
    /** Hears of who comes and goes. */
    listen(listener: Listener): void {
      listeners.add(listener);
    },
    /** Waits for nobody any more. */
    close(): void {
      for (const timer of leaving.values()) clearTimeout(timer);
      listeners.clear();
    },
  };
}

export type Presence = ReturnType<typeof createPresence>;
