import { randomFrom } from './random.ts';

const USER = ['uid', 'name', 'avatar', 'link', 'role', 'status', 'lastActiveAt', 'metadata', 'tags', 'createdAt'];
const CONVERSATION = [
  'conversationId',
  'unreadMessageCount',
  'lastReadMessageId',
  'latestMessageId',
  'tags',
  'updatedAt',
];
const MESSAGE = ['id', 'muid', 'sentAt', 'updatedAt', 'editedAt', 'category', 'type', 'replyCount', 'tags', 'pinnedAt'];
const PAGE_MAX = 10;

/** So many documents of queries, each unlike all others in its text and most in what they ask for, as an app's author never writes them. */
export function newDocuments(count: number, guid: string): string[] {
  const random = randomFrom(2);
  const below = (n: number) => Math.floor(random() * n);
  const some = (fields: readonly string[]) => {
    const [first, ...others] = fields.toSorted(() => random() - 0.5);
    return [first, ...others.filter(() => below(2))].join(' ');
  };
  const page = () => 1 + below(PAGE_MAX);
  const message = () => `${some(MESSAGE)} sender { ${some(USER)} } ... on TextMessage { text }`;
  const roots = [
    () => `me { ${some(USER)} }`,
    () => `conversations(first: ${page()}) { nodes { ${some(CONVERSATION)} lastMessage { ${message()} } } }`,
    () => `group(guid: "${guid}") { conversation { messages(last: ${page()}) { nodes { ${message()} } } } }`,
  ];
  return Array.from({ length: count }, (_, n) => {
    const asked = roots.filter(() => below(2)).map((root, k) => `new${n}_${k}: ${root()}`);
    return `query New${n} { ${asked.join(' ') || `new${n}: me { ${some(USER)} }`} }`;
  });
}
