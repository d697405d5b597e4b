import { addMutation } from '../graphql/mutation.ts';
import { UserType } from '../users/graphql.ts';
import { ofProfile } from '../users/graphql-writing.ts';

addMutation('createUser', {
  description: 'Makes a user, with an API key.',
  input: (t) => ({
    uid: t.id({
      description:
        'The user’s own id, 1 to 100 of `a-z 0-9 _ -`; a random one where it is left out. It stays for ever.',
    }),
    name: t.string({ required: true, description: 'The name to show, 1 to 100 characters.' }),
    ...ofProfile(t),
    withAuthToken: t.boolean({ description: 'Whether to make a token for them too, which never expires.' }),
  }),
  resolve: (input, { services, viewer }) => services.tokens.createUser(viewer, input),
  payload: (t) => ({
    user: t.field({ type: UserType, description: 'The user.', resolve: ({ user }) => user }),
    authToken: t.exposeString('authToken', {
      nullable: true,
      description: 'The token to sign in with, shown this once; null where none was asked for.',
    }),
  }),
});

addMutation('createAuthToken', {
  description: 'Makes a token that a user signs in with, with an API key. Those that they have go on holding.',
  input: (t) => ({
    uid: t.id({ required: true, description: 'Who is to sign in with it: nobody deactivated.' }),
    expiresIn: t.int({ description: 'For how many seconds it holds, 1 or more; until revoked where it is left out.' }),
  }),
  resolve: (input, { services, viewer }) => services.tokens.create(viewer, input),
  payload: (t) => ({
    authToken: t.exposeString('authToken', { description: 'The token, shown this once.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When it expires; null where it holds until revoked.',
    }),
    user: t.field({ type: UserType, description: 'Whose it is.', resolve: ({ user }) => user }),
  }),
});

addMutation('revokeAuthTokens', {
  description: 'Ends all tokens of a user, and every JWT issued to them until now, with an API key.',
  input: (t) => ({ uid: t.id({ required: true, description: 'Whose tokens.' }) }),
  resolve: async ({ uid }, { services, viewer }) => ({ count: await services.tokens.revoke(viewer, uid) }),
  payload: (t) => ({
    count: t.exposeInt('count', { description: 'How many tokens it ended; JWTs are not counted.' }),
  }),
});
