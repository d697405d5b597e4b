import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { now } from '../../src/clock.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { addUser } from './people.ts';
import { claimsOf, sign } from './sign.ts';
import { whoAmI } from './who-am-i.ts';

const SECRET = 'a secret that the host application has too';

eachDialect((dialect) => {
  let server: TestServer;
  beforeAll(async () => {
    const env = { PARLEY_JWT_SECRET: SECRET, PARLEY_JWT_PROVISION: '1' };
    server = await startTestServer({ dialect, env });
  });
  afterAll(() => server.stop());

  const jwt = (claims: JWTPayload) => sign(claims, 'HS256', Buffer.from(SECRET));
  const me = async (claims: JWTPayload) => {
    const { data } = await server.query('{ me { uid name } }', undefined, { token: await jwt(claims) });
    return data?.me;
  };

  test('a user whom nobody has seen is made, with the name that the JWT says', async () => {
    expect(await me({ ...claimsOf('carol'), name: 'Carol' })).toEqual({ uid: 'carol', name: 'Carol' });
    const { data } = await server.query('{ users { nodes { uid name } } }');
    expect(data.users.nodes).toContainEqual({ uid: 'carol', name: 'Carol' });
  });

  test('a name that changes later is left as it was', async () => {
    await me({ ...claimsOf('dora'), name: 'Dora' });
    expect(await me({ ...claimsOf('dora'), name: 'Theodora' })).toEqual({ uid: 'dora', name: 'Dora' });
  });

  test.each([
    ['no name', undefined],
    ['an empty name', ''],
    ['a name too long', 'x'.repeat(101)],
    ['a name that no store keeps', 'a\0b'],
    ['something else for a name', 17],
  ])('a user with %s goes by their uid', async (what, name) => {
    const uid = what.replaceAll(' ', '-');
    expect(await me({ ...claimsOf(uid), name })).toEqual({ uid, name: uid });
  });

  test('many requests at once make one user', async () => {
    const token = await jwt(claimsOf('erin'));
    const answers = await Promise.all(Array.from({ length: 12 }, () => whoAmI(server, { token })));
    expect(answers).toEqual(Array(12).fill({ status: 200, uid: 'erin' }));
    const { data } = await server.query('{ users(search: "erin") { nodes { uid } } }');
    expect(data.users.nodes).toEqual([{ uid: 'erin' }]);
  });

  test('a uid of other characters makes nobody', async () => {
    const answer = await whoAmI(server, { token: await jwt(claimsOf('Frank')) });
    expect(answer).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
    expect((await server.query('{ users(search: "frank") { nodes { uid } } }')).data.users.nodes).toEqual([]);
  });

  test('a deleted user does not come back', async () => {
    await addUser(server.db, 'gone', { deletedAt: now() });
    const answer = await whoAmI(server, { token: await jwt(claimsOf('gone')) });
    expect(answer).toMatchObject({ status: 401, code: 'AUTH_ERR_NO_ACCESS' });
    expect((await server.query('{ user(uid: "gone") { uid } }')).data.user).toBeNull();
  });

  test('a deactivated user is refused', async () => {
    await addUser(server.db, 'resting', { deactivatedAt: now() });
    const answer = await whoAmI(server, { token: await jwt(claimsOf('resting')) });
    expect(answer).toMatchObject({ status: 401, code: 'AUTH_ERR_NO_ACCESS' });
  });

  test('revoking ends the JWTs issued until then, those that do not say when included, and no later ones', async () => {
    const { iat: _, ...undated } = claimsOf('hana');
    await me(claimsOf('hana'));
    await createApp(server.db).tokens.revoke({ kind: 'key' }, 'hana');
    for (const claims of [claimsOf('hana'), { ...claimsOf('hana'), iat: now() - 60 }, undated]) {
      const answer = await whoAmI(server, { token: await jwt(claims) });
      expect(answer).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
    }
    const later = await jwt({ ...claimsOf('hana'), iat: now() + 2 });
    expect(await whoAmI(server, { token: later })).toEqual({ status: 200, uid: 'hana' });
  });
});
