import type { Group } from '../groups/group.ts';
import { must } from '../store/handle.ts';
import { sortKey } from '../users/user.ts';
import { LineError, take } from './fields.ts';
import type { Named } from './message-draft.ts';
import { completion, type People, type Person, type Taken } from './people.ts';
import { type EmbeddedGroup, embeddedGroup, type GroupLine } from './profile-lines.ts';

const COMPLETED = [
  'name',
  'type',
  'passwordHash',
  'description',
  'icon',
  'metadata',
  'tags',
] as const satisfies readonly (keyof Group)[];

/** The groups that the lines of a batch are about: those found, and those they add, which take their row ids from `ids`. */
export function createGroups(found: readonly Group[], ids: readonly number[], people: People, now: number) {
  const byGuid = new Map(found.map((group) => [group.guid, group]));
  const added: Group[] = [];
  const changed = new Set<Group>();

  function add(
    line: EmbeddedGroup & { passwordHash?: GroupLine['passwordHash'] },
    owner: Person,
    createdAt: number,
  ): Group {
    const group = newGroup(must(ids[added.length]), line, owner, createdAt);
    byGuid.set(group.guid, group);
    added.push(group);
    return group;
  }

  return {
    added,
    changed,
    find: (guid: string): Group | undefined => byGuid.get(guid),
    get(guid: string, field: string): Group {
      const group = byGuid.get(guid);
      if (!group) throw new LineError(field, `there is no group "${guid}"`);
      return group;
    },
    add,
    /** Takes a line of kind group. Throws a LineError where it contradicts what is there. */
    take(line: GroupLine): Taken {
      const owner = people.get(line.owner, 'owner');
      const group = byGuid.get(line.guid);
      if (!group) return add(line, owner, line.createdAt ?? now) && 'added';
      if (group.ownerId !== owner.id) throw new LineError('owner', 'is another already, and nothing is overwritten');
      const changes = completion(group, line, COMPLETED);
      if (Object.keys(changes).length === 0) return 'there';
      Object.assign(group, changes);
      group.sortKey = sortKey(group.name, group.guid);
      changed.add(group);
      return 'completed';
    },
    countMember(group: Group): void {
      group.membersCount += 1;
      changed.add(group);
    },
    /** The group that a message is sent to, where it is not there yet but the message tells of it. */
    missing(guid: string, named: readonly Named[]): EmbeddedGroup | undefined {
      if (byGuid.has(guid)) return undefined;
      const one = named.find((candidate) => candidate.guid === guid);
      if (!one) throw new LineError('receiver', `there is no group "${guid}"`);
      return take(embeddedGroup, one, 'receiver');
    },
  };
}

export type Groups = ReturnType<typeof createGroups>;

/** A group of which nobody said whether it may be found is private. */
function newGroup(
  id: number,
  line: EmbeddedGroup & { passwordHash?: GroupLine['passwordHash'] },
  owner: Person,
  createdAt: number,
): Group {
  const name = line.name ?? line.guid;
  return {
    id,
    guid: line.guid,
    sortKey: sortKey(name, line.guid),
    name,
    type: line.type ?? 'private',
    passwordHash: line.passwordHash ?? null,
    description: line.description ?? null,
    icon: line.icon ?? null,
    metadata: (line.metadata ?? null) as Group['metadata'],
    tags: line.tags ?? [],
    ownerId: owner.id,
    membersCount: 0,
    createdAt,
    updatedAt: line.updatedAt ?? null,
    deletedAt: null,
  };
}
