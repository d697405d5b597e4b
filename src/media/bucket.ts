import { Readable } from 'node:stream';
import type { ByteStore } from './bytes.ts';

const TIMEOUTS = { connectionTimeout: 5_000, socketTimeout: 60_000 };

/**
 * Keeps files in an S3-compatible store, at an address such as `s3://bucket/prefix`. Where and as whom, the SDK's own settings say
 * (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` and the like). The SDK is loaded at the first use.
 */
export function bucketStore(address: string): ByteStore {
  const [Bucket = '', ...folders] = address
    .replace(/^s3:\/\//, '')
    .split('/')
    .filter((part) => part !== '');
  const prefix = folders.join('/');
  const at = (key: string) => ({ Bucket, Key: prefix ? `${prefix}/${key}` : key });
  let loaded: ReturnType<typeof load> | undefined;
  const client = () => (loaded ??= load());

  return {
    async put(key, chunks) {
      const { s3, Upload } = await client();
      // One part at a time: an upload then holds 5 MB or two of them in memory, whatever the size of the file.
      const params = { ...at(key), Body: Readable.from(chunks, { objectMode: true }) };
      await new Upload({ client: s3, queueSize: 1, params }).done();
    },

    async get(key, range) {
      const { s3, sdk } = await client();
      const Range = range && `bytes=${range.start}-${range.end}`;
      try {
        const { Body } = await s3.send(new sdk.GetObjectCommand({ ...at(key), Range }));
        return Body as Readable;
      } catch (error) {
        if (error instanceof sdk.NoSuchKey) return undefined;
        throw error;
      }
    },

    async remove(key, wasWhole) {
      const { s3, sdk } = await client();
      const { Key } = at(key);
      await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
      if (wasWhole) return;
      const { Uploads = [] } = await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
      for (const { UploadId } of Uploads) await s3.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    },
  };
}

async function load() {
  const [sdk, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  // Servers other than Amazon's seldom answer to a host name for each bucket.
  const forcePathStyle = Boolean(process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']);
  const s3 = new sdk.S3Client({ forcePathStyle, requestHandler: TIMEOUTS });
  return { sdk, s3, Upload };
}
