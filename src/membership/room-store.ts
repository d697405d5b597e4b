import { type Conversation, groupScope } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import { ChatError } from '../errors.ts';
import { appendEvent } from '../events/append-store.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import type { Group, Membership } from '../groups/group.ts';
import { isSeen } from '../groups/policy.ts';
import { groupStore } from '../groups/store.ts';
import { actionText } from '../messages/action-text.ts';
import { appendMessage, type NewMessage } from '../messages/append-store.ts';
import { reach } from '../messages/marks-store.ts';
import type { Message } from '../messages/message.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { byOf, type Viewer } from '../viewer.ts';

/** A group in the hands of one job, which keeps it up to date as it goes. */
export interface Room {
  readonly viewer: Viewer;
  /** The viewer's own membership; undefined where they have none, and for an API key. */
  readonly mine: Membership | undefined;
  /** Who acts: the viewer, or the group's owner where an API key acts on nobody's behalf. */
  actor: User;
  group: Group;
  conversation: Conversation;
}

/** What is done to a membership, and to whose, where that is not the actor's own. */
export type Deed = Required<Pick<NewMessage, 'action'>> &
  Pick<NewMessage, 'oldScope' | 'newScope'> & { readonly on?: User };

/** Those whom it concerns hear of it themselves: the group's topic is no longer, or not yet, theirs. */
const HEARD_IN_PERSON: readonly NewMessage['action'][] = ['joined', 'left', 'kicked', 'banned', 'added'];

/** Runs the job on a group, alone among all that changes it. Throws ERR_GUID_NOT_FOUND where the viewer can't see it. */
export async function inRoom<T>(
  db: Database,
  viewer: Viewer,
  guid: string,
  job: (tx: Handle, room: Room) => Promise<T>,
): Promise<T> {
  const group = await findGroup(db, guid);
  return db.write(groupScope(group.id), async (tx) => job(tx, await enterRoom(tx, viewer, group)));
}

/** The group as it is before the job, for what takes too long to be done in one. Throws ERR_GUID_NOT_FOUND as `inRoom` does. */
export async function lookIntoRoom(db: Database, viewer: Viewer, guid: string): Promise<Room> {
  return enterRoom(db.read, viewer, await findGroup(db, guid));
}

async function findGroup({ read }: Database, guid: string): Promise<Group> {
  const group = await groupStore(read).byGuid(guid);
  if (group) return group;
  throw noGroup(guid);
}

const noGroup = (guid: string): ChatError =>
  new ChatError('ERR_GUID_NOT_FOUND', `\`guid\` is "${guid}": there is no group with this guid that you can see.`);

/** The group, for whoever may see it. Throws ERR_GUID_NOT_FOUND for others, and where it is no longer there. */
export async function enterRoom(tx: Handle, viewer: Viewer, found: Group): Promise<Room> {
  const group = await groupStore(tx).byId(found.id);
  const mine = viewer.kind === 'user' ? await groupStore(tx).membership(found.id, viewer.id) : undefined;
  if (!group || group.deletedAt !== null || !isSeen(viewer, group, mine?.scope)) throw noGroup(found.guid);
  const conversation = must(await placeStore(tx).byGroup(group.id));
  const actor = must(await userStore(tx).byId(viewer.kind === 'user' ? viewer.id : group.ownerId));
  return { viewer, mine, actor, group, conversation };
}

/** Tells a group's members that the group has changed. */
export async function tellUpdated(tx: Handle, { viewer, group, conversation }: Room, at: number): Promise<void> {
  await appendEvent(tx, {
    kind: 'GROUP_UPDATED',
    at,
    byId: byOf(viewer),
    conversationId: conversation.id,
    details: { guid: group.guid },
    topics: [groupTopic(group.guid)],
  });
}

/** Tells a group's members, and the user themself, of a change of a membership that makes no Action. Gives the event's position. */
export function tellOfMember(tx: Handle, room: Room, user: User, at: number): Promise<number> {
  return tellOf(tx, room, user, at, undefined, [userTopic(user.uid)]);
}

/** Keeps what is done in the group's history and in the log. Gives the Action, and the event's position. */
export async function act(
  tx: Handle,
  room: Room,
  { on, ...deed }: Deed,
  now: number,
): Promise<{ readonly action: Message; readonly position: number }> {
  const { action, newScope = null } = deed;
  const draft: NewMessage = {
    ...deed,
    senderId: room.actor.id,
    category: 'action',
    type: 'groupMember',
    text: actionText(must(action ?? undefined), room.actor.name, on?.name, newScope),
    actionOnId: on?.id ?? null,
  };
  const message = await appendMessage(tx, room, draft, now);
  const { id, seq, counted, sentAt } = message;
  room.conversation = { ...room.conversation, seq, counted, lastId: id, lastMessageId: id, updatedAt: sentAt };
  const whose = on ?? room.actor;
  const inPerson = HEARD_IN_PERSON.includes(action) ? [userTopic(whose.uid)] : [];
  const position = await tellOf(tx, room, whose, sentAt, id, inPerson);
  return { action: message, position };
}

function tellOf(
  tx: Handle,
  { viewer, group, conversation }: Room,
  user: User,
  at: number,
  messageId: number | undefined,
  inPerson: readonly string[],
): Promise<number> {
  return appendEvent(tx, {
    kind: 'MEMBERSHIP_CHANGED',
    at,
    byId: byOf(viewer),
    conversationId: conversation.id,
    ...(messageId !== undefined && { messageId }),
    userId: user.id,
    details: { guid: group.guid },
    topics: [groupTopic(group.guid), ...inPerson],
  });
}

/** Who acts has read up to their last Action, like whoever sends; `before` is the conversation as it was until then. */
export async function readUpToOwn(tx: Handle, room: Room, before: Conversation): Promise<void> {
  const { viewer, conversation } = room;
  if (viewer.kind === 'key' || conversation.lastId === before.lastId) return;
  const mine = must(await placeStore(tx).participant(viewer.id, conversation.id));
  const { lastId: upTo, counted, updatedAt } = conversation;
  const covers = before.lastId > mine.readMark;
  await reach(tx, conversation, mine, { kind: 'read', upTo, counted, covers }, updatedAt);
}
