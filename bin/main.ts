#!/usr/bin/env node
// `src/main.ts` is a link to this file. It is CommonJS (see package.json beside it) and plain JavaScript, so that a Node which can't
// load TypeScript comes as far as saying what Parley needs.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Parley needs Node 22.18 or later, and this is ${process.version}: "npm start" brings its own.`);
  process.exitCode = 1;
} else {
  start();
}

/** Only now: on an older Node what this imports would not refuse, but crash. */
async function start() {
  const { startQuickly } = await import('../src/quick-start.ts');
  startQuickly();
  const { runCommand } = await import('../src/commands/run.ts');
  await runCommand(process.argv);
}
