import type { InputFieldBuilder } from '@pothos/core';
import { builder, type SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { GroupMemberScopeType, GroupMemberType, GroupType } from '../groups/graphql.ts';
import { memberOf } from '../groups/group.ts';
import { ActionType } from '../messages/graphql-types.ts';
import type { MemberResult } from './member-result.ts';

type InputBuilder = InputFieldBuilder<SchemaTypes, 'InputObject'>;

export const GroupMemberInputType = builder.inputType('GroupMemberInput', {
  description: 'Who is to be made a member of a group.',
  fields: (t) => ({
    uid: t.id({ required: true, description: 'The user’s own id.' }),
    scope: t.field({
      type: GroupMemberScopeType,
      description: 'What they may do in the group; `PARTICIPANT` where it is left out.',
    }),
  }),
});

export const MemberResultType = builder.objectRef<MemberResult>('MemberResult').implement({
  description: 'What became of one of those who were to be made members.',
  fields: (t) => ({
    uid: t.exposeID('uid', { description: 'The uid that was given.' }),
    member: t.field({
      type: GroupMemberType,
      nullable: true,
      description: 'The member; null where they were not made one.',
      resolve: ({ membership }) => membership && memberOf(membership),
    }),
    action: t.field({
      type: ActionType,
      nullable: true,
      description: 'The Action that tells of it; null where they were not made a member.',
      resolve: ({ action }) => action,
    }),
    code: t.string({
      nullable: true,
      description:
        'Why not: `ERR_UID_NOT_FOUND`, `ERR_ALREADY_JOINED` or `ERR_BANNED_GROUPMEMBER`; null where they are a member now.',
      resolve: ({ code }) => code,
    }),
  }),
});

const ofGroup = (t: InputBuilder) => ({ guid: t.id({ required: true, description: 'The group’s own id.' }) });

const ofMember = (t: InputBuilder) => ({
  ...ofGroup(t),
  uid: t.id({ required: true, description: 'The own id of the user to whom it is done.' }),
});

addMutation('joinGroup', {
  description: 'Makes the viewer a member of a public group, or of one whose password they know.',
  input: (t) => ({
    ...ofGroup(t),
    password: t.string({
      description: 'The group’s password, where it has one. After 5 wrong guesses in 15 minutes none is taken.',
    }),
  }),
  resolve: (input, { services, viewer }) => services.joining.join(viewer, input),
  payload: (t) => ({
    group: t.field({ type: GroupType, description: 'The group.', resolve: ({ group }) => group }),
    action: t.field({
      type: ActionType,
      description: 'The Action that tells the members.',
      resolve: ({ action }) => action,
    }),
  }),
});

addMutation('leaveGroup', {
  description:
    'Ends the viewer’s membership of a group, of which they read nothing any more. The owner hands it over first.',
  input: ofGroup,
  resolve: ({ guid }, { services, viewer }) => services.joining.leave(viewer, guid),
  payload: (t) => ({
    group: t.field({ type: GroupType, description: 'The group.', resolve: ({ group }) => group }),
    action: t.field({
      type: ActionType,
      description: 'The Action that tells the members.',
      resolve: ({ action }) => action,
    }),
  }),
});

addMutation('addGroupMembers', {
  description: 'Makes users members of a group. One who can’t be does not keep the others out. For admins.',
  input: (t) => ({
    ...ofGroup(t),
    members: t.field({
      type: [GroupMemberInputType],
      required: true,
      description: 'Who, up to 100. Of two scopes for one uid the higher one counts.',
    }),
  }),
  resolve: async (input, { services, viewer }) => ({ members: await services.members.add(viewer, input) }),
  payload: (t) => ({
    members: t.field({
      type: [MemberResultType],
      description: 'What became of each of them, in the order in which they were given.',
      resolve: ({ members }) => members,
    }),
  }),
});

addMutation('kickGroupMember', {
  description:
    'Ends somebody’s membership; they may come back. For admins, and, where it is a participant’s, for moderators.',
  input: ofMember,
  resolve: async (input, { services, viewer }) => ({ action: await services.members.kick(viewer, input) }),
  payload: (t) => ({
    action: t.field({
      type: ActionType,
      description: 'The Action that tells of it.',
      resolve: ({ action }) => action,
    }),
  }),
});

addMutation('banGroupMember', {
  description:
    'Ends somebody’s membership; they can’t come back until unbanned. For admins, and, where it is a participant’s, for moderators.',
  input: ofMember,
  resolve: async (input, { services, viewer }) => ({ action: await services.members.ban(viewer, input) }),
  payload: (t) => ({
    action: t.field({
      type: ActionType,
      description: 'The Action that tells of it.',
      resolve: ({ action }) => action,
    }),
  }),
});

addMutation('unbanGroupMember', {
  description: 'Lets somebody who is banned come back. For admins and moderators.',
  input: ofMember,
  resolve: async (input, { services, viewer }) => ({ action: await services.members.unban(viewer, input) }),
  payload: (t) => ({
    action: t.field({
      type: ActionType,
      description: 'The Action that tells of it.',
      resolve: ({ action }) => action,
    }),
  }),
});

addMutation('changeGroupMemberScope', {
  description: 'Changes what a member may do. For admins; moderators may make participants moderators.',
  input: (t) => ({
    ...ofMember(t),
    scope: t.field({ type: GroupMemberScopeType, required: true, description: 'What the member may do from then on.' }),
  }),
  resolve: (input, { services, viewer }) => services.members.changeScope(viewer, input),
  payload: (t) => ({
    member: t.field({
      type: GroupMemberType,
      description: 'The member.',
      resolve: ({ membership }) => memberOf(membership),
    }),
    action: t.field({
      type: ActionType,
      description: 'The Action that tells of it.',
      resolve: ({ action }) => action,
    }),
  }),
});
