import { once } from 'node:events';
import { createGunzip } from 'node:zlib';

const MAGIC = [0x1f, 0x8b];
const CHUNK = 65_536;
const STEP = 32_768; // bytes given to zlib at a time: what comes out of them stands in memory, at most a thousand times as much

/** The bytes of a file, unpacked where it is gzipped. Where it breaks off, what can be had of it comes first, then the error. */
export async function* unzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | Error> {
  let gunzip: ReturnType<typeof createUnpacker> | undefined;
  let head: Buffer | undefined;
  try {
    for await (const chunk of chunks) {
      if (!head) {
        head = chunk;
        if (MAGIC.every((byte, n) => chunk[n] === byte)) gunzip = createUnpacker();
      }
      if (!gunzip) yield chunk;
      else for (let at = 0; at < chunk.length; at += STEP) yield* await gunzip.add(chunk.subarray(at, at + STEP));
    }
    if (gunzip) yield* await gunzip.end();
  } catch (error) {
    if (gunzip) yield* gunzip.unpacked();
    yield new Error(`can't be read further: ${(error as Error).message}`);
  }
}

/** A stream of zlib drops what it has unpacked when it meets an error: here that is kept. */
function createUnpacker() {
  const stream = createGunzip({ chunkSize: CHUNK });
  let out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  stream.on('error', () => {}); // the step that meets it rejects
  const unpacked = () => {
    const taken = out;
    out = [];
    return taken;
  };
  return {
    unpacked,
    async add(bytes: Buffer): Promise<Buffer[]> {
      await new Promise<void>((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));
      return unpacked();
    },
    async end(): Promise<Buffer[]> {
      stream.end();
      await once(stream, 'end');
      return unpacked();
    },
  };
}
