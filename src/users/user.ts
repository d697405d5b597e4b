import type { users } from '../store/tables.sqlite.ts';

/** A row of `users`. */
export type User = typeof users.$inferSelect;

/** What a uid, and a guid, may be. */
export const ID_PATTERN = /^[a-z0-9_-]{1,100}$/;

/** What a name may be: 1 to 100 characters that every store keeps faithfully. */
export const NAME_PATTERN = /^[^\0\p{Cs}]{1,100}$/u;

/** Upper and lower case, and what control characters a name has, do not count in order and search. */
export const fold = (text: string): string => text.toLowerCase().replace(/\p{Cc}/gu, ' ');

/**
 * What lists of people and groups are ordered by: the folded name, then the uid or guid. U+0001 sorts before every character that
 * either can hold, so that one text, compared byte by byte, orders by both and is unique.
 */
export const sortKey = (name: string, id: string): string => `${fold(name)}\u0001${id}`;

/** Deleted people are found by nobody, deactivated ones by API keys alone; both still stand beside what they wrote. */
export const isFound = (user: User, byKey: boolean): boolean =>
  user.deletedAt === null && (byKey || user.deactivatedAt === null);

/** The scope of what is between two users, by their row ids: what they write to each other, and whether one blocks the other. */
export const pairScope = (one: number, other: number): string => `pair:${Math.min(one, other)}:${Math.max(one, other)}`;

/** The scope of what changes a user, by their row id. */
export const userScope = (id: number): string => `user:${id}`;
