import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { holdClock } from '../support/held-clock.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { bytesAtOnce, MP3, MP4, mediaOf, picture, WEBM } from '../support/media.ts';
import { postParts, SEND_MEDIA, type SentFile, sendFiles, sendingParts } from '../support/multipart.ts';
import { WORLD } from '../support/world.ts';

const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
const toGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });
const TEXT: SentFile = { name: 'notes.txt', content: 'Some notes', type: 'text/plain' };

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const attempt = (as: string, input: object, files: readonly SentFile[]) => sendFiles(ask.server(), as, input, files);
  const send = async (as: string, input: object, files: readonly SentFile[]) => {
    const { data, errors } = await attempt(as, input, files);
    expect(errors).toEqual([]);
    return data.sendMediaMessage.message;
  };
  const download = async (path: string) => {
    const response = await fetch(ask.server().url + path);
    return Buffer.from(await response.arrayBuffer());
  };

  /** What is refused, with which code; and that nothing of it stays. */
  async function refusal(run: () => Promise<{ errors: readonly { extensions: Record<string, unknown> }[] }>) {
    const before = [await mediaOf(ask.server()), await logPosition(ask.server())];
    const { errors } = await run();
    expect([await mediaOf(ask.server()), await logPosition(ask.server())]).toEqual(before);
    expect(errors).toHaveLength(1);
    return errors[0]?.extensions['code'];
  }

  describe('files', () => {
    test('are kept as they were sent, and are there for whoever may read the message', async () => {
      const content = await bytesAtOnce(300_000);
      const message = await send('ada', { ...toUser('bob'), type: 'FILE', caption: 'Look' }, [
        { name: 'data.bin', content },
        TEXT,
      ]);
      expect(message).toMatchObject({ caption: 'Look', type: 'FILE', url: message.attachments[0].url });
      expect(message.attachments).toMatchObject([
        { name: 'data.bin', mimeType: 'application/octet-stream', size: 300_000, extension: 'bin' },
        { name: 'notes.txt', mimeType: 'text/plain', size: 10, extension: 'txt' },
      ]);
      const { message: read } = await ask.data(
        'bob',
        `query ($id: ID!) { message(id: $id) { ... on MediaMessage { url attachments { url } } } }`,
        { id: message.id },
      );
      expect(read).toEqual({ url: message.url, attachments: message.attachments.map(({ url }: SentUrl) => ({ url })) });
      expect(await download(message.attachments[0].url)).toEqual(content);
      expect((await download(message.attachments[1].url)).toString()).toBe('Some notes');
    });

    test('are in the message as in the log: at once, or not at all', async () => {
      const before = await logPosition(ask.server());
      const message = await send('ada', { ...toGroup('plaza'), type: 'FILE' }, [TEXT]);
      const [told] = await loggedSince(ask.server(), before);
      expect(told).toMatchObject({ kind: 'MESSAGE_SENT', messageId: Number(message.id), topics: ['group:plaza'] });
      const { searchMessages } = await ask.data(
        'cyd',
        '{ searchMessages(filter: {hasAttachments: true}, first: 1) { nodes { id } } }',
      );
      expect(searchMessages.nodes).toEqual([{ id: message.id }]);
    });

    test('have their addresses in `raw` too', async () => {
      const message = await send('ada', { ...toUser('bob'), type: 'FILE' }, [TEXT]);
      const { url } = message;
      expect(message.raw).toMatchObject({ url, file: url, data: { url, attachments: [{ url, name: 'notes.txt' }] } });
    });

    test('keep their names, whatever script they are written in, and no folders', async () => {
      const names = ['résumé 履歴書 🙂.txt', '..\\..\\secret.txt', '/etc/passwd', `${'x'.repeat(300)}.txt`, '..'];
      const { attachments } = await send(
        'ada',
        { ...toUser('bob'), type: 'FILE' },
        names.map((name) => ({ name, content: 'a' })),
      );
      expect(attachments.map(({ name }: { name: string }) => name)).toEqual([
        'résumé 履歴書 🙂.txt',
        'secret.txt',
        'passwd',
        `${'x'.repeat(251)}.txt`,
        'file',
      ]);
    });

    test('of one message are in the order of the message, whatever order they arrive in', async () => {
      const parts = sendingParts({ ...toUser('bob'), type: 'FILE' }, [
        { name: '0.bin', content: await bytesAtOnce(200_000) },
        { name: '1.bin', content: await bytesAtOnce(100_000) },
      ]);
      const [operations, map, first, second] = parts;
      if (!operations || !map || !first || !second) throw new Error('there are four parts');
      const { data } = await postParts(ask.server(), 'ada', [operations, map, second, first]);
      expect(data.sendMediaMessage.message.attachments).toMatchObject([{ size: 200_000 }, { size: 100_000 }]);
    });

    test('that two mutations of one document send may arrive in either order', async () => {
      const query = `mutation ($a: SendMediaMessageInput!, $b: SendMediaMessageInput!) {
        a: sendMediaMessage(input: $a) { message { attachments { name } } }
        b: sendMediaMessage(input: $b) { message { attachments { name } } }
      }`;
      const input = { ...toUser('bob'), type: 'FILE', files: [null] };
      const small = (name: string): SentFile => ({ name, content: name });
      const { data } = await postParts(ask.server(), 'ada', [
        ['operations', JSON.stringify({ query, variables: { a: input, b: input } })],
        ['map', '{"x": ["variables.a.files.0"], "y": ["variables.b.files.0"]}'],
        ['y', small('b.txt')],
        ['x', small('a.txt')],
      ]);
      expect(data).toMatchObject({
        a: { message: { attachments: [{ name: 'a.txt' }] } },
        b: { message: { attachments: [{ name: 'b.txt' }] } },
      });
    });

    test('sent again with the muid are not kept twice', async () => {
      holdClock();
      const input = { ...toUser('bob'), type: 'FILE', muid: 'with-a-file' };
      const first = await send('ada', input, [TEXT]);
      const before = await mediaOf(ask.server());
      expect(await send('ada', input, [{ ...TEXT, content: 'Other notes' }])).toEqual(first);
      expect(await mediaOf(ask.server())).toEqual(before);
    });

    test('go with their message', async () => {
      const message = await send('ada', { ...toUser('bob'), type: 'IMAGE' }, [
        { name: 'a.png', content: await picture(20, 20) },
      ]);
      const before = (await mediaOf(ask.server())).kept;
      await ask.run('ada', 'deleteMessage', { messageId: message.id }, 'message { id }');
      for (const path of [message.url, message.attachments[0].thumbnailUrl]) {
        expect((await fetch(ask.server().url + path)).status).toBe(404);
      }
      await expect.poll(() => mediaOf(ask.server())).toEqual({ kept: before - 2, loose: 0 });
    });
  });

  test('files go with who sent them, where everything of theirs goes', async () => {
    await ask.run('KEY', 'createUser', { uid: `leaver-${dialect}`, name: 'Leaver' }, 'user { uid }');
    const before = await mediaOf(ask.server());
    const { url } = await send(`leaver-${dialect}`, { ...toUser('bob'), type: 'FILE' }, [TEXT]);
    await ask.run('KEY', 'deleteUser', { uid: `leaver-${dialect}`, permanent: true }, 'uid');
    expect((await fetch(ask.server().url + url)).status).toBe(404);
    await expect.poll(() => mediaOf(ask.server())).toEqual(before);
  });

  test('files go with their group', async () => {
    const before = await mediaOf(ask.server());
    await ask.run('ada', 'createGroup', { guid: `brief-${dialect}`, name: 'Brief', type: 'PUBLIC' }, 'group { guid }');
    const { url } = await send('ada', { ...toGroup(`brief-${dialect}`), type: 'FILE' }, [TEXT]);
    await ask.run('ada', 'deleteGroup', { guid: `brief-${dialect}` }, 'guid');
    await expect.poll(() => mediaOf(ask.server())).toEqual(before);
    expect((await fetch(ask.server().url + url)).status).toBe(404);
  });

  describe('an image', () => {
    const image = async (content: Buffer, type = 'IMAGE') => {
      const { attachments } = await send('ada', { ...toUser('bob'), type }, [{ name: 'picture', content }]);
      return attachments[0];
    };

    test.each(['png', 'jpeg', 'webp', 'gif'] as const)('in %s has its size and a small one', async (format) => {
      const attachment = await image(await picture(640, 480, format));
      expect(attachment).toMatchObject({ mimeType: `image/${format}`, width: 640, height: 480 });
      const { width, height, format: made } = await sharp(await download(attachment.thumbnailUrl)).metadata();
      expect([width, height, made]).toEqual([320, 240, 'webp']);
    });

    test('that is turned by its camera has the size in which it is shown', async () => {
      const turned = await sharp(await picture(400, 200, 'jpeg'))
        .withMetadata({ orientation: 6 })
        .toBuffer();
      const attachment = await image(turned);
      expect(attachment).toMatchObject({ width: 200, height: 400 });
      expect((await sharp(await download(attachment.thumbnailUrl)).metadata()).height).toBe(320);
    });

    test('that moves has a small one that does not', async () => {
      const frames = await Promise.all([picture(50, 40), picture(50, 40)]);
      const moving = await sharp(frames, { join: { animated: true } })
        .gif({ delay: 100, loop: 0 })
        .toBuffer();
      const attachment = await image(moving);
      expect(attachment).toMatchObject({ mimeType: 'image/gif', width: 50, height: 40 });
      expect((await sharp(await download(attachment.thumbnailUrl)).metadata()).pages ?? 1).toBe(1);
    });

    test('of more pixels than are read is kept without a small one', async () => {
      const huge = await sharp({ create: { width: 9_000, height: 6_000, channels: 3, background: 'red' } })
        .png()
        .toBuffer();
      expect(await image(huge)).toMatchObject({ width: 9_000, height: 6_000, thumbnailUrl: null });
    });

    test('that is broken is refused, but as a file it is taken as it is', async () => {
      const broken = (await picture(640, 480)).subarray(0, 200);
      const input = { ...toUser('bob'), type: 'IMAGE' };
      expect(await refusal(() => attempt('ada', input, [{ name: 'a.png', content: broken }]))).toBe(
        'ERR_INVALID_MEDIA_MESSAGE',
      );
      expect(await image(broken, 'FILE')).toMatchObject({ mimeType: 'image/png', width: null, thumbnailUrl: null });
    });
  });

  test('sound and films are known by their content, and what is only heard may be in either container', async () => {
    const typeOf = async (type: string, content: Buffer) => {
      const { attachments } = await send('ada', { ...toUser('bob'), type }, [{ name: 'x', content }]);
      return attachments[0].mimeType;
    };
    expect(await typeOf('AUDIO', MP3)).toBe('audio/mpeg');
    expect(await typeOf('VIDEO', MP4)).toBe('video/mp4');
    expect(await typeOf('VIDEO', WEBM)).toBe('video/webm');
    expect(await typeOf('AUDIO', WEBM)).toBe('audio/webm');
  });

  test.each([
    ['a text as an image, whatever it says it is', 'IMAGE', { name: 'a.png', type: 'image/png', content: 'no image' }],
    [
      'an image of lines, which may hold a script',
      'IMAGE',
      { name: 'a.svg', type: 'image/svg+xml', content: '<svg xmlns="http://www.w3.org/2000/svg"/>' },
    ],
    ['a song as a film', 'VIDEO', { name: 'a.mp4', content: MP3 }],
    ['a film as an image', 'IMAGE', { name: 'a.mp4', content: MP4 }],
  ])('%s is refused, and what came with it does not stay', async (_what, type, file) => {
    const run = () => attempt('ada', { ...toUser('bob'), type }, [file, TEXT]);
    expect(await refusal(run)).toBe('ERR_INVALID_MEDIA_MESSAGE');
  });

  test.each([
    ['an empty file', 'ada', { ...toUser('bob'), type: 'FILE' }, [{ ...TEXT, content: '' }], 'ERR_EMPTY_MESSAGE_FILE'],
    ['no file and no address', 'ada', { ...toUser('bob'), type: 'FILE' }, [], 'ERR_EMPTY_MESSAGE_FILE'],
    [
      'both',
      'ada',
      { ...toUser('bob'), type: 'FILE', url: 'https://example.org/a' },
      [TEXT],
      'ERR_INVALID_MEDIA_MESSAGE',
    ],
    ['a type without files', 'ada', { ...toUser('bob'), type: 'TEXT' }, [TEXT], 'ERR_INVALID_MESSAGE_TYPE'],
    ['a type that is not sent', 'ada', { ...toUser('bob'), type: 'GROUP_MEMBER' }, [TEXT], 'ERR_INVALID_MESSAGE_TYPE'],
    ['an unknown user', 'ada', { ...toUser('nobody'), type: 'FILE' }, [TEXT], 'ERR_UID_NOT_FOUND'],
    ['a group that one is not in', 'ada', { ...toGroup('vault'), type: 'FILE' }, [TEXT], 'ERR_GROUP_NOT_JOINED'],
    ['somebody one has blocked', 'ada', { ...toUser('mal'), type: 'FILE' }, [TEXT], 'ERR_BLOCKED_RECEIVER'],
    [
      'too long a caption',
      'ada',
      { ...toUser('bob'), type: 'FILE', caption: 'a'.repeat(20_001) },
      [TEXT],
      'ERR_LIMIT_EXCEEDED',
    ],
  ] as const)('%s: refused with its code, and nothing stays', async (_what, as, input, files, code) => {
    expect(await refusal(() => attempt(as, input, files))).toBe(code);
  });

  describe('the address of a file that is elsewhere', () => {
    const ofUrl = { ...toUser('bob'), type: 'IMAGE', url: 'https://example.org/pictures/a%20b.png?size=2' };

    test('is kept as it is', async () => {
      const { message } = await ask.run('ada', 'sendMediaMessage', ofUrl, 'message { url attachments { url name } }');
      expect(message).toEqual({ url: ofUrl.url, attachments: [{ url: ofUrl.url, name: 'a%20b.png' }] });
    });

    test.each(['javascript:alert(1)', 'media:K9r3McPo3l4iiRa_0poqBqhi93_fV7TS', 'ftp://example.org/a'])(
      'must be one of the web: %s is refused',
      async (url) => {
        expect(await ask.refusal('ada', 'sendMediaMessage', { ...ofUrl, url })).toBe('ERR_INVALID_MEDIA_MESSAGE');
      },
    );
  });

  test('a file in a request of JSON is refused with how to send it', async () => {
    const input = { ...toUser('bob'), type: 'FILE', files: ['a.txt'] };
    const { errors } = await ask.answer('ada', SEND_MEDIA, { input });
    expect(errors[0]?.message).toContain('multipart');
    expect(errors[0]?.extensions['code']).toBe('ERR_BAD_REQUEST');
  });
});

interface SentUrl {
  readonly url: string;
}
