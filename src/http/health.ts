import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../store/handle.ts';
import { sendJson } from './respond.ts';

const PING_MS_MAX = 2_000;
const NO_STORE = { 'cache-control': 'no-store' };

/** Answers that the process is alive, which says nothing of its database. */
export const answerHealth = (res: ServerResponse): void => sendJson(res, 200, { status: 'alive' }, NO_STORE);

/** Answers whether requests should come here: the database answers, and the server is not stopping. */
export async function answerReady(res: ServerResponse, db: Database, draining: boolean): Promise<void> {
  const status = draining ? 'draining' : (await answers(db)) ? 'ready' : 'the database does not answer';
  sendJson(res, status === 'ready' ? 200 : 503, { status }, NO_STORE);
}

async function answers(db: Database): Promise<boolean> {
  const timer = new AbortController();
  const ping = db.ping().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([ping, wait(PING_MS_MAX, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
