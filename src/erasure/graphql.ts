import { addMutation } from '../graphql/mutation.ts';

addMutation('deleteUser', {
  description:
    'Deletes a user, with an API key: they can’t sign in, are found by nobody and belong to no group; what they wrote stays, by ' +
    '“Deleted user”. Groups of theirs pass to the member who comes next. Answers when all is done; where that takes longer than a ' +
    'request may, it goes on all the same, and asking again waits for it.',
  input: (t) => ({
    uid: t.id({ required: true, description: 'Whom.' }),
    permanent: t.boolean({
      description:
        'Whether what they wrote, their reactions and their files go too, for good, and their uid becomes a random one. ' +
        'So can one who is deleted already.',
    }),
  }),
  async resolve({ uid, permanent }, { services, viewer }) {
    await services.erasure.deleteUser(viewer, uid, permanent ?? false);
    return { uid };
  },
  payload: (t) => ({ uid: t.exposeID('uid', { description: 'The uid, as it was given.' }) }),
});
