/** Who is online, in this process's memory: a user is while at least one live connection of theirs is open. */
export function createPresence() {
  const connections = new Map<number, number>();
  return {
    isOnline: (userId: number): boolean => connections.has(userId),
    /** The row ids of all who are online. */
    online: (): number[] => [...connections.keys()],
    /** Counts a live connection of the user; gives what ends it. */
    connect(userId: number): () => void {
      connections.set(userId, (connections.get(userId) ?? 0) + 1);
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        const left = (connections.get(userId) ?? 1) - 1;
        if (left > 0) connections.set(userId, left);
        else connections.delete(userId);
      };
    },
  };
}

export type Presence = ReturnType<typeof createPresence>;
