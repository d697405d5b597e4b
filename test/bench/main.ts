// The benchmarks: each side by side with what it is compared to, in one run. `npm run bench` prints a table, and JSON with --json.
import { Command, InvalidArgumentError } from 'commander';
import * as fanout from './fanout.ts';
import * as growth from './growth.ts';
import * as importing from './import.ts';
import * as listening from './listening.ts';
import type { Figure } from './measure.ts';
import type { Options } from './options.ts';
import * as queries from './queries.ts';
import * as reading from './reading.ts';
import * as scale from './scale.ts';
import * as sending from './sending.ts';
import * as starting from './starting.ts';
import * as variety from './variety.ts';

const all = { fanout, growth, import: importing, listening, queries, reading, scale, sending, starting, variety };
const quick = ['growth', 'import', 'queries', 'reading', 'scale', 'sending', 'starting', 'variety'];

const program = new Command('bench')
  .argument('[names...]', `which: ${Object.keys(all).join(', ')}; without any, all`)
  .option('--json', 'print the figures as JSON')
  .option('--smoke', `only try whether they work, in seconds, on few data; without names: ${quick.join(', ')}`)
  .option('--messages <number>', 'measure queries, scale and variety on a made-up history of so many messages', count)
  .option('--folder <path>', 'keep made-up databases there, and take them from there');
program.parse();
const { json, ...options } = program.opts<Options & { json?: boolean }>();
const names = program.args.length > 0 ? program.args : options.smoke ? quick : Object.keys(all);
const figures: Figure[] = [];
for (const name of names) {
  const bench = all[name as keyof typeof all];
  if (!bench) program.error(`there is no benchmark "${name}"`);
  const found = await bench.run(options);
  const broken = found.filter(({ value }) => !Number.isFinite(value));
  if (broken.length > 0) throw new Error(`${name} gives no figure for ${broken.map(({ what }) => what).join(', ')}`);
  if (options.smoke) console.log(`${name} works: ${found.length} figures`);
  figures.push(...found);
}
if (json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else if (!options.smoke) console.table(figures);

function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number.');
}
