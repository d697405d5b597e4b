import { ADA, ALAN, GRACE, KATHERINE, LINUS, type Line, TEAM, TRIP } from './demo-people.ts';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
// A picture that needs no network.
const PICTURE =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" width="64" height="64"%3E%3Ccircle cx="32" cy="32" r="30" fill="%236851d6"/%3E%3C/svg%3E';

/** What a message says. `name` is for others to refer to it by, `parent` and `quoted` are such names. */
interface Fields {
  readonly name?: string;
  readonly parent?: string;
  readonly quoted?: string;
  readonly [field: string]: unknown;
}

type Sender = ReturnType<typeof createSender>;

/** What the people of the demo have said, up to `now`, and the ids of the messages that have a name. */
export function demoHistory(now: number): { lines: Line[]; ids: ReadonlyMap<string, string> } {
  const sender = createSender(now);
  teamHistory(sender);
  tripHistory(sender);
  pairHistory(sender);
  return sender.inOrder();
}

/** Collects messages, each sent `ago` seconds before now; they get their ids in the order of their times. */
function createSender(now: number) {
  const drafts: { readonly ago: number; readonly fields: Fields }[] = [];
  function message(ago: number, from: string, to: string, fields: Fields) {
    const receiverType = to === TEAM || to === TRIP ? 'group' : 'user';
    const shared = { sender: from, receiver: to, receiverType, sentAt: now - ago, category: 'message' };
    drafts.push({ ago, fields: { ...shared, ...fields } });
  }
  return {
    message,
    text: (ago: number, from: string, to: string, text: string, fields: Fields = {}) =>
      message(ago, from, to, { type: 'text', text, ...fields }),
    action: (ago: number, from: string, to: string, action: string, fields: Fields = {}) =>
      message(ago, from, to, { category: 'action', type: 'groupMember', action, ...fields }),
    at: (ago: number) => now - ago,
    inOrder() {
      const sorted = drafts.toSorted((a, b) => b.ago - a.ago).map(({ fields }, n) => ({ id: String(n + 1), fields }));
      const ids = new Map(sorted.map(({ id, fields }) => [fields.name ?? '', id]));
      const lines = sorted.map(({ id, fields: { name: _, parent, quoted, ...fields } }) => {
        const answers = { parentId: parent && ids.get(parent), quotedMessageId: quoted && ids.get(quoted) };
        return { kind: 'message', value: { id, ...fields, ...answers } };
      });
      return { lines, ids };
    },
  };
}

function teamHistory({ text, message, action, at }: Sender): void {
  action(9 * DAY, ALAN, TEAM, 'joined');
  action(9 * DAY, ADA, TEAM, 'scopeChanged', { actionOn: ALAN, oldScope: 'participant', newScope: 'moderator' });
  text(8 * DAY, ADA, TEAM, 'Welcome! This is where we talk about the engine.', { name: 'welcome' });
  text(8 * DAY, ALAN, TEAM, `Thank you, <@uid:${ADA}>. Where are the plans?`, { tags: ['question'], name: 'plans' });
  message(7 * DAY, ADA, TEAM, {
    type: 'file',
    url: 'https://example.com/plans.pdf',
    caption: 'Here they are.',
    data: {
      attachments: [
        {
          url: 'https://example.com/plans.pdf',
          name: 'plans.pdf',
          mimeType: 'application/pdf',
          size: 52_133,
          extension: 'pdf',
        },
      ],
    },
    quoted: 'plans',
  });
  text(6 * DAY, GRACE, TEAM, 'I found a moth in the relay!', { name: 'moth' });
  text(6 * DAY - MINUTE, ALAN, TEAM, 'A real one?', { parent: 'moth' });
  text(6 * DAY - 2 * MINUTE, GRACE, TEAM, 'A real one. I taped it into the log book.', { parent: 'moth' });
  message(6 * DAY - 3 * MINUTE, GRACE, TEAM, { type: 'image', url: PICTURE, caption: 'Relay 70', name: 'picture' });
  text(5 * DAY, KATHERINE, TEAM, 'I checked the orbit by hand: it is right to the last digit.', {
    editedAt: at(5 * DAY - HOUR),
    editedBy: KATHERINE,
    name: 'orbit',
  });
  text(4 * DAY, ALAN, TEAM, '', { deletedAt: at(4 * DAY - MINUTE), deletedBy: ADA });
  message(3 * DAY, GRACE, TEAM, {
    category: 'call',
    type: 'video',
    ...ended('demo-call-1', at(3 * DAY), [GRACE, ADA, ALAN]),
  });
  action(2 * DAY, LINUS, TEAM, 'joined');
  action(2 * DAY - HOUR, LINUS, TEAM, 'left');
  text(DAY, KATHERINE, TEAM, 'The figures are at https://example.com/figures: who reads them first?', {
    muid: 'demo-figures',
  });
  text(2 * HOUR, ALAN, TEAM, `<@uid:${ADA}>, the next release needs your word.`);
}

function tripHistory({ text, message, action }: Sender): void {
  action(6 * DAY, GRACE, TRIP, 'added', { actionOn: ADA });
  text(5 * DAY, GRACE, TRIP, 'Where shall we go?');
  message(5 * DAY - HOUR, KATHERINE, TRIP, {
    type: 'custom',
    subType: 'location',
    customData: { latitude: 28.3922, longitude: -80.6077 },
    conversationText: 'A place by the sea',
  });
  message(4 * DAY, ADA, TRIP, { type: 'audio', url: 'https://example.com/waves.mp3' });
  message(3 * HOUR, KATHERINE, TRIP, {
    type: 'video',
    url: 'https://example.com/launch.mp4',
    caption: 'Look at this!',
  });
}

function pairHistory({ text, message, at }: Sender): void {
  const seen = (ago: number) => ({ deliveredAt: at(ago - MINUTE), readAt: at(ago - 5 * MINUTE) });
  text(3 * DAY, ADA, ALAN, 'Do you have an hour for the proof?', seen(3 * DAY));
  text(3 * DAY - 10 * MINUTE, ALAN, ADA, 'For you, two.', { ...seen(3 * DAY - 10 * MINUTE), name: 'proof' });
  message(2 * DAY, ALAN, ADA, { category: 'call', type: 'audio', ...ended('demo-call-2', at(2 * DAY), [ALAN, ADA]) });
  text(HOUR, ALAN, ADA, 'I sent you the draft. It halts, I think.', { deliveredAt: at(HOUR - MINUTE) });
  text(DAY, GRACE, ADA, 'It is easier to ask forgiveness than to get permission.', { ...seen(DAY), name: 'advice' });
  message(HOUR, LINUS, ADA, {
    category: 'call',
    type: 'audio',
    sessionId: 'demo-call-3',
    status: 'unanswered',
    initiatedAt: at(HOUR),
    endedAt: at(HOUR - 45),
  });
  text(MINUTE, KATHERINE, ADA, 'Lunch?');
}

function ended(sessionId: string, at: number, uids: readonly string[]): object {
  const [joinedAt, leftAt] = [at + 10, at + 600];
  const participants = uids.map((uid) => ({ uid, joinedAt, leftAt }));
  return { sessionId, status: 'ended', initiatedAt: at, joinedAt, endedAt: leftAt, participants };
}
