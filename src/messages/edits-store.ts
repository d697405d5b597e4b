import { eq, max, placeholder as ph } from 'drizzle-orm';
import { ChatError } from '../errors.ts';
import { type Handle, store } from '../store/handle.ts';
import type { Message } from './message.ts';

const EDITS_MAX = 1_000;

const editsStore = store(({ db, t: { edits }, one }) => ({
  last: one(
    () =>
      db
        .select({ position: max(edits.position) })
        .from(edits)
        .where(eq(edits.messageId, ph('messageId'))),
    (messageId: number) => ({ messageId }),
  ),
}));

/** Keeps what a message is before an edit. Throws ERR_LIMIT_EXCEEDED for one that was edited 1,000 times. */
export async function keepEdit(tx: Handle, message: Message, at: number, byId: number): Promise<void> {
  const { text, caption, metadata, customData } = message;
  const last = await editsStore(tx).last(message.id);
  const position = (last?.position ?? -1) + 1;
  if (position >= EDITS_MAX)
    throw new ChatError(
      'ERR_LIMIT_EXCEEDED',
      `The message was edited ${EDITS_MAX} times, which is the most it can be.`,
    );
  const before = { text, caption, metadata, customData };
  await tx.insertMany(tx.t.edits, [{ messageId: message.id, position, editedAt: at, editedById: byId, ...before }]);
}
