import type { Viewer } from './history.ts';
import { randomFrom } from './random.ts';

const PEOPLE_A_GROUP = 25;
const MEMBERS_MAX = 200;
const FRIENDS = 8; // after each, and so as many before
const TO_GROUPS = 0.6;
const TALKS = 8; // that go on at the same time
const TALK_MAX = 20; // messages
const REACTED = 10; // each tenth message
const START = 1_600_000_000;

/** A word that one message in four has, and one that one in a hundred has: even a short history has a page of its hits. */
export const WORDS = { common: 'tomorrow', rarer: 'xylophone' };

const VOCABULARY = Array.from({ length: 2_000 }, (_, n) => `word${n.toString(36)}`);

type Line = readonly [kind: string, value: object];
type Below = (n: number) => number;

/** Who there is, by number: the same for every length of history. */
interface Town {
  readonly people: number;
  readonly groups: number;
  readonly members: number;
  readonly pairs: number;
}

/**
 * The lines of a made-up history of so many messages among so many people: for 5,000 of them 200 groups, each of 200, and 40,000 pairs
 * who write to each other. Who somebody is, and whom they know, does not depend on how many messages there are.
 */
export function* linesOf(messages: number, people: number): Generator<Line> {
  const town = {
    people,
    groups: people / PEOPLE_A_GROUP,
    members: Math.min(MEMBERS_MAX, people),
    pairs: people * FRIENDS,
  };
  yield* peopleOf(town);
  const halfway = new Halfway();
  yield* messagesOf(town, messages, halfway);
  yield* readMarksOf(town, halfway);
}

/** A hundred of 5,000 people, each with a group of their own in which they only listen. */
export const viewersAmong = (people: number): readonly Viewer[] =>
  Array.from({ length: people / (2 * PEOPLE_A_GROUP) }, (_, n) => ({
    uid: person(n * 2 * PEOPLE_A_GROUP),
    guid: `group-${n * 2}`,
  }));

const person = (n: number) => `person-${n}`;
const memberOf = ({ people }: Town, group: number, n: number) => person((group * PEOPLE_A_GROUP + n) % people);

/** The two of a pair, as uids. */
function partiesOf({ people }: Town, pair: number): [string, string] {
  const one = Math.floor(pair / FRIENDS);
  return [person(one), person((one + 1 + (pair % FRIENDS)) % people)];
}

function* peopleOf(town: Town): Generator<Line> {
  for (let n = 0; n < town.people; n++) yield ['user', { uid: person(n), name: `Person ${n}` }];
  for (let group = 0; group < town.groups; group++) {
    const guid = `group-${group}`;
    const owner = memberOf(town, group, 0);
    yield ['group', { guid, name: `Group ${group}`, type: 'public', owner, createdAt: START }];
    for (let n = 0; n < town.members; n++) {
      const uid = memberOf(town, group, n);
      yield ['groupMember', { guid, uid, scope: 'participant', joinedAt: START }];
    }
  }
}

/** A message of each conversation from which much is still to come. */
class Halfway {
  readonly groups = new Map<number, number>();
  readonly pairs = new Map<number, number>();
}

type Place = { readonly group: number } | { readonly pair: number };

/** First each pair says hello; then people talk in groups and pairs, each time for a while, and some talks go on at the same time. */
function* messagesOf(town: Town, messages: number, halfway: Halfway): Generator<Line> {
  const random = randomFrom(1);
  const below = (n: number) => Math.floor(random() * n);
  const anyPlace = (): Place => (random() < TO_GROUPS ? { group: below(town.groups) } : { pair: below(town.pairs) });
  const talks = Array.from({ length: TALKS }, () => ({ place: anyPlace(), left: 0 }));
  for (let id = 1; id <= messages; id++) {
    const which = below(TALKS);
    const talk = talks[which]?.left ? talks[which] : { place: anyPlace(), left: 1 + below(TALK_MAX) };
    talk.left -= 1;
    talks[which] = talk;
    const place = id <= town.pairs ? { pair: id - 1 } : talk.place;
    const common = { id, category: 'message', type: 'text', text: textOf(below), sentAt: START + id };
    if ('pair' in place) {
      const [one, other] = partiesOf(town, place.pair);
      const [sender, receiver] = below(2) && !isBehind(place.pair) ? [one, other] : [other, one];
      yield ['message', { ...common, sender, receiver, receiverType: 'user' }];
      if (!halfway.pairs.has(place.pair)) halfway.pairs.set(place.pair, id);
    } else {
      const n = below(town.members);
      const sender = memberOf(town, place.group, isSilent(n) ? n + 1 : n);
      yield ['message', { ...common, sender, receiver: `group-${place.group}`, receiverType: 'group' }];
      if (id >= messages / 2 && !halfway.groups.has(place.group)) halfway.groups.set(place.group, id);
      if (id % REACTED > 0) continue;
      for (const uid of [memberOf(town, place.group, 1), memberOf(town, place.group, 2)]) {
        yield ['reaction', { messageId: id, uid, reaction: '👍', reactedAt: START + id }];
      }
    }
  }
}

// Who writes has read what was there: those who are far behind only listen.
const isSilent = (member: number) => member % 4 === 0;
const isBehind = (pair: number) => pair % FRIENDS === 0;

/** Who is silent in a group has read half of what was written there; one of each pair that is behind, the first message alone. */
function* readMarksOf(town: Town, halfway: Halfway): Generator<Line> {
  for (const [group, lastReadMessageId] of halfway.groups) {
    for (let n = 0; n < town.members; n++) {
      const uid = memberOf(town, group, n);
      const conversation = { receiverType: 'group', receiver: `group-${group}`, uid, lastReadMessageId };
      if (isSilent(n)) yield ['conversation', conversation];
    }
  }
  for (const [pair, lastReadMessageId] of halfway.pairs) {
    const [uid, receiver] = partiesOf(town, pair);
    if (isBehind(pair)) yield ['conversation', { receiverType: 'user', receiver, uid, lastReadMessageId }];
  }
}

function textOf(below: Below): string {
  const words = Array.from({ length: 6 + below(8) }, () => VOCABULARY[below(VOCABULARY.length)]);
  if (below(4) === 0) words.push(WORDS.common);
  if (below(100) === 0) words.push(WORDS.rarer);
  return words.join(' ');
}
