import type { groups, memberships } from '../store/tables.sqlite.ts';

/** A row of `groups`. */
export type Group = typeof groups.$inferSelect;

/** A row of `memberships` that holds now. */
export type Membership = typeof memberships.$inferSelect;

export type Scope = Membership['scope'];

/** Somebody who belongs to a group, or is banned from it: then they hold no scope but the lowest, and never joined. */
export interface Member {
  readonly groupId: number;
  readonly userId: number;
  readonly sortKey: string;
  readonly scope: Scope;
  readonly joinedAt: number | null;
  readonly isBanned: boolean;
}

/** What a deleted group's row has in place of its guid, which is free again: no guid holds a `~`. */
export const forgottenGuid = ({ guid, id }: Pick<Group, 'guid' | 'id'>): string => `${guid}~${id}`;

/** The guid that a group has, or had until it was deleted: what its events were told under. */
export const keptGuid = (guid: string): string => guid.replace(/~\d+$/, '');

/** A membership as a member. */
export const memberOf = (membership: Membership): Member => ({ ...membership, isBanned: false });
