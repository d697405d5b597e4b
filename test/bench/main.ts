// The benchmarks: each side by side with what it is compared to, in one run. `npm run bench` prints a table, and JSON with --json.
import { Command } from 'commander';
import * as fanout from './fanout.ts';
import * as growth from './growth.ts';
import * as importing from './import.ts';
import * as listening from './listening.ts';
import type { Figure } from './measure.ts';
import * as reading from './reading.ts';
import * as sending from './sending.ts';
import * as starting from './starting.ts';

const all = { fanout, growth, import: importing, listening, reading, sending, starting };

const program = new Command('bench')
  .argument('[names...]', `which: ${Object.keys(all).join(', ')}; without any, all`)
  .option('--json', 'print the figures as JSON');
program.parse();
const names = program.args.length > 0 ? program.args : Object.keys(all);
const figures: Figure[] = [];
for (const name of names) {
  const bench = all[name as keyof typeof all];
  if (!bench) program.error(`there is no benchmark "${name}"`);
  else figures.push(...(await bench.run()));
}
if (program.opts()['json']) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else console.table(figures);
