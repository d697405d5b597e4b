import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { openSocket, operation } from '../support/raw-socket.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const RENEW = 'mutation ($authToken: String!) { renewSession(input: { authToken: $authToken }) { expiresAt } }';

const tokenFor = async (server: TestServer, expiresIn: number): Promise<string> =>
  (await askerOf(() => server).run('KEY', 'createAuthToken', { uid: 'ada', expiresIn }, 'authToken')).authToken;

const init = (authorization: string) => ({ type: 'connection_init', payload: { authorization } });

eachDialect((dialect) => {
  test('who renews just as their token expires stays, and who does not is out within a second', async () => {
    const server = await serverForTest({ dialect, lines: WORLD });
    const raw = await openSocket(server);
    let expiresAt = Math.floor(Date.now() / 1000) + 2;
    raw.send(init(`Bearer ${await tokenFor(server, 2)}`));
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
    for (const early of [300, 200, 150]) {
      await wait(expiresAt * 1000 - 1_000 - Date.now());
      const next = await tokenFor(server, 3);
      await wait(expiresAt * 1000 - early - Date.now());
      raw.send(operation('r', RENEW, { authToken: next }));
      const { payload } = await raw.next();
      expect(payload.data.renewSession.expiresAt).toBeGreaterThan(expiresAt);
      expect(await raw.next()).toEqual({ id: 'r', type: 'complete' });
      ({ expiresAt } = payload.data.renewSession);
    }
    expect(await raw.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('AUTH_ERR_TOKEN_EXPIRED') });
    expect(Math.abs(Date.now() / 1000 - expiresAt)).toBeLessThan(1);
    expect(server.services.live.sessions.size()).toBe(0);
  });

  test.runIf(dialect === 'postgres')('a socket that is gone while it signs in is nobody’s presence', async () => {
    const server = await serverForTest({ dialect, lines: WORLD, graceMs: 0 });
    const { live, presence } = server.services;
    const lock = new pg.Client({ connectionString: server.database });
    await lock.connect();
    await lock.query('begin; lock table events in access exclusive mode');
    const raw = await openSocket(server);
    const authorization = `Bearer ${server.apiKey}`;
    raw.send({ type: 'connection_init', payload: { authorization, 'x-act-as': 'ada' } });
    await expect.poll(() => live.sessions.size()).toBe(1);
    raw.socket.terminate();
    await expect.poll(() => live.sessions.size()).toBe(0);
    await lock.end();
    await expect.poll(() => presence.online()).toEqual([]);
  });

  test.runIf(dialect === 'postgres')('a token that is revoked while its socket signs in opens none', async () => {
    const server = await serverForTest({ dialect, lines: WORLD });
    const token = await tokenFor(server, 60);
    const lock = new pg.Client({ connectionString: server.database });
    await lock.connect();
    await lock.query('begin; lock table events in access exclusive mode');
    const raw = await openSocket(server);
    raw.send(init(`Bearer ${token}`));
    await expect.poll(() => server.services.live.sessions.size()).toBe(1);
    await lock.query('delete from auth_tokens');
    await lock.query('commit');
    await lock.end();
    expect(await raw.closed).toMatchObject({ code: 4403 });
    expect(raw.waiting).toEqual([]);
  });
});
