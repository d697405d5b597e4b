import {
  type ExecutionResult,
  executeSubscriptionEvent,
  type GraphQLInterfaceType,
  parse,
  validate,
  validateSubscriptionArgs,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Context, createContext, createSharedContext } from '../../src/graphql/context.ts';
import { factsOf } from '../../src/live/document.ts';
import type { Occurrence } from '../../src/live/occurrence.ts';
import { schema } from '../../src/schema.ts';
import type { Viewer } from '../../src/viewer.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { WORLD } from '../support/world.ts';
import { occurrencesIn } from './personal/occurrences.ts';
import { concreteOf, leavesOf, personalOf, ROOTS, rootType, type Spot, spotsWithin } from './personal/paths.ts';

// A member, who has cleared conversations and blocked somebody; a member; one who is banned; an outsider.
const VIEWERS = ['ada', 'bob', 'olga', 'smile'];
const ASKED_FOR = /asked for the viewer/;

/** How what is personal may be given without asking for the viewer, and why that is the same for everybody. */
const KNOWN_WITHOUT: Readonly<Record<string, RegExp>> = {
  unreadRepliesCount: /"unreadRepliesCount":0/, // of a message without replies
};

/** Which occurrences a subscription's field is given. */
const FITS: Readonly<Record<string, (one: Occurrence) => boolean>> = {
  events: ({ kind }) => kind !== 'CALL_SIGNAL',
  messageReceived: ({ kind, hidden }) => kind === 'MESSAGE_SENT' && !hidden,
  typing: ({ kind }) => kind === 'TYPING_STARTED' || kind === 'TYPING_ENDED',
  presence: ({ kind }) => kind === 'PRESENCE_CHANGED',
  callUpdated: ({ kind, hidden }) => kind === 'CALL_UPDATED' && !hidden,
  callSignals: ({ kind }) => kind === 'CALL_SIGNAL',
};

const EVENT = schema.getType('Event') as GraphQLInterfaceType;
const typeOf = (one: Occurrence) => EVENT.resolveType?.(one, {}, {} as never, EVENT);

test('every subscription is looked at', () => {
  const fields = Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
  expect(Object.keys(ROOTS).sort()).toEqual(fields.sort());
  expect(fields.every((field) => concreteOf(rootType(field)).length > 0)).toBe(true);
});

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const steps = dialect === 'sqlite' ? 2 : 1;
  let occurrences: Occurrence[] = [];
  let viewers: Viewer[] = [];

  beforeAll(async () => {
    const { services } = ask.server();
    occurrences = await occurrencesIn(services);
    const people = await Promise.all(VIEWERS.map((uid) => services.users.findAny(uid)));
    viewers = people.flatMap((user): Viewer[] =>
      user ? [false, true].map((byKey) => ({ kind: 'user', id: user.id, uid: user.uid, byKey })) : [],
    );
  });

  const fitting = ({ root, told }: Spot) =>
    occurrences.filter((one) => FITS[root]?.(one) && (rootType(root) !== EVENT || typeOf(one) === told));

  async function execute(document: string, one: Occurrence, contextValue: Context): Promise<ExecutionResult> {
    const args = validateSubscriptionArgs({ schema, document: parse(document), contextValue });
    if (!('schema' in args)) throw new Error(args.join());
    return executeSubscriptionEvent({ ...args, rootValue: one });
  }

  describe('of what is told', () => {
    test('no field that is not marked depends on the viewer', { timeout: 120_000 }, async () => {
      const { services } = ask.server();
      const seen = new Set<string>();
      for (const spot of spotsWithin(steps)) {
        const document = spot.wrap(leavesOf(spot.type));
        expect(validate(schema, parse(document)), document).toEqual([]);
        expect(factsOf(schema, parse(document)).personal, document).toBe(false);
        for (const one of fitting(spot)) {
          const shared = await execute(document, one, createSharedContext(services));
          expect(shared.errors, `${document} of ${one.kind}`).toBeUndefined();
          const text = JSON.stringify(shared);
          if (!text.includes(`"__typename":"${spot.type.name}"`)) continue;
          seen.add(spot.type.name);
          for (const viewer of viewers) {
            const alone = await execute(document, one, createContext(services, viewer));
            expect(JSON.stringify(alone), document).toBe(text);
          }
        }
      }
      expect([...seen].sort()).toEqual([...new Set(spotsWithin(steps).map(({ type }) => type.name))].sort());
    });

    test('every field that is marked asks for the viewer', { timeout: 120_000 }, async () => {
      const { services } = ask.server();
      const answered = new Map<string, boolean>();
      for (const spot of spotsWithin(1)) {
        for (const { name, selection } of personalOf(spot.type)) {
          const field = `${spot.type.name}.${name}`;
          const document = spot.wrap(`__typename ${selection}`);
          expect(factsOf(schema, parse(document)).personal, document).toBe(true);
          if (!answered.has(field)) answered.set(field, false);
          for (const one of fitting(spot)) {
            const { data, errors = [] } = await execute(document, one, createSharedContext(services));
            if (errors.some(({ message }) => ASKED_FOR.test(message))) answered.set(field, true);
            else if (JSON.stringify(data).includes(`"__typename":"${spot.type.name}"`)) {
              expect(JSON.stringify(data), document).toMatch(KNOWN_WITHOUT[name] ?? /never/);
            }
          }
        }
      }
      const silent = [...answered].filter(([, asked]) => !asked).map(([field]) => field);
      expect(silent.filter((field) => !KNOWN_WITHOUT[field.split('.')[1] ?? ''])).toEqual([]);
      expect(answered.get('TextMessage.unreadRepliesCount')).toBe(true);
    });
  });
});
