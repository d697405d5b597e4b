// Programs that break something on purpose and compare what is left with what must be. `npm run fault -- <name>`; exits with 1 on any difference.
import { Command } from 'commander';
import * as halfOpen from './half-open.ts';
import * as kills from './kills.ts';
import * as leaks from './leaks.ts';
import * as muid from './muid.ts';
import type { Report } from './report.ts';
import * as resync from './resync.ts';
import * as slow from './slow.ts';
import * as storm from './storm.ts';

interface Program<Scale = unknown> {
  readonly SHORT: Scale;
  readonly LONG: Scale;
  run(scale: Scale, seed: number): Promise<Report>;
}

const all: Record<string, Program> = { kills, storm, resync, muid, leaks, slow, 'half-open': halfOpen } as never;

const program = new Command('fault')
  .argument('[names...]', `which: ${Object.keys(all).join(', ')}; without any, all`)
  .option('--long', 'as long as it takes to be sure, rather than seconds')
  .option('--seed <number>', 'what chance begins with', Number)
  .option('--set <name=number...>', 'changes the scale, such as kills=100');
program.parse();
const { long, seed = Date.now() % 1e6, set = [] } = program.opts<{ long?: true; seed?: number; set?: string[] }>();
const changes = Object.fromEntries(set.map((one) => one.split('=')).map(([name, value]) => [name, Number(value)]));

for (const name of program.args.length > 0 ? program.args : Object.keys(all)) {
  const fault = all[name] ?? program.error(`there is no program "${name}"`);
  console.log(`${name}: seed ${seed}`);
  const { figures, differences } = await fault.run(
    { ...((long ? fault.LONG : fault.SHORT) as object), ...changes },
    seed,
  );
  console.log(JSON.stringify({ name, ...figures }, null, 2));
  for (const difference of differences) console.error(`  ${difference}`);
  if (differences.length > 0) process.exitCode = 1;
}
