#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Parley needs Node 22.18 or later, and this is ${process.version}: "npm start" brings its own.`);
  process.exit(1);
}
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/parley', import.meta.url)));

// Only now: on an older Node what it imports would not refuse, but crash.
const { runCommand } = await import('./commands/run.ts');
await runCommand(process.argv);
