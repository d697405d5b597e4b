import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from '../support/database.ts';
import { attachment, block, group, member, reaction, standing, text, user } from '../support/lines.ts';
import { runParley, startParley } from '../support/parley.ts';
import { asFile, commandsOn } from './commands.ts';

const PEOPLE = [user('ada', 'Ada'), user('bob', 'Bob')];
const to = { user: 'bob' };

function fileOf(content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'lines');
  writeFileSync(file, content);
  return file;
}

const fresh = async () => commandsOn(await databaseForTest('sqlite'));
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => text(n + 1, 'ada', to, `message ${n + 1} ${'x'.repeat(n % 50)}`));

test('each bad line is named with what is wrong and the field, and the good ones are kept', async () => {
  const parley = await fresh();
  const deep = JSON.parse(`${'['.repeat(600)}${']'.repeat(600)}`);
  const bad: readonly (readonly [line: object | string, problem: string])[] = [
    ['{"kind":', 'is not JSON'],
    ['[1]', 'is not a JSON object'],
    [{ kind: 'banana', value: {} }, 'kind: expected one of user, group'],
    [user('Ada', 'Ada'), 'uid: is 1 to 100 of a-z 0-9 _ -'],
    [{ kind: 'user', value: { uid: 'eve' } }, 'name: expected string'],
    [group('club', 'Club', 'nobody'), 'owner: there is no user "nobody"'],
    [group('club', 'Club', 'ada', { type: 'secret' }), 'type: '],
    [member('nowhere', 'ada'), 'guid: there is no group "nowhere"'],
    [text(2, 'nobody', to, 'x'), 'sender: there is no user "nobody"'],
    [text(2, 'ada', { group: 'nowhere' }, 'x'), 'receiver: there is no group "nowhere"'],
    [
      text(2, 'ada', to, 'x', { sentAt: 1_700_000_000_000 }),
      'sentAt: is seconds since 1970-01-01T00:00:00Z, not milliseconds',
    ],
    [text(2, 'ada', to, 'x', { sentAt: 'now' }), 'sentAt: expected number'],
    [text(2, 'ada', to, 'x', { id: 'two' }), 'id: is a positive whole number'],
    [text(2, 'ada', to, 'x', { category: 'MESSAGE' }), 'category: '],
    [text(2, 'ada', to, 'x', { type: 'hologram' }), 'type: '],
    [text(2, 'ada', to, 'x', { parentId: '7' }), 'parentId: is not below the id'],
    [text(2, 'ada', to, 'a\0b'), 'text: holds U+0000'],
    [
      '{"kind":"message","value":{"id":"2","sender":"ada","receiver":"bob","receiverType":"user","category":"message","type":"text","sentAt":1,"text":"\\ud800"}}',
      'text: holds half of a surrogate pair',
    ],
    [text(2, 'ada', to, 'x', { metadata: deep }), 'metadata.0.0.0: is nested more than 500 deep'],
    [text(2, 'ada', to, 'x', { data: { metadata: deep } }), 'data.metadata.0.0: is nested more than 500 deep'],
    [text(2, 'ada', to, 'x', { sender: { uid: 'eve', name: deep } }), 'eve.name.0.0: is nested more than 500 deep'],
    [reaction({ messageId: '99', uid: 'ada', reaction: '👍', reactedAt: 1 }), 'messageId: there is no message 99'],
    [
      attachment({ messageId: '1', position: 0, url: 'https://example.com/a' }),
      'messageId: message 1 is of type text: only those of image, video, audio, file have files',
    ],
    [standing('ada', to, { readMark: 'none' }), "readMark: is a message's id, or 0"],
    [block({ uid: 'ada', blockedUid: 'ada' }), 'blockedUid: is the blocking user'],
  ];
  const { code, stdout, stderr } = await parley.take([
    ...PEOPLE,
    ...bad.map(([line]) => line),
    text(1, 'ada', to, 'kept'),
  ]);
  expect(code).toBe(1);
  expect(stdout).toContain(`added: 2 user, 1 message; already there: 0; bad: ${bad.length}`);
  const problems = stderr.trim().split('\n');
  expect(
    problems.map((problem, n) => problem.startsWith(`standard input, line ${n + 3}: ${bad[n]?.[1]}`) || problem),
  ).toEqual(bad.map(() => true));
  expect(await parley.values('message')).toMatchObject([{ id: '1', text: 'kept' }]);
  expect((await parley.check()).code).toBe(0);
});

test('a gzipped file is known by its content, and one that breaks off gives all that can be read of it', async () => {
  const parley = await fresh();
  const packed = gzipSync(asFile([...PEOPLE, ...many(3_000)]));
  const broken = await parley.takeFiles(fileOf(packed.subarray(0, packed.length / 2)));
  expect([broken.code, broken.stderr]).toEqual([
    1,
    expect.stringMatching(/line \d+: can't be read further: unexpected end of file/),
  ]);
  const kept = (await parley.values('message')).length;
  expect(kept).toBeGreaterThan(500);
  const whole = await parley.takeFiles(fileOf(packed));
  expect([whole.code, whole.stdout]).toEqual([
    0,
    expect.stringContaining(`added: ${(3_000 - kept).toLocaleString('en')} message;`),
  ]);
  expect((await parley.check()).code).toBe(0);
});

test('fields that nobody knows are let pass, whatever their names, and change nothing for the lines after', async () => {
  const parley = await fresh();
  const named = (id: number, fields: string) =>
    JSON.stringify(text(id, 'ada', to, 'x')).replace('"id"', `${fields},"id"`);
  const file = { url: 'https://example.com/a.png' };
  const image = { id: '3', sender: 'ada', receiver: 'bob', receiverType: 'user', category: 'message', type: 'image' };
  const { code, stderr } = await parley.take([
    ...PEOPLE,
    named(1, '"__proto__":1'),
    named(2, '"data":{"toString":1}'),
    { ...image, sentAt: 1, 'url,muid': 1 },
    { ...image, id: '4', sentAt: 1, ...file, muid: 'm4' },
  ]);
  expect([code, stderr]).toEqual([0, '']);
  expect(await parley.values('message')).toMatchObject([
    { id: '1' },
    { id: '2' },
    { id: '3' },
    { ...file, muid: 'm4' },
  ]);
});

test('a file that breaks off within its last line loses that line alone', async () => {
  const parley = await fresh();
  const { code, stderr } = await parley.takeFiles(fileOf(asFile([...PEOPLE, ...many(2)]).slice(0, -10)));
  expect([code, stderr]).toEqual([1, expect.stringMatching(/line 4: is not JSON/)]);
  expect((await parley.values('message')).map(({ id }) => id)).toEqual(['1']);
});

test('bytes that are not UTF-8 and lines without end are bad lines', async () => {
  const parley = await fresh();
  const wrong = Buffer.concat([Buffer.from(asFile(PEOPLE)), Buffer.from([0xff, 0xfe, 0x0a])]);
  const endless = Buffer.from(`"${'a'.repeat(17 * 1024 * 1024)}"\n${asFile(many(1))}`);
  const { code, stderr } = await parley.takeFiles(fileOf(Buffer.concat([wrong, endless])));
  expect([code, stderr]).toEqual([1, expect.stringMatching(/line 3: is not UTF-8\n.*line 4: is longer than 16 MB\n$/)]);
  expect((await parley.values('message')).length).toBe(1);
});

test('a file that is not there, or is a folder, is told of before anything is written', async () => {
  const parley = await fresh();
  const { code, stderr } = await parley.takeFiles(fileOf(asFile(PEOPLE)), '/nowhere/lines.ndjson');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^parley: \/nowhere\/lines.ndjson can't be read: .*\n$/)]);
  const folder = await parley.takeFiles(fileOf(asFile(PEOPLE)), tmpdir());
  expect([folder.code, folder.stderr]).toEqual([1, `parley: ${tmpdir()} can't be read: it is a folder\n`]);
});

test('an import that is killed leaves whole batches, and a second run completes it', async () => {
  const database = await databaseForTest('sqlite');
  const parley = commandsOn(database);
  const file = fileOf(asFile([...PEOPLE, ...many(20_000)]));
  const killed = spawn(process.execPath, ['src/main.ts', 'import', '-'], {
    env: { ...process.env, PARLEY_DATABASE: database },
  });
  killed.stdin.on('error', () => {});
  killed.stdin.write(asFile([...PEOPLE, ...many(3_000)]));
  for (;;) {
    const reader = await runParley(['export'], { env: { PARLEY_DATABASE: database } });
    if (reader.stdout.includes('"id":"500"')) break;
  }
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect((await parley.check()).stderr).toContain('an import was broken off');
  const { code, stdout } = await parley.takeFiles(file);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/bad: 0\./)]);
  expect((await parley.values('message')).length).toBe(20_000);
  expect((await parley.check()).stdout).toBe('Everything holds.\n');
});

test('an import into a file that a server holds is refused', async () => {
  const database = await databaseForTest('sqlite');
  const server = startParley(['serve'], { env: { PARLEY_DATABASE: database, PORT: '0', PARLEY_DEMO: '0' } });
  await server.printed(/http:/);
  const { code, stderr } = await commandsOn(database).take(PEOPLE);
  expect([code, stderr]).toEqual([1, expect.stringContaining('is in use by another Parley')]);
});
