import { addMutation } from '../graphql/mutation.ts';
import { MessageTypeType } from '../messages/graphql-enums.ts';
import { ofMessage } from '../messages/graphql-sending.ts';
import { MediaMessageType } from '../messages/graphql-types.ts';

addMutation('sendMediaMessage', {
  description:
    'Sends files to a user or a group: those that come along in a multipart request, or one that is elsewhere.',
  input: (t) => ({
    ...ofMessage(t),
    type: t.field({
      type: MessageTypeType,
      required: true,
      description: 'IMAGE, VIDEO or AUDIO, which the content of each file must be; or FILE, for any.',
    }),
    files: t.field({
      type: ['File'],
      description:
        'Up to 10 files, each as a part of the request, by the GraphQL multipart request specification. Not with `url`.',
    }),
    url: t.field({
      type: 'URL',
      description: 'The http:// or https:// address of a file that is elsewhere, in place of `files`.',
    }),
    caption: t.string({ description: 'What to show with it, up to 20,000 characters.' }),
  }),
  resolve: async (input, { services, viewer }) => ({ message: await services.media.send(viewer, input) }),
  payload: (t) => ({
    message: t.field({ type: MediaMessageType, description: 'The message.', resolve: ({ message }) => message }),
  }),
});
