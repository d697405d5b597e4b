import { type Awaitable, andThen } from '../awaitable.ts';
import type { Context } from '../graphql/context.ts';
import type { Message } from './message.ts';

/** Another message that one refers to, where the viewer may read it. */
export function referredTo(
  from: Message,
  read: (message: Message) => number | null,
  { loaders, viewer }: Context,
): Awaitable<Message | null> {
  if (!viewer) return null;
  return andThen(
    loaders.messages.byId.loadFor(from, (one) => read(one) ?? undefined),
    (message) => {
      if (!message || message.purged) return null;
      if (viewer.kind === 'key') return message;
      return andThen(loaders.conversations.mine.load(message.conversationId), (view) =>
        view?.active && message.id > view.clearedUpTo ? message : null,
      );
    },
  );
}
