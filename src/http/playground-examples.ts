interface Example {
  readonly query: string;
  readonly variables?: string;
}

/** What the playground's tabs hold when it first opens: each runs on the demo as it is. */
export const EXAMPLES: readonly Example[] = [
  {
    query: `# Who am I, and what is new? Press Ctrl+Enter to ask.
query Conversations {
  me {
    uid
    name
    status
  }
  unreadMessageCount
  conversations(first: 10) {
    nodes {
      conversationType
      conversationWith {
        ... on User {
          name
        }
        ... on Group {
          name
          membersCount
        }
      }
      unreadMessageCount
      lastMessage {
        sentAt
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
`,
  },
  {
    query: `# A page of a conversation. For the page before it, give \`before\` its startCursor.
query Messages($with: ReceiverInput!, $last: Int, $before: String) {
  conversation(with: $with) {
    messages(last: $last, before: $before) {
      nodes {
        __typename
        id
        sentAt
        status
        sender {
          name
        }
        ... on TextMessage {
          text
        }
        ... on MediaMessage {
          url
          caption
        }
        ... on CustomMessage {
          subType
          customData
        }
        ... on Action {
          message
        }
        ... on Call {
          callType
          callStatus
        }
        reactions {
          reaction
          count
          reactedByMe
        }
      }
      pageInfo {
        hasPreviousPage
        startCursor
      }
    }
  }
}
`,
    variables: `{
  "with": { "receiverType": "GROUP", "receiverId": "cometchat-guid-1" },
  "last": 20
}
`,
  },
  {
    query: `# Whole words, in all that I may read.
query Search($filter: MessageFilter!) {
  searchMessages(filter: $filter) {
    nodes {
      id
      sentAt
      sender {
        name
      }
      receiverType
      receiverId
      ... on TextMessage {
        text
      }
    }
  }
}
`,
    variables: `{
  "filter": { "search": "welcome" }
}
`,
  },
];
