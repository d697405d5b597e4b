/** Whom the playground is signed in as. */
export const DEMO_UID = 'cometchat-uid-1';

const NAMES = ['Andrew Joseph', 'George Alan', 'Nancy Grace', 'Susan Marie', 'John Paul'];

/** A small history up to `now`, as lines of an import. */
export function demoLines(now: number): object[] {
  const uids = NAMES.map((_, n) => `cometchat-uid-${n + 1}`);
  const users = NAMES.map((name, n) => ({ kind: 'user', value: { uid: uids[n], name, createdAt: now - 864_000 } }));
  const message = {
    id: '1',
    sender: uids[1],
    receiver: DEMO_UID,
    receiverType: 'user',
    category: 'message',
    type: 'text',
    text: 'Welcome to Parley!',
    sentAt: now - 60,
  };
  return [...users, { kind: 'message', value: message }];
}
