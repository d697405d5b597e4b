import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { openByteStore } from '../media/open.ts';
import { type Database, StoreError } from '../store/handle.ts';
import { openDatabase } from '../store/open.ts';
import { importFiles } from '../transfer/files-service.ts';
import { createImport, type Tally } from '../transfer/import-service.ts';
import { openSource, type Source } from '../transfer/read-file.ts';
import { startProgress } from './progress.ts';

/** V8 would let the heap grow fourfold before it clears up, and each of the two threads' newest objects take 64 MB. */
const KEEP_SMALL = ['--heap-growing-percent=100', '--semi-space-growth-factor=1', '--min-semi-space-size=4'];

/** Adds `import FILE…`, which takes history from files of lines. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .argument('<file...>', 'files of lines of JSON, plain or gzipped; - is standard input')
    .option('--media <folder>', 'take the files of messages from this folder, which export --media made')
    .description('take users, groups and messages from files, in the form that export writes')
    .action(async (files: string[], { media }: { media?: string }) => {
      for (const flag of KEEP_SMALL) setFlagsFromString(flag);
      const { PARLEY_DATABASE: database, PARLEY_MEDIA: kept } = readConfig(process.env);
      const sources = await openAll(files);
      const started = performance.now();
      const db = await openDatabase(database, 'write');
      try {
        const run = createImport(db);
        for (const [name, source] of sources) await importFile(run, name, source);
        await run.finish();
        console.log(summary(run.tally, (performance.now() - started) / 1000));
        if (run.tally.bad > 0) process.exitCode = 1;
        if (media !== undefined) await takeFiles(db, kept, media);
      } finally {
        await db.close();
      }
    });
}

async function takeFiles(db: Database, kept: string, folder: string): Promise<void> {
  const { copied, there, missing } = await importFiles(db, openByteStore(kept), folder);
  console.log(`Files: ${copied} added; already there: ${there}; not in ${folder}: ${missing}`);
  if (missing > 0) process.exitCode = 1;
}

async function openAll(files: readonly string[]): Promise<[name: string, source: Source][]> {
  const opened: [string, Source][] = [];
  for (const file of files) {
    try {
      opened.push([file === '-' ? 'standard input' : file, await openSource(file)]);
    } catch (error) {
      throw new StoreError(`${file} can't be read: ${(error as Error).message}`);
    }
  }
  return opened;
}

async function importFile(run: ReturnType<typeof createImport>, name: string, source: Source): Promise<void> {
  const progress = startProgress(name, source.size);
  const before = run.tally.lines;
  try {
    for await (const batch of source.batches) {
      for (const { number, problem } of await run.take(batch)) progress.say(`${name}, line ${number}: ${problem}`);
      progress.update(source.read(), run.tally.lines - before);
    }
  } finally {
    progress.stop();
  }
}

function summary({ lines, added, completed, there, bad }: Tally, seconds: number): string {
  const count = (n: number) => n.toLocaleString('en');
  const kinds = Object.entries(added).map(([kind, n]) => `${count(n)} ${kind}`);
  const parts = [
    `${count(lines)} lines read`,
    `added: ${kinds.join(', ') || 'nothing'}`,
    ...(completed > 0 ? [`completed: ${count(completed)}`] : []),
    `already there: ${count(there)}`,
    `bad: ${count(bad)}`,
  ];
  return `${parts.join('; ')}. ${seconds.toFixed(1)} s`;
}
