// Keeps what it reads on standard input in the file that it is given, each piece synced to disk: outlives whoever else is killed.
import { fdatasyncSync, openSync, writeSync } from 'node:fs';

const file = openSync(process.argv[2] ?? '', 'a');
process.stdin.on('data', (piece: Buffer) => {
  writeSync(file, piece);
  fdatasyncSync(file);
});
