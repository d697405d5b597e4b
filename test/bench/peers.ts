import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Server, startServer } from './server.ts';

const FOLDER = 'test/bench/peers';

/** Who answers the same questions over the same database; each file says how it is set up. */
export const PEERS = ['hand-written', 'apollo', 'yoga', 'mercurius'] as const;

export type Peer = (typeof PEERS)[number];

/** Starts one on a database, which it only reads. */
export const startPeer = (peer: Peer, database: string): Promise<Server> =>
  startServer([join(FOLDER, `${peer}.ts`), database]);

/** Installs what they are made of, where it is not there or not as the lock file says. It is no part of Parley. */
export function installPeers(): void {
  const installed = join(FOLDER, 'node_modules/.package-lock.json');
  const changedAt = (file: string) => (existsSync(file) ? statSync(file).mtimeMs : 0);
  if (changedAt(installed) > changedAt(join(FOLDER, 'package-lock.json'))) return;
  console.error(`Installing the servers to compare with: npm ci in ${FOLDER}`);
  const { status } = spawnSync('npm', ['ci'], { cwd: FOLDER, stdio: ['ignore', process.stderr.fd, 'inherit'] });
  if (status !== 0) throw new Error(`npm ci in ${FOLDER} failed: run it by hand to see why`);
}
