import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where the bytes of files are kept, each file under a key that is never used again. */
export interface ByteStore {
  /** Keeps what the chunks hold; once it resolves they are kept whatever fails. What a failure leaves of them, `remove` removes. */
  put(key: string, chunks: AsyncIterable<Buffer>): Promise<void>;
  /** A file's bytes, or a range of them; undefined where there are none. */
  get(key: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Removes a file, or what was kept of one that may never have been whole; no error where there is nothing. */
  remove(key: string, wasWhole: boolean): Promise<void>;
}

/** A key that nobody guesses, made of letters, digits, - and _. */
export const newKey = (): string => randomBytes(24).toString('base64url');

export const KEY_PATTERN = /^[\w-]{32}$/;

/** What stands in a message in place of the address of a file that Parley keeps. */
export const mediaUrl = (key: string): string => `media:${key}`;

/** The key in what `mediaUrl` makes; undefined for any other address. */
export const keyOf = (url: string): string | undefined => (url.startsWith('media:') ? url.slice(6) : undefined);
