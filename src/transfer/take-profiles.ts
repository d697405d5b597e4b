import { type Batch, memberKey } from './batch.ts';
import { AT_THE_END } from './conversations.ts';
import { LineError } from './fields.ts';
import type { Taken } from './people.ts';
import type { BlockLine, GroupLine, MemberLine } from './profile-lines.ts';

/** Takes a group, with its conversation. Throws a LineError where it contradicts what is there. */
export function takeGroup({ groups, conversations }: Batch, line: GroupLine): Taken {
  const taken = groups.take(line);
  if (taken === 'added') conversations.ofGroup(groups.get(line.guid, 'guid'));
  return taken;
}

/** Takes somebody who belongs to a group, or is banned from it. Throws a LineError where it contradicts what is there. */
export function takeMember(batch: Batch, line: MemberLine): Taken {
  const { people, groups, members, bans } = batch;
  const group = groups.get(line.guid, 'guid');
  const user = people.find(line.uid) ?? people.add(line);
  const key = memberKey(group.id, user.id);
  const member = members.get(key);
  const ban = bans.get(key);
  if (line.isBanned) {
    if (member) throw new LineError('isBanned', 'is true, and this user is a member already');
    if (ban) return 'there';
    const byId = line.bannedBy == null ? null : people.get(line.bannedBy, 'bannedBy').id;
    const row = { groupId: group.id, userId: user.id, sortKey: user.sortKey, at: line.bannedAt ?? batch.now, byId };
    bans.set(key, row);
    batch.rows.bans.push(row);
    return 'added';
  }
  if (ban) throw new LineError('isBanned', 'is not true, and this user is banned already');
  const scope = line.scope ?? 'participant';
  if (member) {
    if (member.scope !== scope)
      throw new LineError('scope', `is "${member.scope}" already, and nothing is overwritten`);
    return 'there';
  }
  const row = {
    groupId: group.id,
    userId: user.id,
    sortKey: user.sortKey,
    scope,
    joinedAt: line.joinedAt ?? group.createdAt,
    fromPosition: batch.position,
  };
  members.set(key, row);
  batch.rows.memberships.push(row);
  groups.countMember(group);
  join(batch, group.guid, user.id);
  return 'added';
}

/** The group's conversation becomes the member's, standing at its end. */
function join({ groups, conversations }: Batch, guid: string, userId: number): void {
  const conversation = conversations.ofGroup(groups.get(guid, 'guid'));
  const participant = conversations.participant(userId, conversation, true);
  if (participant.active) return;
  participant.active = true;
  participant.readUpTo = AT_THE_END;
  conversations.change(participant);
}

/** Takes a block. */
export function takeBlock({ people, rows, now }: Batch, line: BlockLine): Taken {
  if (line.uid === line.blockedUid) throw new LineError('blockedUid', 'is the blocking user');
  const blockerId = people.get(line.uid, 'uid').id;
  rows.blocks.push({ blockerId, blockedId: people.get(line.blockedUid, 'blockedUid').id, at: line.blockedAt ?? now });
  return 'added';
}
