/**
 * What each viewer may see of a small world, worked out the slow way from reference/semantics.md: every question looks at
 * everything. The database's answers are compared with these.
 */

export interface World {
  readonly users: readonly WorldUser[];
  readonly groups: readonly WorldGroup[];
  /** `[who, whom]`. */
  readonly blocks: readonly (readonly [string, string])[];
  readonly messages: readonly WorldMessage[];
  /** How conversations stand for those who do not stand at their end. */
  readonly standings: readonly WorldStanding[];
}

export interface WorldUser {
  readonly uid: string;
  readonly name: string;
  readonly state: 'active' | 'deactivated' | 'deleted';
}

export interface WorldGroup {
  readonly guid: string;
  readonly name: string;
  readonly type: 'public' | 'private' | 'password';
  readonly owner: string;
  readonly members: readonly { readonly uid: string; readonly scope: 'admin' | 'moderator' | 'participant' }[];
  readonly banned: readonly string[];
}

export type WorldTo = { readonly user: string } | { readonly group: string };

export interface WorldMessage {
  readonly id: number;
  readonly sender: string;
  readonly to: WorldTo;
  readonly kind: 'text' | 'action' | 'call';
  readonly words: readonly string[];
  readonly mentions: readonly string[];
  readonly deleted: boolean;
  readonly parent: number | undefined;
  readonly quoted: number | undefined;
}

export interface WorldStanding {
  readonly uid: string;
  readonly to: WorldTo;
  readonly read: number;
  readonly cleared: number;
}

/** Who asks: a uid, an API key on nobody's behalf, or nobody. */
export type Viewer = { readonly uid: string } | 'KEY';

export interface MessageFilter {
  readonly categories?: readonly ('MESSAGE' | 'ACTION' | 'CALL')[];
  readonly hideReplies?: boolean;
  readonly hideDeleted?: boolean;
  readonly hideFromBlockedUsers?: boolean;
  readonly unreadOnly?: boolean;
  readonly hasMentions?: boolean;
  readonly search?: string;
}

const fold = (text: string) => text.toLowerCase();
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byName =
  <T extends { readonly name: string }>(idOf: (one: T) => string) =>
  (a: T, b: T) =>
    byCodePoint(fold(a.name), fold(b.name)) || byCodePoint(idOf(a), idOf(b));
const wordsOf = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/** What a message says: its words, and then whom it mentions. */
export const textOf = ({ words, mentions }: Pick<WorldMessage, 'words' | 'mentions'>): string =>
  `${words.join(', ')}${mentions.map((uid) => ` <@uid:${uid}>`).join('')}`;

/** The conversation that a message from `sender` goes to, in the data model's words. */
export function conversationIdOf(sender: string, to: WorldTo): string {
  if ('group' in to) return `group_${to.group}`;
  return [sender, to.user].sort(byCodePoint).join('_user_');
}

export function oracleOf(world: World) {
  const { users, groups, blocks, messages, standings } = world;
  const userOf = (uid: string) => users.find((user) => user.uid === uid);
  const groupOf = (guid: string) => groups.find((group) => group.guid === guid);
  const memberOf = (guid: string, uid: string) => groupOf(guid)?.members.find((member) => member.uid === uid);
  const conversationOf = ({ sender, to }: WorldMessage) => conversationIdOf(sender, to);
  const isFound = (viewer: Viewer, user: WorldUser) =>
    user.state === 'active' || (user.state === 'deactivated' && viewer === 'KEY');
  const isSeen = (viewer: Viewer, group: WorldGroup) =>
    viewer === 'KEY' || group.type !== 'private' || memberOf(group.guid, viewer.uid) !== undefined;

  const takesPart = (uid: string, { sender, to }: WorldMessage) =>
    'group' in to ? memberOf(to.group, uid) !== undefined : uid === sender || uid === to.user;

  /** Where a conversation stands for a user: by itself at its end. */
  function standingOf(uid: string, conversationId: string) {
    const own = standings.find((one) => one.uid === uid && conversationIdOf(uid, one.to) === conversationId);
    return own ?? { read: Number.POSITIVE_INFINITY, cleared: 0 };
  }

  function isReadable(viewer: Viewer, message: WorldMessage): boolean {
    if (viewer === 'KEY') return true;
    return takesPart(viewer.uid, message) && message.id > standingOf(viewer.uid, conversationOf(message)).cleared;
  }

  /** Whether it is somebody else's, still there, and after what the user has read. */
  function isNew(uid: string, message: WorldMessage): boolean {
    const { read } = standingOf(uid, conversationOf(message));
    return isReadable({ uid }, message) && message.id > read && message.sender !== uid && !message.deleted;
  }

  const isUnread = (uid: string, message: WorldMessage): boolean =>
    isNew(uid, message) && message.kind !== 'action' && message.parent === undefined;

  const mentions = (message: WorldMessage, uid: string) => !message.deleted && message.mentions.includes(uid);

  function fits(viewer: Viewer, message: WorldMessage, filter: MessageFilter): boolean {
    const category = message.kind === 'text' ? 'MESSAGE' : message.kind === 'action' ? 'ACTION' : 'CALL';
    const uid = viewer === 'KEY' ? '' : viewer.uid;
    const has = (word: string) => wordsOf(textOf(message)).includes(word);
    const searched = filter.search === undefined ? undefined : wordsOf(filter.search);
    return [
      filter.categories?.includes(category) ?? true,
      !filter.hideReplies || message.parent === undefined,
      !filter.hideDeleted || !message.deleted,
      !filter.hideFromBlockedUsers || !blocks.some(([who, whom]) => who === uid && whom === message.sender),
      !filter.unreadOnly || isUnread(uid, message),
      filter.hasMentions === undefined || filter.hasMentions === (!message.deleted && message.mentions.length > 0),
      searched === undefined ||
        (searched.length > 0 && message.kind === 'text' && !message.deleted && searched.every(has)),
    ].every(Boolean);
  }

  const readable = (viewer: Viewer) => messages.filter((message) => isReadable(viewer, message));

  /** The ids of the viewer's conversations, each with what stands in it for them, newest first. */
  function conversations(uid: string) {
    const ofGroups = groups.filter(({ guid }) => memberOf(guid, uid)).map(({ guid }) => `group_${guid}`);
    const ofUsers = messages.filter((message) => 'user' in message.to && takesPart(uid, message)).map(conversationOf);
    const shown = [...new Set([...ofGroups, ...ofUsers])].filter((id) => {
      const { cleared } = standingOf(uid, id);
      return cleared === 0 || messages.some((message) => conversationOf(message) === id && message.id > cleared);
    });
    const newest = (id: string, among: readonly WorldMessage[]) =>
      Math.max(
        0,
        ...among.filter((one) => conversationOf(one) === id && one.parent === undefined).map((one) => one.id),
      );
    return shown
      .sort((a, b) => newest(b, messages) - newest(a, messages))
      .map((id) => {
        const unread = messages.filter((message) => conversationOf(message) === id && isUnread(uid, message));
        const last = newest(id, readable({ uid }));
        return {
          id,
          lastMessage: last > 0 ? String(last) : null,
          unread: unread.length,
          unreadMentions: unread.filter((message) => mentions(message, uid)).length,
        };
      });
  }

  return {
    users: (viewer: Viewer) =>
      users
        .filter((user) => isFound(viewer, user))
        .sort(byName(({ uid }) => uid))
        .map(({ uid }) => uid),
    groups: (viewer: Viewer) =>
      groups
        .filter((group) => isSeen(viewer, group))
        .sort(byName(({ guid }) => guid))
        .map(({ guid }) => guid),
    /** The members of a group by name; undefined where the viewer may not see them. */
    members(viewer: Viewer, guid: string): string[] | undefined {
      if (viewer !== 'KEY' && !memberOf(guid, viewer.uid)) return undefined;
      const people = (groupOf(guid)?.members ?? []).flatMap(({ uid }) => userOf(uid) ?? []);
      return people.sort(byName(({ uid }) => uid)).map(({ uid }) => uid);
    },
    /** Who is banned from a group, by name; undefined where the viewer may not see it. */
    banned(viewer: Viewer, guid: string): string[] | undefined {
      const scope = viewer === 'KEY' ? 'admin' : memberOf(guid, viewer.uid)?.scope;
      if (scope !== 'admin' && scope !== 'moderator') return undefined;
      const people = (groupOf(guid)?.banned ?? []).flatMap((uid) => userOf(uid) ?? []);
      return people.sort(byName(({ uid }) => uid)).map(({ uid }) => uid);
    },
    conversations,
    unreadTotal: (uid: string) => messages.filter((message) => isUnread(uid, message)).length,
    /** The messages of a conversation that fit, oldest first. */
    list: (viewer: Viewer, conversationId: string, filter: MessageFilter) =>
      readable(viewer)
        .filter((message) => conversationOf(message) === conversationId && fits(viewer, message, filter))
        .sort((a, b) => a.id - b.id)
        .map(({ id }) => String(id)),
    /** All messages that fit, newest first. */
    search: (viewer: Viewer, filter: MessageFilter) =>
      readable(viewer)
        .filter((message) => fits(viewer, message, filter))
        .sort((a, b) => b.id - a.id)
        .map(({ id }) => String(id)),
    /** What a message shows beside itself; undefined where the viewer may not read it. */
    message(viewer: Viewer, id: number) {
      const message = readable(viewer).find((one) => one.id === id);
      if (!message) return undefined;
      const shown = (other: number | undefined) => {
        const found = readable(viewer).find((one) => one.id === other);
        return found ? String(found.id) : null;
      };
      const replies = readable(viewer).filter(({ parent }) => parent === id);
      return {
        parent: shown(message.parent),
        quoted: shown(message.quoted),
        replies: replies.map((reply) => String(reply.id)).sort((a, b) => Number(a) - Number(b)),
        mentionsMe: viewer !== 'KEY' && mentions(message, viewer.uid),
        unreadReplies: viewer === 'KEY' ? 0 : replies.filter((reply) => isNew(viewer.uid, reply)).length,
      };
    },
  };
}

export type Oracle = ReturnType<typeof oracleOf>;
