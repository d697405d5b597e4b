import { badField, requireAddress, requireJson, requireLength, requireTags } from '../input.ts';
import type { User } from './user.ts';

const NAME_MAX = 100;
const ROLE_MAX = 100;
const EMAIL_MAX = 320;
const STATUS_MESSAGE_MAX = 500;

/** What is told of a user and can be changed. */
export type Profile = Pick<
  User,
  'name' | 'avatar' | 'link' | 'role' | 'email' | 'credits' | 'statusMessage' | 'metadata' | 'tags'
>;

/** What is told of a user who has told nothing but their name. */
export const NO_PROFILE: Omit<Profile, 'name'> = {
  avatar: null,
  link: null,
  role: null,
  email: null,
  credits: null,
  statusMessage: null,
  metadata: null,
  tags: [],
};

/** What is said of a profile: what is left out stays as it is, null takes it away. */
export type ProfileInput = { readonly [Field in keyof Profile]?: Profile[Field] | null | undefined };

/** The fields that are given, as a row holds them. Throws ERR_BAD_REQUEST, ERR_LIMIT_EXCEEDED or ERR_INVALID_METADATA for one that can't be kept. */
export function readProfile(input: ProfileInput): Partial<Profile> {
  if (input.name === null) throw badField('name', 'can’t be taken away: everybody has one');
  requireLength('name', input.name, NAME_MAX, 1);
  requireAddress('avatar', input.avatar);
  requireAddress('link', input.link);
  requireLength('role', input.role, ROLE_MAX, 1);
  requireLength('email', input.email, EMAIL_MAX, 1);
  if (input.credits != null && input.credits < 0) throw badField('credits', 'must be a whole number, 0 or more');
  requireLength('statusMessage', input.statusMessage, STATUS_MESSAGE_MAX);
  requireJson('metadata', input.metadata, 'ERR_INVALID_METADATA');
  const tags = requireTags('tags', input.tags);
  const { name, avatar, link, role, email, credits, statusMessage, metadata } = input;
  const given = Object.entries({
    ...{ name, avatar, link, role, email, credits, statusMessage, metadata },
    tags: input.tags === undefined ? undefined : tags,
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}
