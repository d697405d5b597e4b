/** An open connection that somebody signed in on. */
export interface OpenSession {
  /** Ends it where what it was opened with no longer holds. */
  recheck(): void;
}

/** Whose connections are open on this node. */
export function createSessions() {
  const ofUsers = new Map<number, Set<OpenSession>>();
  let open = 0;
  return {
    size: () => open,
    /** Whose they are. */
    userIds: (): number[] => [...ofUsers.keys()],
    add(userId: number, session: OpenSession): void {
      ofUsers.set(userId, (ofUsers.get(userId) ?? new Set()).add(session));
      open += 1;
    },
    remove(userId: number, session: OpenSession): void {
      const all = ofUsers.get(userId);
      if (!all?.delete(session)) return;
      open -= 1;
      if (all.size === 0) ofUsers.delete(userId);
    },
    /** What a user's connections were opened with may no longer hold: they were deactivated, or their tokens revoked. */
    recheck(userId: number): void {
      for (const session of [...(ofUsers.get(userId) ?? [])]) session.recheck();
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;
