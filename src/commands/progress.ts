import { MultiBar, Presets } from 'cli-progress';

const EVERY_MS = 3_000;
const MB = 1024 * 1024;

/** Tells on standard error how far a file has been read: a bar on a terminal, elsewhere a line every few seconds. */
export interface Progress {
  /** `bytes` of the file are read, and `lines` of it taken. */
  update(bytes: number, lines: number): void;
  /** Writes a line beside it. */
  say(line: string): void;
  stop(): void;
}

/** Starts it. `size` is the file's in bytes; undefined where nobody knows it. */
export function startProgress(name: string, size: number | undefined): Progress {
  return process.stderr.isTTY && size !== undefined ? bar(name, size) : lines(name, size);
}

function bar(name: string, size: number): Progress {
  const format = `${name} {bar} {percentage}% | {lines} lines | {eta_formatted} left`;
  const bars = new MultiBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
  const shown = bars.create(size, 0, { lines: 0 });
  return {
    update: (bytes, count) => shown.update(bytes, { lines: count.toLocaleString('en') }),
    say: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

function lines(name: string, size: number | undefined): Progress {
  let next = performance.now() + EVERY_MS;
  return {
    update(bytes, count) {
      if (performance.now() < next) return;
      next = performance.now() + EVERY_MS;
      const part = size === undefined ? `${(bytes / MB).toFixed(1)} MB` : `${Math.floor((100 * bytes) / size)}%`;
      console.error(`${name}: ${part}, ${count.toLocaleString('en')} lines`);
    },
    say: (line) => console.error(line),
    stop() {},
  };
}
