/** What the benchmark asks of every server, in the same bytes. */
export const QUESTIONS = {
  list: `{ conversations(first: 20) { nodes {
  conversationId unreadMessageCount
  conversationWith { ... on User { uid name } ... on Group { guid name } }
  lastMessage { id sentAt sender { uid name } ... on TextMessage { text } }
} } }`,
  page: `query Page($guid: ID!) { group(guid: $guid) { conversation { messages(last: 50) { nodes {
  id sentAt sender { uid name avatar } ... on TextMessage { text } reactions { reaction count reactedByMe }
} } } } }`,
  me: '{ me { uid name avatar } }',
} as const;

export type Question = keyof typeof QUESTIONS;
