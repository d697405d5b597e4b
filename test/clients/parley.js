import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Starts Parley as a developer would, on a new database with its demo, and signs in as one of the demo's users. Stopped after the tests. */
export async function startParley() {
  const folder = mkdtempSync(`${tmpdir()}/parley-clients-`);
  const env = { PATH: process.env.PATH, PORT: '0', PARLEY_DATABASE: `${folder}/parley.db` };
  const server = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  after(() => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const url = await addressIn(server.stdout, server.stderr);
  const token = execFileSync(process.execPath, [MAIN, 'token', 'cometchat-uid-1'], { env, encoding: 'utf8' }).trim();
  return { endpoint: `${url}/graphql`, headers: { authorization: `Bearer ${token}` } };
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
