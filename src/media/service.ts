import type { Conversations } from '../conversations/service.ts';
import { badField, requireAddress, requireLength } from '../input.ts';
import type { Message } from '../messages/message.ts';
import type { Sending, Sendings } from '../messages/sending-service.ts';
import { TEXT_MAX } from '../messages/text.ts';
import type { Database, Handle } from '../store/handle.ts';
import type { Upload } from '../upload.ts';
import { requireUser, type Viewer } from '../viewer.ts';
import { createAddresses, type Signature } from './address-service.ts';
import { type ByteStore, mediaUrl } from './bytes.ts';
import type { MediaType } from './content.ts';
import { createFiles, type KeptFile } from './files-service.ts';
import { extensionOf, nameInAddress } from './name.ts';

/** How many files one message, and one request, can have. */
export const FILES_MAX = 10;
const MEDIA_TYPES: readonly string[] = ['image', 'video', 'audio', 'file'] satisfies MediaType[];

/** A media message as it is to be sent: with files that come along, or with the address of one that is elsewhere. */
export interface MediaSending extends Sending {
  readonly type: Message['type'];
  readonly url?: string | null | undefined;
  readonly files?: readonly Upload[] | null | undefined;
  readonly caption?: string | null | undefined;
}

interface Options {
  readonly db: Database;
  readonly conversations: Conversations;
  readonly sending: Sendings;
  readonly bytes: ByteStore;
  /** How large one file may be. */
  readonly maxBytes: number;
  /** Hears of what fails in the background. */
  readonly report: (error: unknown) => void;
}

/** Messages with files, and the files themselves. */
export function createMedia({ conversations, sending, ...options }: Options) {
  const files = createFiles(options);
  const addresses = createAddresses(options.db);

  /** All of them, or none: what came before a refusal, or comes after it, does not stay. */
  async function keepAll(uploads: readonly Upload[], type: MediaType): Promise<KeptFile[]> {
    const stop = new AbortController();
    const keep = (upload: Upload) =>
      files.keep(upload, type, stop.signal).catch((error) => {
        stop.abort(error);
        throw error;
      });
    const results = await Promise.allSettled(uploads.map(keep)); // at once: they arrive in an order of their own
    const kept = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (!stop.signal.aborted) return kept;
    await files.drop(kept);
    throw stop.signal.reason;
  }

  async function sendFiles(
    viewer: Viewer,
    media: MediaSending,
    type: MediaType,
    uploads: readonly Upload[],
  ): Promise<Message> {
    const kept = await keepAll(uploads, type);
    const url = kept[0] ? mediaUrl(kept[0].key) : null;
    let givenTo: number | undefined;
    const also = async (tx: Handle, { id }: Message) => {
      await tx.insertMany(
        tx.t.attachments,
        kept.map((file, position) => attachmentOf(file, id, position)),
      );
      await files.give(tx, id, kept);
      givenTo = id;
    };
    const content = { type, url, caption: media.caption ?? null };
    const message = await sending.send(viewer, media, content, also).catch(async (error) => {
      await files.drop(kept);
      throw error;
    });
    if (message.id === givenTo) files.given(kept);
    else await files.drop(kept); // it was sent before, with files of its own
    return message;
  }

  return {
    /** Where a file is found, from what its message holds: the same for everybody, for an hour or two. */
    addressOf: addresses.of,

    /**
     * Sends files, or the address of one. Throws ERR_INVALID_MESSAGE_TYPE, ERR_EMPTY_MESSAGE_FILE, ERR_INVALID_MEDIA_MESSAGE,
     * ERR_LIMIT_EXCEEDED, and whatever sending throws; of files that were refused nothing stays.
     */
    async send(viewer: Viewer | undefined, media: MediaSending): Promise<Message> {
      const user = requireUser(viewer);
      const { type, url, files: uploads, caption } = media;
      if (!isMediaType(type)) {
        throw badField('type', 'must be IMAGE, VIDEO, AUDIO or FILE', 'ERR_INVALID_MESSAGE_TYPE');
      }
      if (url == null && !uploads?.length) {
        throw badField('files', 'is empty, and there is no `url`: give one of them', 'ERR_EMPTY_MESSAGE_FILE');
      }
      if (url != null && uploads?.length) {
        throw badField('files', 'and `url` are both given: give one of them', 'ERR_INVALID_MEDIA_MESSAGE');
      }
      requireLength('caption', caption, TEXT_MAX);
      if (url != null) return sendAddress(user, media, type, url);
      if ((uploads?.length ?? 0) > FILES_MAX) {
        throw badField('files', `holds ${uploads?.length}: ${FILES_MAX} at the most`, 'ERR_LIMIT_EXCEEDED');
      }
      await conversations.getParty(user, media); // before any byte of them is kept
      return sendFiles(user, media, type, uploads ?? []);
    },

    /** Whether Parley made this address. */
    isOwnAddress: (key: string, signature: Signature) => addresses.isOwn(key, signature),

    find: files.find,
    open: files.open,
    sweep: files.sweep,
    close: files.close,
  };

  function sendAddress(user: Viewer, media: MediaSending, type: MediaType, url: string): Promise<Message> {
    requireAddress('url', url, 'ERR_INVALID_MEDIA_MESSAGE');
    const also = async (tx: Handle, { id }: Message) => {
      const name = nameInAddress(url);
      const row = { messageId: id, position: 0, url, name, mimeType: UNKNOWN_TYPE, size: 0 };
      await tx.insertMany(tx.t.attachments, [{ ...row, extension: extensionOf(name) ?? null }]);
    };
    return sending.send(user, media, { type, url, caption: media.caption ?? null }, also);
  }
}

export type Media = ReturnType<typeof createMedia>;

const UNKNOWN_TYPE = 'application/octet-stream';

const isMediaType = (type: Message['type']): type is MediaType => MEDIA_TYPES.includes(type);

const attachmentOf = (file: KeptFile, messageId: number, position: number) => ({
  messageId,
  position,
  url: mediaUrl(file.key),
  name: file.name,
  mimeType: file.mimeType,
  size: file.size,
  extension: extensionOf(file.name) ?? file.extension ?? null,
  width: file.width,
  height: file.height,
  thumbnailUrl: file.thumbnail && mediaUrl(file.thumbnail.key),
});
