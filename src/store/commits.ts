/** The commits of this process, and who wants to know of each. */
export function createCommits() {
  const listeners = new Set<() => void>();
  let count = 0;
  function tellAll() {
    for (const listener of listeners) listener();
  }
  return {
    /** Tells them, once what runs now has come to its end: whoever wrote has been answered by then. */
    tell() {
      count += 1;
      if (listeners.size > 0) setImmediate(tellAll);
    },
    count: () => count,
    listen(listener: () => void): () => void {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
