import type { InputFieldBuilder, ObjectFieldBuilder } from '@pothos/core';
import type { SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { GroupType, GroupTypeEnum } from '../groups/graphql.ts';
import type { Group } from '../groups/group.ts';
import { GroupMemberInputType, MemberResultType } from './graphql-members.ts';

type InputBuilder = InputFieldBuilder<SchemaTypes, 'InputObject'>;

const ofProfile = (t: InputBuilder) => ({
  description: t.string({ description: 'What the group is about; up to 5,000 characters.' }),
  icon: t.field({ type: 'URL', description: 'The address of the group’s picture; up to 2,048 characters.' }),
  metadata: t.field({ type: 'JSON', description: 'Whatever the application keeps with the group; up to 64 KB.' }),
  tags: t.stringList({ description: 'Words to mark the group with: 25 of up to 100 characters.' }),
});

const theGroup = (t: ObjectFieldBuilder<SchemaTypes, { group: Group }>) => ({
  group: t.field({ type: GroupType, description: 'The group.', resolve: ({ group }) => group }),
});

addMutation('createGroup', {
  description: 'Makes a group, whose owner and admin the viewer is.',
  input: (t) => ({
    guid: t.id({ description: 'The group’s own id: 1 to 100 of `a-z 0-9 _ -`; a random one where it is left out.' }),
    name: t.string({ required: true, description: 'The name to show, of 1 to 100 characters.' }),
    type: t.field({
      type: GroupTypeEnum,
      required: true,
      description: 'Who sees the group, and how one comes into it.',
    }),
    password: t.string({
      description: 'Of a group of type `PASSWORD`: what one joins it with, up to 100 characters. It is kept as a hash.',
    }),
    ...ofProfile(t),
    owner: t.id({ description: 'The uid of whose the group is: with an API key, which needs it.' }),
    members: t.field({
      type: [GroupMemberInputType],
      description: 'Who else is a member from the start, up to 100. Of two scopes for one uid the higher one counts.',
    }),
  }),
  resolve: (input, { services, viewer }) => services.founding.create(viewer, input),
  payload: (t) => ({
    group: t.field({ type: GroupType, description: 'The group.', resolve: ({ group }) => group }),
    members: t.field({
      type: [MemberResultType],
      description: 'What became of each of the members, in the order in which they were given.',
      resolve: ({ members }) => members,
    }),
  }),
});

addMutation('updateGroup', {
  description:
    'Changes a group. What is left out stays as it is; null takes it away, where it need not be. For admins and moderators.',
  input: (t) => ({
    guid: t.id({ required: true, description: 'The group’s own id, which stays.' }),
    name: t.string({ description: 'The name to show, of 1 to 100 characters.' }),
    type: t.field({ type: GroupTypeEnum, description: 'Who sees the group, and how one comes into it.' }),
    password: t.string({
      description:
        'Of a group of type `PASSWORD`: what one joins it with from now on, up to 100 characters. One that becomes such needs it.',
    }),
    ...ofProfile(t),
  }),
  resolve: async (input, { services, viewer }) => ({ group: await services.governing.update(viewer, input) }),
  payload: theGroup,
});

addMutation('deleteGroup', {
  description: 'Deletes a group with all that was written in it. Its guid is free from then on. For admins.',
  input: (t) => ({ guid: t.id({ required: true, description: 'The group’s own id.' }) }),
  resolve: async ({ guid }, { services, viewer }) => ({ guid: await services.governing.delete(viewer, guid) }),
  payload: (t) => ({ guid: t.exposeID('guid', { description: 'The own id that the group had.' }) }),
});

addMutation('transferGroupOwnership', {
  description: 'Hands a group to another member, who becomes admin; its owner until then stays admin. For the owner.',
  input: (t) => ({
    guid: t.id({ required: true, description: 'The group’s own id.' }),
    uid: t.id({ required: true, description: 'The own id of the member whose group it will be.' }),
  }),
  resolve: async (input, { services, viewer }) => ({ group: await services.governing.transfer(viewer, input) }),
  payload: theGroup,
});
