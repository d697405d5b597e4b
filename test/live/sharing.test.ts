import { describe, expect, test, vi } from 'vitest';
import { lastPlace } from '../../src/events/feed-store.ts';
import type { Viewer } from '../../src/viewer.ts';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { paramsOf } from '../support/listener.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';
import { createActions, type Written } from './sharing/actions.ts';
import { type Chance, chanceFrom } from './sharing/chance.ts';
import { type Wish, wishFor, wishForEvents, wishForTexts } from './sharing/documents.ts';
import { connect, type Device } from './sharing/sockets.ts';
import { comparable, startTwin, type Told } from './sharing/twins.ts';

const { SHARING_RUNS, SHARING_SEED = '1' } = process.env;
const RUNS = { sqlite: 6, postgres: 2 };
const ACTIONS = 60;

// Of one kind each: who has cleared conversations, blocked or was blocked, is banned, a stranger; some on two devices.
const VIEWERS = ['ada', 'ada', 'bob', 'bob', 'cyd', 'mal', 'emile', 'olga', 'smile'];
const WIDE = {
  PARLEY_MAX_TOKENS: '100000',
  PARLEY_MAX_ALIASES: '10000',
  PARLEY_MAX_COST: '100000000',
  PARLEY_MAX_DEPTH: '50',
};

interface Signed {
  readonly uid: string;
  readonly device: Device;
}

interface Pair {
  readonly uid: string;
  readonly viewer: Viewer;
  readonly socket: Told;
  readonly twin: Told;
  /** How much of it was looked through. */
  seen: number;
}

eachDialect((dialect) => {
  let server: TestServer;
  const ask = askerOf(() => server);
  const first = Number(SHARING_SEED);
  const seeds = Array.from({ length: Number(SHARING_RUNS ?? RUNS[dialect]) }, (_, n) => first + n);

  async function viewerOf(uid: string): Promise<Viewer> {
    const user = await server.services.users.findAny(uid);
    if (!user) throw new Error(`nobody is ${uid}`);
    return { kind: 'user', id: user.id, uid, byKey: false };
  }

  /** Some sign in with a token of their own, some as an API key that acts as them. */
  async function signIn(uid: string, chance: Chance): Promise<Device> {
    if (chance.of(50)) return connect(server, paramsOf(server, { as: uid }));
    const { authToken } = await server.services.tokens.create({ kind: 'key' }, { uid });
    return connect(server, paramsOf(server, { token: authToken }));
  }

  /** Waits until all that has happened was told. */
  async function told() {
    const { db, services } = server;
    await vi.waitFor(
      async () => {
        const { position } = await lastPlace(db.read);
        expect((await services.live.pump.at((place) => place)).position).toBe(position);
      },
      { timeout: 10_000, interval: 2 },
    );
  }

  /** What sockets were told is what each would be told alone, and holds nothing that its viewer may not read. */
  async function agree(pairs: readonly Pair[], written: readonly Written[]) {
    await told();
    const { services } = server;
    for (const pair of pairs) {
      const { socket, twin, seen } = pair;
      const expected = twin.results.slice(seen).map(comparable);
      if (socket.results.length < twin.results.length) {
        await vi.waitFor(() => expect(socket.results.length).toBeGreaterThanOrEqual(twin.results.length), 3_000);
      }
      expect(socket.results.slice(seen).map(comparable), pair.uid).toEqual(expected);
      for (const result of socket.results.slice(seen)) {
        for (const { id } of written.filter(({ words }) => result.includes(words))) {
          expect(await services.messages.find(pair.viewer, id), `${pair.uid} may read ${id}`).toBeDefined();
        }
      }
      pair.seen = seen + expected.length;
    }
  }

  function wishesOf(chance: Chance): Wish[] {
    const receiver = (uid: string) => `conversation: { receiverType: USER, receiverId: "${uid}" }`;
    const group = (guid: string) => `conversation: { receiverType: GROUP, receiverId: "${guid}" }`;
    return [
      wishForTexts(chance),
      wishForEvents(chance),
      wishForEvents(chance),
      wishFor('messageReceived', group('plaza'), chance),
      wishFor('messageReceived', `after: "207" ${group(chance.one(['plaza', 'cellar']))}`, chance),
      wishFor('messageReceived', receiver('ada'), chance),
      wishFor('messageReceived', receiver('bob'), chance),
      wishFor('typing', chance.of(50) ? group('plaza') : receiver('ada'), chance),
      wishFor('presence', 'uids: ["ada", "zhanna"]', chance),
      wishFor('callUpdated', 'sessionId: "session-210"', chance),
    ];
  }

  async function listen(chance: Chance, devices: readonly Signed[], cursor: string): Promise<Pair[]> {
    const wishes = wishesOf(chance);
    const pairs: Pair[] = [];
    for (const { uid, device } of devices) {
      const viewer = await viewerOf(uid);
      for (const wish of wishes) {
        if (!chance.of(60)) continue;
        const asked = wish.ask(chance, cursor);
        const twin = await startTwin(server.services, viewer, asked);
        pairs.push({ uid, viewer, socket: device.subscribe(asked), twin, seen: 0 });
      }
      await device.settled();
    }
    return pairs;
  }

  describe('what viewers share', () => {
    test.each(seeds)('is what each of them would be told alone: seed %i', { timeout: 120_000 }, async (seed) => {
      server = await serverForTest({ dialect, lines: WORLD, env: WIDE, graceMs: 0 });
      const chance = chanceFrom(seed);
      const written: Written[] = [];
      const act = createActions(ask, written);
      const devices: Signed[] = [];
      for (const uid of VIEWERS) devices.push({ uid, device: await signIn(uid, chance) });
      const { cursor } = await ask.data('KEY', '{ cursor }');
      for (let events = 0; events < 6; events++) await act(chance);
      await told();
      const pairs = await listen(chance, devices, cursor);
      await vi.waitFor(() => agree(pairs, written), { timeout: 20_000, interval: 20 }); // what came before takes its time
      for (let actions = 0; actions < ACTIONS; actions++) {
        await act(chance);
        await agree(pairs, written);
      }
      for (const { twin } of pairs) twin.stop();
      for (const { device } of devices) await device.close();
      expect(pairs.reduce((sum, { twin }) => sum + twin.results.length, 0)).toBeGreaterThan(2 * pairs.length);
    });
  });
});
