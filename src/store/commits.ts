/** Who wants to know of each commit. */
export function createCommits() {
  const listeners = new Set<() => void>();
  function tellAll() {
    for (const listener of listeners) listener();
  }
  return {
    /** Tells them, once what runs now has come to its end: whoever wrote has been answered by then. */
    tell() {
      if (listeners.size > 0) setImmediate(tellAll);
    },
    listen(listener: () => void): () => void {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
