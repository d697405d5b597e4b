import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { attachment, image, user } from '../support/lines.ts';
import { picture } from '../support/media.ts';
import { sendFiles } from '../support/multipart.ts';
import { runParley, serveParley } from '../support/parley.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const KEY = 'a key that only tests know';
const TO_BOB = { receiverType: 'USER', receiverId: 'bob' };

async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

eachDialect((dialect) => {
  test('files go out beside the lines, and come in again with them', async () => {
    const source = await serverForTest({ dialect, lines: WORLD });
    const content = await picture(400, 300);
    await sendFiles(source, 'ada', { ...TO_BOB, type: 'IMAGE' }, [{ name: 'Bild ü.png', content }]);
    await sendFiles(source, 'ada', { ...TO_BOB, type: 'FILE' }, [{ name: 'notes.txt', content: 'Some notes' }]);
    const folder = await folderForTest();
    const from = { PARLEY_DATABASE: source.database, PARLEY_MEDIA: source.media };
    const exported = await runParley(['export', '--media', folder], { env: from });
    expect(exported).toMatchObject({ code: 0, stderr: 'Files: 3 copied; already there: 0; lost: 0\n' });
    expect(await readdir(folder)).toHaveLength(3);

    const to = {
      PARLEY_DATABASE: await databaseForTest(dialect),
      PARLEY_MEDIA: await folderForTest(),
      PARLEY_API_KEY: KEY,
    };
    const lines = { env: to, stdin: exported.stdout };
    const first = await runParley(['import', '--media', folder, '-'], lines);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('Files: 3 added; already there: 0') });
    const second = await runParley(['import', '--media', folder, '-'], lines);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Files: 0 added; already there: 3') });

    const { url } = await serveParley(to);
    const query = `{ searchMessages(filter: {types: [IMAGE]}, first: 1) { nodes { ... on MediaMessage { attachments { url thumbnailUrl name width } } } } }`;
    const response = await fetch(`${url}/graphql?${new URLSearchParams({ query })}`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    const { data } = (await response.json()) as { data: { searchMessages: { nodes: { attachments: Shown[] }[] } } };
    const shown = data.searchMessages.nodes[0]?.attachments[0];
    expect(shown).toMatchObject({ name: 'Bild ü.png', width: 400 });
    expect(Buffer.from(await (await fetch(url + shown?.url)).arrayBuffer())).toEqual(content);
    expect((await fetch(url + shown?.thumbnailUrl)).headers.get('content-type')).toBe('image/webp');
  });
});

test('a line that names a file elsewhere on the machine brings nothing in', async () => {
  const folder = await folderForTest();
  await writeFile(join(folder, 'secret'), 'secret');
  const url = 'media:../secret';
  const lines = [
    user('ada', 'Ada'),
    user('bob', 'Bob'),
    image(1, 'ada', { user: 'bob' }, { url }),
    attachment({ messageId: '1', position: 0, url }),
  ];
  const env = { PARLEY_DATABASE: await databaseForTest('sqlite'), PARLEY_MEDIA: await folderForTest() };
  const stdin = lines.map((line) => JSON.stringify(line)).join('\n');
  const { stdout } = await runParley(['import', '--media', join(folder, 'files'), '-'], { env, stdin });
  expect(stdout).toContain('Files: 0 added; already there: 0');
  expect(await readdir(env.PARLEY_MEDIA)).toEqual([]);
});

interface Shown {
  readonly url: string;
  readonly thumbnailUrl: string;
}
