#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Parley needs Node 22.18 or later, and this is ${process.version}: "npm start" brings its own.`);
  process.exit(1);
}

// Only now: on an older Node what they import would not refuse, but crash.
const { startQuickly } = await import('./quick-start.ts');
startQuickly();
const { runCommand } = await import('./commands/run.ts');
await runCommand(process.argv);

export {};
