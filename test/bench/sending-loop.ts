// Sends without HTTP: so many at once, again and again for so long, with the hand-written server's statements and Parley's group commit.
// Tells its parent how many a second. Usage: fork it, and send it one `LoopOrder`.
import { groupCommit } from '../../src/store/group-commit.ts';
import { openStatements } from './sending-statements.ts';

/** What the loop is to do. */
export interface LoopOrder {
  readonly database: string;
  /** Of those who send, one at a time each. */
  readonly tokens: readonly string[];
  readonly guid: string;
  readonly text: string;
  readonly seconds: number;
}

process.once('message', async ({ database, tokens, guid, text, seconds }: LoopOrder) => {
  const { client, words, find, send } = openStatements(database);
  const commit = groupCommit(client, words.tx, { finish: words.keep, undone: words.forget, committed() {} });
  const until = performance.now() + seconds * 1000;
  let sent = 0;
  await Promise.all(
    tokens.map(async (token) => {
      while (performance.now() < until) {
        const { sender, group } = find(`Bearer ${token}`, guid);
        await commit.write(() => send(sender, group, text));
        sent += 1;
      }
    }),
  );
  client.close();
  process.send?.(sent / seconds);
  process.disconnect?.();
});
