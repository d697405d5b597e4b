import type { Rendered } from './occurrence.ts';

const FIN_TEXT = 0x81;
const BEFORE_ID = Buffer.from('{"id":');
const AFTER_ID = Buffer.from(',"type":"next","payload":');
const END = Buffer.from('}');
const AROUND = BEFORE_ID.length + AFTER_ID.length + END.length;

/**
 * Results as `next` messages (graphql-transport-ws): whole WebSocket text frames (RFC 6455, section 5.2; a server does not mask), one
 * after the other. They are one subscription's, and become another's whose id is as long by writing that id into them.
 */
export class Frames {
  readonly bytes: Buffer;
  readonly #idsAt: readonly number[];
  #id: string;
  #kept = false;

  /** `id` is JSON. */
  constructor(id: string, results: readonly Rendered[]) {
    const lengths = results.map(({ json }) => AROUND + Buffer.byteLength(id) + json.length);
    // A slab of Node's pool would be held for as long as one slow socket waits.
    const bytes = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + headSize(length) + length, 0));
    let at = 0;
    this.#idsAt = results.map(({ json }, index) => {
      at = writeHead(bytes, at, lengths[index] as number);
      at += BEFORE_ID.copy(bytes, at);
      const idAt = at;
      at += bytes.write(id, at);
      at += AFTER_ID.copy(bytes, at);
      at += json.copy(bytes, at);
      at += END.copy(bytes, at);
      return idAt;
    });
    this.bytes = bytes;
    this.#id = id;
  }

  /** Makes them those of another id, which is JSON. False where that can't be: it has another length, or the bytes are kept. */
  address(id: string): boolean {
    if (id === this.#id) return true;
    if (this.#kept || Buffer.byteLength(id) !== Buffer.byteLength(this.#id)) return false;
    for (const at of this.#idsAt) this.bytes.write(id, at);
    this.#id = id;
    return true;
  }

  /** The bytes are yet to leave: they stay as they are. */
  keep(): void {
    this.#kept = true;
  }
}

function headSize(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHead(out: Buffer, start: number, length: number): number {
  out[start] = FIN_TEXT;
  const at = start + 1;
  if (length < 126) {
    out[at] = length;
    return at + 1;
  }
  if (length < 65_536) {
    out[at] = 126;
    return out.writeUInt16BE(length, at + 1);
  }
  out[at] = 127;
  return out.writeBigUInt64BE(BigInt(length), at + 1);
}
