import { bucketStore } from './bucket.ts';
import type { ByteStore } from './bytes.ts';
import { diskStore } from './disk.ts';

/** Where PARLEY_MEDIA says that files are kept: a folder, or `s3://bucket/prefix`. */
export const openByteStore = (address: string): ByteStore =>
  address.startsWith('s3://') ? bucketStore(address) : diskStore(address);
