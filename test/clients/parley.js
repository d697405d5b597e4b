import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/**
 * Starts Parley as a developer would, on a new database with its demo, and signs in as one of the demo's users. Stopped after the
 * tests. `kill` ends it as a crash would, `restart` starts it again on the same port and file.
 */
export async function startParley() {
  const folder = mkdtempSync(`${tmpdir()}/parley-clients-`);
  const env = { PATH: process.env.PATH, PORT: '0', PARLEY_DATABASE: `${folder}/parley.db` };
  let server;
  const start = async () => {
    server = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return addressIn(server.stdout, server.stderr);
  };
  after(() => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const url = await start();
  const headersOf = (uid) => {
    const token = execFileSync(process.execPath, [MAIN, 'token', uid], { env, encoding: 'utf8' }).trim();
    return { authorization: `Bearer ${token}` };
  };
  return {
    endpoint: `${url}/graphql`,
    headers: headersOf('cometchat-uid-1'),
    headersOf,
    async kill() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
    },
    async restart() {
      env.PORT = new URL(url).port;
      await start();
    },
  };
}

function addressIn(...outputs) {
  return new Promise((resolve, reject) => {
    let printed = '';
    for (const output of outputs) {
      output.setEncoding('utf8');
      output.on('data', (text) => {
        printed += text;
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (url) resolve(url);
      });
      output.once('end', () => reject(new Error(`Parley said no address:\n${printed}`)));
    }
  });
}
