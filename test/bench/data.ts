import { createApp } from '../../src/app.ts';
import { openDatabase } from '../../src/store/open.ts';
import { type Data, prepareHistory, VIEWER, type Viewer } from './history.ts';
import { makeHistory } from './made-history.ts';
import type { Options } from './options.ts';

/** What the options name: the history, or a made-up one of so many messages. */
export const dataFor = async (options: Options): Promise<Data> =>
  options.messages === undefined
    ? { file: await prepareHistory(), viewers: [{ uid: VIEWER, guid: 'ubuntu' }] }
    : makeHistory({ ...options, messages: options.messages });

/** Makes a token for each viewer, on a database that no server runs on. */
export async function signIn({ file, viewers }: Data): Promise<readonly (Viewer & { readonly token: string })[]> {
  const db = await openDatabase(file, 'write');
  const { tokens } = createApp(db);
  const made = await Promise.all(viewers.map(({ uid }) => tokens.create({ kind: 'key' }, { uid })));
  await db.close();
  return viewers.map((viewer, n) => ({ ...viewer, token: made[n]?.authToken ?? '' }));
}
