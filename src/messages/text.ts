const MENTION = /<@uid:([a-z0-9_-]{1,100})>/g;

/** The uids that a text mentions, each once. */
export function mentionedUids(text: string): string[] {
  return text.includes('<@uid:') ? [...new Set([...text.matchAll(MENTION)].map(([, uid]) => uid as string))] : [];
}

/** Whether a text has an address in it. */
export const hasLinks = (text: string): boolean => /https?:\/\//.test(text);
