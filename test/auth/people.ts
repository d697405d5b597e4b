import { createApp } from '../../src/app.ts';
import { now } from '../../src/clock.ts';
import type { Database } from '../../src/store/handle.ts';

export const ADA = { kind: 'user', value: { uid: 'ada', name: 'Ada', email: 'ada@example.org', credits: 7 } };
export const BOB = { kind: 'user', value: { uid: 'bob', name: 'Bob', email: 'bob@example.org', credits: 3 } };

/** A token of the user, as `parley token` and the API make it. */
export async function makeToken(db: Database, uid: string, expiresIn?: number): Promise<string> {
  const { authToken } = await createApp(db).tokens.create({ kind: 'key' }, { uid, expiresIn });
  return authToken;
}

/** Adds a user who is, or soon will be, gone: no import brings one. */
export const addUser = (db: Database, uid: string, gone: { deletedAt?: number; deactivatedAt?: number } = {}) =>
  db.write(`uid:${uid}`, (tx) =>
    tx.insertMany(tx.t.users, [{ uid, name: uid, sortKey: uid, tags: [], createdAt: now(), ...gone }]),
  );
