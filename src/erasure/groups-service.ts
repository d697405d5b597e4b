import { groupScope } from '../conversations/conversation.ts';
import type { Database } from '../store/handle.ts';
import { forgetGroup, type Remains, removeSome, removeStandings, unfinishedGroups } from './groups-store.ts';
import type { Work } from './work.ts';

/** Removes what deleted groups held: nobody sees it any more, and it goes in many small writes. */
export function createGroupsErasure({ db, work }: { db: Database; work: Work }) {
  async function finish(remains: Remains): Promise<void> {
    const scope = groupScope(remains.groupId);
    while (await db.write(scope, (tx) => removeStandings(tx, remains))) await work.pause();
    let after: number | undefined = 0;
    while (after !== undefined) {
      await work.pause();
      const last: number = after;
      after = await db.write(scope, (tx) => removeSome(tx, remains, last));
    }
    await db.write(scope, (tx) => forgetGroup(tx, remains));
  }

  return {
    /** Finishes all groups that are deleted by now. */
    async finishAll(): Promise<void> {
      for (const remains of await unfinishedGroups(db.read)) {
        await work.run(`group ${remains.groupId}`, () => finish(remains));
      }
    },
  };
}
