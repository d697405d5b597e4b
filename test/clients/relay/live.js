// The same for what an app writes and listens to.
import { graphql } from 'relay-runtime';

graphql`
  mutation liveSendMutation($input: SendTextMessageInput!) {
    sendTextMessage(input: $input) {
      message {
        id
        ...live_line
      }
    }
  }
`;

graphql`
  mutation liveReactMutation($input: AddReactionInput!) {
    addReaction(input: $input) {
      message {
        id
        reactions {
          reaction
          count
        }
      }
    }
  }
`;

graphql`
  subscription liveSubscription($after: String) {
    events(after: $after) {
      __typename
      cursor
      ... on MessageSentEvent {
        messageId
        message {
          ...live_line
        }
      }
      ... on ReactionAddedEvent {
        reaction
        message {
          id
          reactions {
            reaction
            count
          }
        }
      }
    }
  }
`;

graphql`
  fragment live_line on BaseMessage {
    id
    sender {
      name
    }
    ... on TextMessage {
      text
    }
  }
`;
