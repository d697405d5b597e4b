import { createApp } from '../../src/app.ts';
import { openDatabase } from '../../src/store/open.ts';
import { type Data, prepareHistory, VIEWER } from './history.ts';
import { makeHistory } from './made-history.ts';
import type { Options } from './options.ts';

/** What the options name: the history, or a made-up one of so many messages. */
export const dataFor = async (options: Options): Promise<Data> =>
  options.messages === undefined
    ? { file: await prepareHistory(), viewer: VIEWER, guid: 'ubuntu' }
    : makeHistory({ ...options, messages: options.messages });

/** Makes a token of the viewer's, on a database that no server runs on. */
export async function tokenOf({ file, viewer }: Data): Promise<string> {
  const db = await openDatabase(file, 'write');
  const { authToken } = await createApp(db).tokens.create({ kind: 'key' }, { uid: viewer });
  await db.close();
  return authToken;
}
