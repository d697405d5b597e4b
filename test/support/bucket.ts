import { globSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

const BUCKET = 'files';
const UPLOADS = `${BUCKET}/._S3rver_uploads`;

/** An S3-compatible store that runs, and what it holds. */
export interface TestBucket {
  /** The environment in which Parley finds it. */
  readonly env: Record<string, string>;
  /** How many objects are kept. */
  objects(): number;
  /** How many uploads in parts have begun and not ended. */
  uploads(): number;
  /** How many requests of a method there were. */
  requests(method: string): number;
  stop(): Promise<void>;
}

/** Starts s3rver, with the two requests that it lacks: to list uploads in parts, and to break one off. */
export async function startBucket(): Promise<TestBucket> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-bucket-'));
  const s3rver = new S3rver({ directory, silent: true });
  const answer = s3rver.callback();
  const methods: string[] = [];
  const server = createServer((req, res) => {
    methods.push(req.method ?? '');
    if (!answerUploads(directory, req, res)) answer(req, res);
  });
  await s3rver.configureBuckets().catch(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT' });
  return {
    env: {
      PARLEY_MEDIA: `s3://${BUCKET}/chat/media`,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
    },
    objects: () => globSync(`${BUCKET}/chat/media/*._S3rver_object`, { cwd: directory }).length,
    uploads: () => uploadsIn(directory).length,
    requests: (method) => methods.filter((one) => one === method).length,
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function uploadsIn(directory: string): { id: string; key: string }[] {
  const folder = join(directory, UPLOADS);
  return globSync('*/key', { cwd: folder }).map((path) => ({
    id: path.split('/')[0] ?? '',
    key: readFileSync(join(folder, path), 'utf8'),
  }));
}

function answerUploads(directory: string, { method, url }: IncomingMessage, res: ServerResponse): boolean {
  const { searchParams } = new URL(url ?? '', 'http://localhost');
  const id = searchParams.get('uploadId');
  if (method === 'DELETE' && id !== null && /^[0-9a-f]+$/.test(id)) {
    rmSync(join(directory, UPLOADS, id), { recursive: true, force: true });
    res.writeHead(204).end();
    return true;
  }
  if (method !== 'GET' || !searchParams.has('uploads')) return false;
  const prefix = searchParams.get('prefix') ?? '';
  const uploads = uploadsIn(directory)
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ key, id }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
  const list = `<ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`;
  res.writeHead(200, { 'content-type': 'application/xml' }).end(list);
  return true;
}
