import type { Database } from '../store/handle.ts';
import type { Viewer } from '../viewer.ts';
import { createGroupsErasure } from './groups-service.ts';
import { createPeopleErasure } from './people-service.ts';
import { createWork, WorkStopped } from './work.ts';

interface Options {
  readonly db: Database;
  /** Sees to it that files go which no message has any more. */
  readonly sweepFiles: () => void;
  /** Takes a user out of all calls. */
  readonly leaveCalls: (userId: number) => Promise<void>;
  /** Hears of what fails in the background. */
  readonly report: (error: unknown) => void;
}

/** Deletion for good: of people, and of what deleted groups held. */
export function createErasure({ db, sweepFiles, leaveCalls, report }: Options) {
  const work = createWork();
  const people = createPeopleErasure({ db, work, leaveCalls });
  const groups = createGroupsErasure({ db, work });

  function inBackground(job: () => Promise<void>): void {
    job().then(sweepFiles, (error) => {
      if (!(error instanceof WorkStopped)) report(error);
    });
  }

  return {
    async deleteUser(viewer: Viewer | undefined, uid: string, permanent: boolean): Promise<void> {
      await people.delete(viewer, uid, permanent);
      sweepFiles();
    },

    /** Begins to remove what groups that are deleted by now held. Returns at once. */
    removeGroups: (): void => inBackground(groups.finishAll),

    /** Goes on with what the last stop of the server broke off. Returns at once. */
    resume(): void {
      inBackground(groups.finishAll);
      inBackground(people.resume);
    },

    /** Ends between two writes, before the database is closed; what is left is done after the next start. */
    close: (): Promise<void> => work.stop(),
  };
}

export type Erasure = ReturnType<typeof createErasure>;
