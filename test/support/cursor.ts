import { setTimeout as wait } from 'node:timers/promises';
import { decodeCursor } from '../../src/events/cursor.ts';
import type { As, Asker } from './ask.ts';
import { logPosition } from './log.ts';

/**
 * `Query.cursor`, once all that has happened until now is before it. On PostgreSQL that takes until no transaction is under way that
 * began before, in whichever database of that server.
 */
export async function cursorNow(ask: Asker, as: As): Promise<string> {
  const last = await logPosition(ask.server());
  for (;;) {
    const { cursor } = await ask.data(as, '{ cursor }');
    if ((decodeCursor(cursor)?.position ?? 0) >= last) return cursor;
    await wait(5);
  }
}
