// What an app with Relay would have in its components; relay-compiler reads it, nothing runs it.
import { graphql } from 'relay-runtime';

graphql`
  query pagesQuery {
    me {
      uid
    }
    conversations(first: 5) @connection(key: "pages_conversations") {
      edges {
        node {
          id
          ...pages_messages
        }
      }
    }
  }
`;

graphql`
  fragment pages_messages on Conversation
  @refetchable(queryName: "pagesMessagesQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    messages(last: $count, before: $cursor) @connection(key: "pages_messages") {
      edges {
        node {
          id
          sender {
            name
          }
          ... on TextMessage {
            text
          }
        }
      }
    }
  }
`;

graphql`
  fragment pages_members on Group
  @refetchable(queryName: "pagesMembersQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    members(first: $count, after: $cursor) @connection(key: "pages_members") {
      edges {
        node {
          scope
          user {
            ...pages_person
          }
        }
      }
    }
  }
`;

graphql`
  fragment pages_person on Profile {
    name
    status
  }
`;
