import { z } from 'zod';
import { anything, guid, key, optional, tags, text, time, uid } from './fields.ts';

const profile = {
  uid,
  name: optional(key),
  avatar: optional(text),
  link: optional(text),
  role: optional(key),
  email: optional(text),
  credits: optional(z.int32()),
  statusMessage: optional(text),
  metadata: anything,
  tags: optional(tags),
  lastActiveAt: optional(time),
  createdAt: optional(time),
};

/** A person as messages and members embed them. */
export const embeddedUser = z.object(profile);

export const userLine = z.object({
  ...profile,
  name: key,
  updatedAt: optional(time),
  deactivatedAt: optional(time),
  deletedAt: optional(time),
  tokensRevokedAt: optional(time),
});

const groupFields = {
  guid,
  name: optional(key),
  type: optional(z.enum(['public', 'private', 'password'])),
  description: optional(text),
  icon: optional(text),
  metadata: anything,
  tags: optional(tags),
  owner: optional(z.union([uid, z.object({ uid }).transform((owner) => owner.uid)])),
  createdAt: optional(time),
  updatedAt: optional(time),
};

/** A group as messages embed it. */
export const embeddedGroup = z.object(groupFields);

export const groupLine = z.object({
  ...groupFields,
  name: key,
  type: z.enum(['public', 'private', 'password']),
  owner: groupFields.owner.unwrap().unwrap(),
  password: optional(text),
  passwordHash: optional(text),
});

const flag = z.literal([true, false, 0, 1, '0', '1']).transform((value) => value === true || Number(value) === 1);

export const memberLine = z.object({
  ...profile,
  guid,
  scope: optional(z.enum(['admin', 'moderator', 'participant'])),
  joinedAt: optional(time),
  isBanned: optional(flag),
  bannedAt: optional(time),
  bannedBy: optional(uid),
});

/** `uid` does not want to hear from `blockedUid`. */
export const blockLine = z.object({ uid, blockedUid: uid, blockedAt: optional(time) });

export type EmbeddedUser = z.infer<typeof embeddedUser>;
export type UserLine = z.infer<typeof userLine>;
export type EmbeddedGroup = z.infer<typeof embeddedGroup>;
export type GroupLine = z.infer<typeof groupLine>;
export type MemberLine = z.infer<typeof memberLine>;
export type BlockLine = z.infer<typeof blockLine>;
