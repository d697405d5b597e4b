import type { Rendered } from './occurrence.ts';

const FIN_TEXT = 0x81;

/** What every `next` message of a subscription begins with (graphql-transport-ws). */
export const nextPrefix = (id: string): Buffer => Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

/**
 * The results as whole WebSocket text frames (RFC 6455, section 5.2; a server does not mask), one after the other. `kept`: the
 * bytes may wait long for a slow socket or are shared by several, so they must not hold a slab of Node's pool.
 */
export function textFrames(prefix: Buffer, batch: readonly Rendered[], kept: boolean): Buffer {
  const size = batch.reduce(
    (sum, { tail }) => sum + headSize(prefix.length + tail.length) + prefix.length + tail.length,
    0,
  );
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
  const at = out.writeUInt8(FIN_TEXT, start);
  if (length < 126) return out.writeUInt8(length, at);
  if (length < 65_536) return out.writeUInt16BE(length, out.writeUInt8(126, at));
  return out.writeBigUInt64BE(BigInt(length), out.writeUInt8(127, at));
}
