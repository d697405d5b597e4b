import type { InputFieldBuilder } from '@pothos/core';
import { builder, type SchemaTypes } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { addMutation } from '../graphql/mutation.ts';
import { UserType } from './graphql.ts';
import type { UserResult } from './result.ts';
import type { User } from './user.ts';

type InputBuilder = InputFieldBuilder<SchemaTypes, 'InputObject'>;

/** What users say of themselves, beside their name. */
const ofOwnProfile = (t: InputBuilder) => ({
  avatar: t.field({ type: 'URL', description: 'The address of the user’s picture, up to 2,048 characters.' }),
  link: t.field({ type: 'URL', description: 'The address of the user’s profile page, up to 2,048 characters.' }),
  statusMessage: t.string({ description: 'What the user says of how they are, up to 500 characters.' }),
  metadata: t.field({ type: 'JSON', description: 'Whatever the application keeps with the user; 64 KB at the most.' }),
});

/** What of a user can be told when they are made and changed by the application, beside the name. */
export const ofProfile = (t: InputBuilder) => ({
  ...ofOwnProfile(t),
  email: t.string({ description: 'The user’s email address, up to 320 characters: they and API keys alone see it.' }),
  role: t.string({ description: 'The role that the application gives the user, up to 100 characters.' }),
  credits: t.int({ description: 'The user’s credits, 0 or more: they and API keys alone see them.' }),
  tags: t.stringList({ description: 'Words to mark the user with: 25 of up to 100 characters.' }),
});

const newName = (t: InputBuilder) => t.string({ description: 'The name to show, 1 to 100 characters.' });

const uidsOf = (t: InputBuilder) => ({
  uids: t.idList({ required: true, description: 'Whom: up to 100 uids. One that is given twice counts once.' }),
});

const UserResultType = builder.objectRef<UserResult>('UserResult').implement({
  description: 'What became of one of several users.',
  fields: (t) => ({
    uid: t.exposeID('uid', { description: 'The uid, as it was given.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'The user; null where it was refused.',
      resolve: ({ user }) => user,
    }),
    code: t.exposeString('code', {
      nullable: true,
      description: 'Why it was refused, from the list of error codes; null where it was done.',
    }),
  }),
});

/** A mutation that is done to several users, each for themself. */
function addForEach(
  name: string,
  description: string,
  resolve: (context: Context, uids: readonly string[]) => Promise<UserResult[]>,
) {
  addMutation(name, {
    description,
    input: uidsOf,
    resolve: async ({ uids }, context) => ({ results: await resolve(context, uids) }),
    payload: (t) => ({
      results: t.field({
        type: [UserResultType],
        description: 'What became of each, in the order given: one refusal does not fail the others.',
        resolve: ({ results }) => results,
      }),
    }),
  });
}

addMutation('updateUser', {
  description: 'Changes anybody’s profile, with an API key. What is left out stays as it is, null takes it away.',
  input: (t) => ({
    uid: t.id({ required: true, description: 'Whose profile.' }),
    name: newName(t),
    ...ofProfile(t),
  }),
  resolve: async (input, { services, viewer }) => ({ user: await services.profiles.update(viewer, input) }),
  payload: (t) => ({
    user: t.field({ type: UserType, description: 'The user, as they are now.', resolve: ({ user }): User => user }),
  }),
});

addMutation('updateMe', {
  description: 'Changes the viewer’s own profile. What is left out stays as it is, null takes it away.',
  input: (t) => ({ name: newName(t), ...ofOwnProfile(t) }),
  resolve: async (input, { services, viewer }) => ({ user: await services.profiles.updateOwn(viewer, input) }),
  payload: (t) => ({
    user: t.field({ type: UserType, description: 'The viewer, as they are now.', resolve: ({ user }): User => user }),
  }),
});

addForEach(
  'deactivateUsers',
  'Lets users rest, with an API key: they can’t sign in and are found by API keys alone; what they wrote stays.',
  ({ services, viewer }, uids) => services.profiles.deactivate(viewer, uids),
);

addForEach(
  'reactivateUsers',
  'Lets deactivated users sign in and be found again, with an API key. Their tokens hold again too.',
  ({ services, viewer }, uids) => services.profiles.reactivate(viewer, uids),
);

addForEach(
  'blockUsers',
  'Blocks users: they and the viewer can’t write to or call each other. In groups both still read each other.',
  ({ services, viewer }, uids) => services.blocks.block(viewer, uids),
);

addForEach('unblockUsers', 'Takes blocks back.', ({ services, viewer }, uids) => services.blocks.unblock(viewer, uids));
