import { badField, requireAddress, requireJson, requireLength, requireTags } from '../input.ts';
import type { Group } from './group.ts';

const NAME_MAX = 100;
const DESCRIPTION_MAX = 5_000;
const PASSWORD_MAX = 100;

/** What is told of a group and can be changed. */
export type GroupProfile = Pick<Group, 'name' | 'description' | 'icon' | 'metadata' | 'tags'>;

/** What is said of a group: what is left out stays as it is, null takes it away. */
export type GroupProfileInput = { readonly [Field in keyof GroupProfile]?: GroupProfile[Field] | null | undefined };

/** How one is to come into a group. */
export interface EntranceInput {
  readonly type?: Group['type'] | null | undefined;
  readonly password?: string | null | undefined;
}

/** The fields that are given, as a row holds them. Throws ERR_BAD_REQUEST, ERR_LIMIT_EXCEEDED or ERR_INVALID_METADATA for one that can't be kept. */
export function readGroupProfile({
  name,
  description,
  icon,
  metadata,
  tags,
}: GroupProfileInput): Partial<GroupProfile> {
  if (name === null) throw badField('name', 'can’t be taken away: every group has one');
  requireLength('name', name, NAME_MAX, 1);
  requireLength('description', description, DESCRIPTION_MAX);
  requireAddress('icon', icon);
  requireJson('metadata', metadata, 'ERR_INVALID_METADATA');
  const unique = requireTags('tags', tags);
  const given = { name, description, icon, metadata, tags: tags === undefined ? undefined : unique };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * Whether a group, as it is or as a new one without a password, gets another password with this. Throws ERR_EMPTY_GROUP_PASS where
 * it would have none but needs one, and ERR_BAD_REQUEST for a password where none is asked for.
 */
export function takesPassword(group: Pick<Group, 'type' | 'passwordHash'>, { type, password }: EntranceInput): boolean {
  if (type === null) throw badField('type', 'can’t be taken away: every group has one');
  requireLength('password', password, PASSWORD_MAX);
  if ((type ?? group.type) !== 'password') {
    if (!password) return false;
    throw badField('password', 'is for groups of type PASSWORD alone: leave it out, or empty');
  }
  if (password) return true;
  const keeps = password === undefined && (type === undefined || group.passwordHash !== null);
  if (keeps) return false;
  throw badField('password', 'is empty: a group of type PASSWORD needs one', 'ERR_EMPTY_GROUP_PASS');
}
