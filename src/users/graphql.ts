import { type Awaitable, andThen } from '../awaitable.ts';
import { builder, personal } from '../graphql/builder.ts';
import { connection } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { addNode, NodeType, prefixed } from '../graphql/node.ts';
import type { User } from './user.ts';

/** A person: the user themself, or somebody who is one, such as a group's member. */
type Person = User | { readonly userId: number };

const userOf = (person: Person, { loaders }: Context): Awaitable<User> =>
  'userId' in person ? loaders.users.byId.get(person.userId) : person;

const ofUser =
  <T>(read: (user: User, context: Context) => T) =>
  (person: Person, _args: object, context: Context): Awaitable<T> =>
    andThen(userOf(person, context), (user) => read(user, context));

/** Null but for those who may see it: the user and API keys. */
const ofUserPrivately = <T>(read: (user: User) => T) =>
  ofUser((user, { services, viewer }) => (services.users.maySeePrivate(viewer, user.id) ? read(user) : null));

export const UserStatusType = builder.enumType('UserStatus', {
  description: 'Whether a user is connected right now.',
  values: {
    ONLINE: { value: 'online', description: 'At least one connection of theirs is open.' },
    OFFLINE: { value: 'offline', description: 'No connection of theirs is open.' },
  } as const,
});

export const ProfileType = builder.interfaceRef<Person>('Profile').implement({
  description: 'What a User and a GroupMember both show of a person.',
  fields: (t) => ({
    uid: t.id({ description: 'The user’s own id: 1 to 100 of `a-z 0-9 _ -`.', resolve: ofUser(({ uid }) => uid) }),
    name: t.string({ description: 'The name to show.', resolve: ofUser(({ name }) => name) }),
    status: t.field({
      type: UserStatusType,
      description: 'Whether the user is connected right now.',
      resolve: ofUser(({ id }, { services }) => services.users.statusOf(id)),
    }),
    lastActiveAt: t.field({
      type: 'Timestamp',
      nullable: true,
      description: 'The last time the user did anything; null where they never did.',
      resolve: ofUser((user, { services }) => services.users.lastActiveAt(user)),
    }),
    email: t.string({
      ...personal,
      nullable: true,
      description: 'The user’s email address: for themself and for API keys, null to anybody else.',
      resolve: ofUserPrivately(({ email }) => email),
    }),
    avatar: t.field({
      type: 'URL',
      nullable: true,
      description: 'The address of the user’s picture.',
      resolve: ofUser(({ avatar }) => avatar),
    }),
    link: t.field({
      type: 'URL',
      nullable: true,
      description: 'The address of the user’s profile page.',
      resolve: ofUser(({ link }) => link),
    }),
    role: t.string({
      nullable: true,
      description: 'The role that the application gave the user; it means nothing to Parley.',
      resolve: ofUser(({ role }) => role),
    }),
    metadata: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Whatever the application keeps with the user.',
      resolve: ofUser(({ metadata }) => metadata),
    }),
    credits: t.int({
      ...personal,
      nullable: true,
      description: 'The user’s credits: for themself and for API keys, null to anybody else.',
      resolve: ofUserPrivately(({ credits }) => credits),
    }),
    statusMessage: t.string({
      nullable: true,
      description: 'What the user says of how they are.',
      resolve: ofUser((user) => user.statusMessage),
    }),
  }),
});

export const UserType = builder.objectRef<User>('User');
UserType.implement({
  description: 'A person who sends and receives messages.',
  interfaces: [NodeType, ProfileType],
  fields: (t) => ({
    id: t.id({ description: '`user:<uid>`.', resolve: ({ uid }) => `user:${uid}` }),
    tags: t.exposeStringList('tags', { description: 'Words that the application marked the user with.' }),
    createdAt: t.expose('createdAt', { type: 'Timestamp', description: 'When the user was made.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When the profile last changed; null where it never did.',
    }),
    deactivatedAt: t.expose('deactivatedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'Since when the user can’t sign in and is found by API keys alone; null for an active user.',
    }),
    blockedByMe: t.boolean({
      ...personal,
      description: 'Whether the viewer has blocked this user.',
      resolve: ({ id }, _args, { loaders }) => andThen(loaders.users.blockedByMe.load(id), (row) => row !== undefined),
    }),
    hasBlockedMe: t.boolean({
      ...personal,
      description: 'Whether this user has blocked the viewer.',
      resolve: ({ id }, _args, { loaders }) => andThen(loaders.users.hasBlockedMe.load(id), (row) => row !== undefined),
    }),
  }),
});

export const UserConnection = connection('UserConnection', UserType, { keyOf: (user) => user.sortKey, kind: 'string' });

addNode({
  typeOf: (value) => ('uid' in value && 'sortKey' in value ? 'User' : undefined),
  keyOf: prefixed('user:'),
  find: (uid, { services, viewer }) => services.users.find(viewer, uid),
});

builder.queryFields((t) => ({
  me: t.field({
    type: UserType,
    nullable: true,
    description: 'The user who asks; null for an API key that acts on nobody’s behalf.',
    resolve: (_root, _args, { services, viewer }) => (viewer?.kind === 'key' ? null : services.users.findSelf(viewer)),
  }),
  user: t.field({
    type: UserType,
    nullable: true,
    description: 'The user with this uid; null where there is none, or the viewer can’t find them.',
    args: { uid: t.arg.id({ required: true, description: 'The user’s own id.' }) },
    resolve: (_root, { uid }, { services, viewer }) => services.users.find(viewer, uid),
  }),
  users: t.field({
    type: UserConnection.type,
    description: 'People, by name.',
    args: {
      ...UserConnection.args(),
      search: t.arg.string({ description: 'Only those whose name or uid contains this, in upper or lower case.' }),
      status: t.arg({ type: UserStatusType, description: 'Only those who are connected, or are not.' }),
      roles: t.arg.stringList({ description: 'Only those with one of these roles.' }),
      tags: t.arg.stringList({ description: 'Only those with at least one of these tags.' }),
      uids: t.arg.idList({ description: 'Only these; a uid that nobody has is ERR_UID_NOT_FOUND.' }),
      hideBlocked: t.arg.boolean({ description: 'Whether to leave out those whom the viewer has blocked.' }),
    },
    resolve: (_root, args, { services, viewer }) =>
      UserConnection.resolve(args, (range) => services.users.list(viewer, args, range)),
  }),
  blockedUsers: t.field({
    type: UserConnection.type,
    description: 'Those whom the viewer has blocked, by name.',
    args: {
      ...UserConnection.args(),
      search: t.arg.string({ description: 'Only those whose name or uid contains this, in upper or lower case.' }),
    },
    resolve: (_root, args, { services, viewer }) =>
      UserConnection.resolve(args, (range) => services.users.listBlocked(viewer, args.search, range)),
  }),
  onlineUserCount: t.int({
    description: 'How many users are connected right now.',
    resolve: (_root, _args, { services, viewer }) => services.users.onlineCount(viewer),
  }),
}));
