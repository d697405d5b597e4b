import type { Signals } from '../calls/signals-service.ts';
import { requireUser, type Viewer } from '../viewer.ts';
import { Source } from './source.ts';

/** What the others of a call send to one of them. */
export function createSignalStream({ signals }: { signals: Signals }) {
  return {
    /** The signals of a call that are for the viewer. Throws what sending one would throw. */
    async signals(viewer: Viewer | undefined, sessionId: string): Promise<Source> {
      const user = requireUser(viewer);
      await signals.requireListener(user, sessionId);
      return new Source({
        viewer: user,
        key: '',
        accepts: ({ kind }) => kind === 'CALL_SIGNAL', // of this call, and for the viewer: by their topic
        topicsAt: () => signals.topicsFor(user, sessionId),
      });
    },
  };
}
