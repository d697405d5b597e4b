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
  {
    query: `# Whoever listens hears of it: run Listen in another window first. Sent again with the same muid, it stays one message.
mutation Send($input: SendTextMessageInput!) {
  sendTextMessage(input: $input) {
    message {
      id
      sentAt
      text
      status
      muid
    }
  }
}
`,
    variables: `{
  "input": {
    "receiverType": "GROUP",
    "receiverId": "cometchat-guid-1",
    "text": "Hello, everybody!"
  }
}
`,
  },
  {
    query: `# Each of us gives each reaction once. removeReaction takes it back.
mutation React($input: AddReactionInput!) {
  addReaction(input: $input) {
    message {
      id
      ... on TextMessage {
        text
      }
      reactions {
        reaction
        count
        reactedByMe
      }
    }
  }
}
`,
    variables: `{
  "input": { "messageId": "6", "reaction": "🦋" }
}
`,
  },
  {
    query: `# All that concerns me, as it happens, until the button is pressed again. With a cursor in \`after\`, first all since then.
subscription Listen($after: String) {
  events(after: $after) {
    kind
    at
    cursor
    ... on MessageSentEvent {
      by {
        name
      }
      message {
        id
        receiverType
        receiverId
        ... on TextMessage {
          text
        }
      }
    }
    ... on ReactionAddedEvent {
      by {
        name
      }
      messageId
      reaction
    }
    ... on TypingStartedEvent {
      user {
        name
      }
    }
    ... on PresenceChangedEvent {
      user {
        name
      }
      status
    }
  }
}
`,
  },
];
