import { type Awaitable, all, andThen } from '../awaitable.ts';
import { builder, personal } from '../graphql/builder.ts';
import { connection } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { addNode, NodeType, prefixed } from '../graphql/node.ts';
import { ProfileType, UserStatusType, UserType } from '../users/graphql.ts';
import type { Group, Member, Membership } from './group.ts';

export const GroupTypeEnum = builder.enumType('GroupType', {
  description: 'Who sees a group, and how one comes into it.',
  values: {
    PUBLIC: { value: 'public', description: 'Seen by everyone; anyone may join.' },
    PRIVATE: { value: 'private', description: 'Seen by its members alone, who are added.' },
    PASSWORD: { value: 'password', description: 'Seen by everyone; who knows the password may join.' },
  } as const,
});

export const GroupMemberScopeType = builder.enumType('GroupMemberScope', {
  description: 'What a member may do in a group.',
  values: {
    ADMIN: { value: 'admin', description: 'Everything, save what is the owner’s.' },
    MODERATOR: { value: 'moderator', description: 'Keeps order among participants.' },
    PARTICIPANT: { value: 'participant', description: 'Reads, writes and calls.' },
  } as const,
});

export const GroupType = builder.objectRef<Group>('Group');
export const GroupMemberType = builder.objectRef<Member>('GroupMember');

/** What of the viewer's own membership: null where they have none. */
const ofMine =
  <T>(read: (mine: Membership) => T) =>
  ({ id }: Group, _args: object, { loaders }: Context): Awaitable<T | null> =>
    andThen(loaders.groups.mine.load(id), (mine) => (mine ? read(mine) : null));

GroupMemberType.implement({
  description: 'A user in a group, or one who is banned from it.',
  interfaces: [NodeType, ProfileType],
  fields: (t) => ({
    id: t.id({
      description: '`member:<guid>:<uid>`.',
      resolve: ({ groupId, userId }, _args, { loaders }) =>
        andThen(
          all([loaders.groups.byId.get(groupId), loaders.users.byId.get(userId)]),
          ([group, user]) => `member:${group.guid}:${user.uid}`,
        ),
    }),
    guid: t.id({
      description: 'The group’s guid.',
      resolve: ({ groupId }, _args, { loaders }) => andThen(loaders.groups.byId.get(groupId), ({ guid }) => guid),
    }),
    user: t.field({
      type: UserType,
      description: 'The user.',
      resolve: ({ userId }, _args, { loaders }) => loaders.users.byId.get(userId),
    }),
    group: t.field({
      type: GroupType,
      description: 'The group.',
      resolve: ({ groupId }, _args, { loaders }) => loaders.groups.byId.get(groupId),
    }),
    scope: t.expose('scope', { type: GroupMemberScopeType, description: 'What the member may do in the group.' }),
    joinedAt: t.expose('joinedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When the user became a member; null for one who is banned.',
    }),
    isBanned: t.exposeBoolean('isBanned', { description: 'Whether the user is banned, and so no member.' }),
  }),
});

const byName = { keyOf: ({ sortKey }: { sortKey: string }) => sortKey, kind: 'string' } as const;

export const GroupConnection = connection('GroupConnection', GroupType, byName);
export const GroupMemberConnection = connection('GroupMemberConnection', GroupMemberType, byName);

GroupType.implement({
  description: 'Users who write to each other in one conversation.',
  interfaces: [NodeType],
  fields: (t) => ({
    id: t.id({ description: '`group:<guid>`.', resolve: ({ guid }) => `group:${guid}` }),
    guid: t.exposeID('guid', { description: 'The group’s own id: 1 to 100 of `a-z 0-9 _ -`.' }),
    name: t.exposeString('name', { description: 'The name to show.' }),
    type: t.expose('type', { type: GroupTypeEnum, description: 'Who sees the group, and how one comes into it.' }),
    description: t.exposeString('description', { nullable: true, description: 'What the group is about.' }),
    icon: t.expose('icon', { type: 'URL', nullable: true, description: 'The address of the group’s picture.' }),
    metadata: t.expose('metadata', {
      type: 'JSON',
      nullable: true,
      description: 'Whatever the application keeps with the group.',
    }),
    tags: t.exposeStringList('tags', { description: 'Words that the application marked the group with.' }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'Whom the group belongs to.',
      resolve: ({ ownerId }, _args, { loaders }) => loaders.users.byId.load(ownerId),
    }),
    createdAt: t.expose('createdAt', { type: 'Timestamp', description: 'When the group was made.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When the group last changed; null where it never did.',
    }),
    hasJoined: t.boolean({
      ...personal,
      description: 'Whether the viewer is a member.',
      resolve: ({ id }, _args, { loaders }) => andThen(loaders.groups.mine.load(id), (mine) => mine !== undefined),
    }),
    scope: t.field({
      ...personal,
      type: GroupMemberScopeType,
      nullable: true,
      description: 'What the viewer may do in the group; null for who is not a member.',
      resolve: ofMine(({ scope }) => scope),
    }),
    joinedAt: t.field({
      ...personal,
      type: 'Timestamp',
      nullable: true,
      description: 'When the viewer became a member; null for who is not one.',
      resolve: ofMine(({ joinedAt }) => joinedAt),
    }),
    membersCount: t.exposeInt('membersCount', { description: 'How many members the group has.' }),
    onlineMembersCount: t.int({
      description: 'How many of the members are connected right now.',
      resolve: (group, _args, { services }) => services.groups.countOnline(group),
    }),
    members: t.field({
      ...personal,
      type: GroupMemberConnection.type,
      description: 'The members, by name. For members and API keys; to others it is ERR_GROUP_NOT_JOINED.',
      args: {
        ...GroupMemberConnection.args(),
        search: t.arg.string({ description: 'Only those whose name or uid contains this, in upper or lower case.' }),
        scopes: t.arg({ type: [GroupMemberScopeType], description: 'Only those with one of these scopes.' }),
        status: t.arg({ type: UserStatusType, description: 'Only those who are connected, or are not.' }),
      },
      resolve: (group, args, { services, viewer }) =>
        GroupMemberConnection.resolve(args, (range) => services.groups.listMembers(viewer, group, args, range), {
          total: () => (args.search || args.scopes || args.status ? null : group.membersCount),
        }),
    }),
    bannedMembers: t.field({
      ...personal,
      type: GroupMemberConnection.type,
      description: 'Who is banned, by name. For admins, moderators and API keys.',
      args: {
        ...GroupMemberConnection.args(),
        search: t.arg.string({ description: 'Only those whose name or uid contains this, in upper or lower case.' }),
      },
      resolve: (group, args, { services, viewer }) =>
        GroupMemberConnection.resolve(args, (range) => services.groups.listBanned(viewer, group, args.search, range)),
    }),
  }),
});

/** Whatever a message or an action can be from, to, on or for. */
export const AppEntityType = builder.unionType('AppEntity', {
  description: 'Whatever a message or an action can be from, to, on or for.',
  types: [UserType, GroupType],
  resolveType: (value) => ('guid' in value ? 'Group' : 'User'),
});

addNode({
  typeOf: (value) => ('guid' in value ? 'Group' : undefined),
  keyOf: prefixed('group:'),
  find: (guid, { services, viewer }) => services.groups.find(viewer, guid),
});

addNode({
  typeOf: (value) => ('isBanned' in value ? 'GroupMember' : undefined),
  keyOf: prefixed('member:'),
  find(key, { services, viewer }) {
    const [guid, uid, ...rest] = key.split(':');
    return guid && uid && rest.length === 0 ? services.groups.findMember(viewer, guid, uid) : null;
  },
});

builder.queryFields((t) => ({
  group: t.field({
    type: GroupType,
    nullable: true,
    description: 'The group with this guid; null where there is none, or the viewer may not see it.',
    args: { guid: t.arg.id({ required: true, description: 'The group’s own id.' }) },
    resolve: (_root, { guid }, { services, viewer }) => services.groups.find(viewer, guid),
  }),
  groups: t.field({
    type: GroupConnection.type,
    description: 'The groups that the viewer can see, by name.',
    args: {
      ...GroupConnection.args(),
      search: t.arg.string({ description: 'Only those whose name or guid contains this, in upper or lower case.' }),
      joinedOnly: t.arg.boolean({ description: 'Whether to leave out those that the viewer is no member of.' }),
      tags: t.arg.stringList({ description: 'Only those with at least one of these tags.' }),
    },
    resolve: (_root, args, { services, viewer }) =>
      GroupConnection.resolve(args, (range) => services.groups.list(viewer, args, range)),
  }),
}));
