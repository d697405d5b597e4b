import type { Line } from './seed.ts';

/** The moment at which a test's world begins; times in it are seconds after this. */
export const START = 1_700_000_000;

type Fields = Record<string, unknown>;
export type To = { readonly user: string } | { readonly group: string };

const line =
  (kind: string) =>
  (value: Fields): Line => ({ kind, value });

export const block = line('block');
export const conversation = line('conversation');
export const edit = line('edit');
export const mark = line('mark');
export const reaction = line('reaction');
export const pin = line('pin');
export const save = line('save');
export const attachment = line('attachment');

export const user = (uid: string, name: string, more: Fields = {}): Line => ({
  kind: 'user',
  value: { uid, name, createdAt: START, ...more },
});

export const group = (guid: string, name: string, owner: string, more: Fields = {}): Line => ({
  kind: 'group',
  value: { guid, name, type: 'public', owner, createdAt: START, ...more },
});

export const member = (guid: string, uid: string, more: Fields = {}): Line => ({
  kind: 'groupMember',
  value: { guid, uid, scope: 'participant', joinedAt: START, ...more },
});

export const banned = (guid: string, uid: string): Line => member(guid, uid, { isBanned: true });

/** To whom something goes, as lines name it. */
export const receiver = (to: To) =>
  'user' in to ? { receiverType: 'user', receiver: to.user } : { receiverType: 'group', receiver: to.group };

function message(category: string, type: string) {
  return (id: number, sender: string, to: To, more: Fields = {}): Line => ({
    kind: 'message',
    value: { id: String(id), sender, ...receiver(to), category, type, sentAt: START + id, ...more },
  });
}

export const text = (id: number, sender: string, to: To, words: string, more: Fields = {}): Line =>
  message('message', 'text')(id, sender, to, { text: words, ...more });

export const image = message('message', 'image');
export const file = message('message', 'file');
export const custom = message('message', 'custom');
export const audioCall = message('call', 'audio');
export const videoCall = message('call', 'video');

/** What `sender` did to a group's membership, `on` whom where it was done to somebody. */
export const action = (id: number, sender: string, guid: string, what: string, more: Fields = {}): Line =>
  message('action', 'groupMember')(id, sender, { group: guid }, { action: what, ...more });

/** Up to which message a user has read, or got, a conversation. */
export const reached = (type: 'read' | 'delivered', uid: string, to: To, messageId: number, at: number): Line =>
  mark({ ...receiver(to), uid, type, messageId: String(messageId), at });

/** How a conversation stands for one user. */
export const standing = (uid: string, to: To, more: Fields): Line => conversation({ ...receiver(to), uid, ...more });
