import { now } from '../clock.ts';
import { badField, requireLength } from '../input.ts';
import type { Database, Handle } from '../store/handle.ts';
import { requireUser, type Viewer } from '../viewer.ts';
import { changeMessage, requireKept, requireNoBlock, setAndTell } from './changing-store.ts';
import type { Message } from './message.ts';
import { reactionsStore } from './reactions-store.ts';

const REACTION_MAX = 64;
const DIFFERENT_MAX = 100; // of one message

/** Reactions: each user gives each at most once to a message. */
export function createReactions({ db }: { db: Database }) {
  return {
    /**
     * Gives a reaction to a message that the viewer may read. Throws ERR_MESSAGE_ACTION_NOT_ALLOWED for a deleted one, and
     * ERR_LIMIT_EXCEEDED for one more than 100 different ones. One that they have given stays as it is.
     */
    async add(viewer: Viewer | undefined, messageId: string, reaction: string): Promise<Message> {
      const user = requireUser(viewer);
      requireReaction(reaction);
      return changeMessage(db, user, messageId, async (tx, subject) => {
        const { message } = subject;
        requireKept(message);
        await requireNoBlock(tx, user, subject);
        await requireRoom(tx, message, reaction);
        const at = now();
        const added = await reactionsStore(tx).add(message.id, reaction, user.id, at);
        if (!added) return message;
        const set = { reactionCount: message.reactionCount + 1 };
        return setAndTell(tx, user, subject, set, { kind: 'REACTION_ADDED', at, details: { reaction } });
      });
    },

    /** Takes back a reaction of the viewer's; one that they have not given is as if taken back. Throws as giving one does. */
    async remove(viewer: Viewer | undefined, messageId: string, reaction: string): Promise<Message> {
      const user = requireUser(viewer);
      requireReaction(reaction);
      return changeMessage(db, user, messageId, async (tx, subject) => {
        const { message } = subject;
        requireKept(message);
        const removed = await reactionsStore(tx).remove(message.id, reaction, user.id);
        if (!removed) return message;
        const set = { reactionCount: message.reactionCount - 1 };
        return setAndTell(tx, user, subject, set, { kind: 'REACTION_REMOVED', at: now(), details: { reaction } });
      });
    },
  };
}

function requireReaction(reaction: string): void {
  requireLength('reaction', reaction, REACTION_MAX, 1);
  if (reaction.trim() === '') throw badField('reaction', 'holds nothing but white space');
}

async function requireRoom(tx: Handle, { id, reactionCount }: Message, reaction: string): Promise<void> {
  if (reactionCount < DIFFERENT_MAX) return;
  const { anyOf, countDifferent } = reactionsStore(tx);
  if (await anyOf(id, reaction)) return;
  const { count = 0 } = (await countDifferent(id)) ?? {};
  if (count < DIFFERENT_MAX) return;
  throw badField(
    'reaction',
    `is one more than the ${DIFFERENT_MAX} different ones that a message has at the most`,
    'ERR_LIMIT_EXCEEDED',
  );
}
