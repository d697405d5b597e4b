import { demoHistory } from './demo-history.ts';
import { ADA, ALAN, KATHERINE, type Line, people, TEAM } from './demo-people.ts';

/** Whom the playground is signed in as. */
export const DEMO_UID = ADA;

const HOUR = 3_600;
const DAY = 86_400;

/** A small history of five people and two groups, up to `now`, as lines of an import: something of everything there is. */
export function demoLines(now: number): Line[] {
  const { lines, ids } = demoHistory(now);
  return [...people(now), ...lines, ...standings(now, ids)];
}

function standings(now: number, ids: ReadonlyMap<string, string>): Line[] {
  const reaction = (name: string, uid: string, emoji: string) => ({
    kind: 'reaction',
    value: { messageId: ids.get(name), uid, reaction: emoji, reactedAt: now - DAY },
  });
  const unread = (uid: string, receiverType: string, receiver: string, name: string, fields: object = {}) => ({
    kind: 'conversation',
    value: { uid, receiverType, receiver, lastReadMessageId: ids.get(name), ...fields },
  });
  return [
    {
      kind: 'edit',
      value: {
        messageId: ids.get('orbit'),
        position: 0,
        editedAt: now - 5 * DAY + HOUR,
        editedBy: KATHERINE,
        text: 'I checked the orbit.',
      },
    },
    reaction('moth', ADA, '😂'),
    reaction('moth', ALAN, '😂'),
    reaction('picture', KATHERINE, '❤️'),
    reaction('orbit', ADA, '👍'),
    { kind: 'pin', value: { messageId: ids.get('welcome'), pinnedAt: now - 8 * DAY, pinnedBy: ADA } },
    { kind: 'save', value: { uid: ADA, messageId: ids.get('advice'), savedAt: now - HOUR } },
    {
      kind: 'mark',
      value: {
        uid: ALAN,
        receiverType: 'group',
        receiver: TEAM,
        type: 'read',
        messageId: ids.get('moth'),
        at: now - 5 * DAY,
      },
    },
    unread(ADA, 'group', TEAM, 'orbit', { tags: ['work'], pinnedAt: now - 3 * DAY }),
    unread(ADA, 'user', ALAN, 'proof'),
    {
      kind: 'conversation',
      value: { uid: ADA, receiverType: 'user', receiver: KATHERINE, lastReadMessageId: '0', mutedUntil: now + DAY },
    },
  ];
}
