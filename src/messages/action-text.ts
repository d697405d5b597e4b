import type { Message } from './message.ts';

/** The sentence that tells of an action: names are the users' names, `on` is who it was done on. */
export function actionText(
  action: NonNullable<Message['action']>,
  by: string,
  on: string | undefined,
  newScope: Message['newScope'],
): string {
  switch (action) {
    case 'joined':
    case 'left':
      return `${by} ${action}`;
    case 'scopeChanged':
      return `${by} made ${on ?? ''} ${newScope ?? ''}`.trimEnd();
    default:
      return `${by} ${action} ${on ?? ''}`.trimEnd();
  }
}
