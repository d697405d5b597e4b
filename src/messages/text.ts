import type { Message } from './message.ts';

/** How many characters a text, and a caption, can have. */
export const TEXT_MAX = 20_000;

/** What a client's own id of a message may be: printable characters, the space among them, but no other kind of blank. */
export const MUID_PATTERN = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u;

const MENTION = /<@uid:([a-z0-9_-]{1,100})>/g;

/** The uids that a text mentions, each once. */
export function mentionedUids(text: string): string[] {
  return text.includes('<@uid:') ? [...new Set([...text.matchAll(MENTION)].map(([, uid]) => uid as string))] : [];
}

/** Whether a text has an address in it. */
export const hasLinks = (text: string): boolean => /https?:\/\//.test(text);

/** All that a message says in words: what it is searched by, and can mention people in. */
export const textOf = ({
  text,
  caption,
  conversationText,
}: Partial<Pick<Message, 'text' | 'caption' | 'conversationText'>>): string =>
  [text, caption, conversationText].filter((part) => part != null).join('\n');
