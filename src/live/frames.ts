import type { Rendered } from './occurrence.ts';

const FIN_TEXT = 0x81;

/** What every `next` message of a subscription begins with (graphql-transport-ws). */
export const nextPrefix = (id: string): Buffer => Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

/**
 * The results as whole WebSocket text frames (RFC 6455, section 5.2; a server does not mask), one after the other. `kept`: the
 * bytes may wait long for a slow socket or are shared by several, so they must not hold a slab of Node's pool.
 */
export function textFrames(prefix: Buffer, batch: readonly Rendered[], kept: boolean): Buffer {
  let size = 0;
  for (const { tail } of batch) size += headSize(prefix.length + tail.length) + prefix.length + tail.length;
  const out = kept ? Buffer.allocUnsafeSlow(size) : Buffer.allocUnsafe(size);
  let at = 0;
  for (const { tail } of batch) {
    at = writeHead(out, at, prefix.length + tail.length);
    at += prefix.copy(out, at);
    at += tail.copy(out, at);
  }
  return out;
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
