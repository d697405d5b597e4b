/** The kinds of file that a media message can be of. */
export type MediaType = 'image' | 'video' | 'audio' | 'file';

/** How many of a file's first bytes say what it is: enough to look into a document's archive, or past the cover of a song. */
export const HEAD_BYTES = 65_536;

/** What a file is, by its content. */
export interface Content {
  readonly mimeType: string;
  /** The usual ending of such a file's name; undefined where its content does not tell. */
  readonly extension: string | undefined;
}

const DRAWING = 'image/svg+xml';
const TEXT_TYPES =
  /^(text\/[\w.+-]{1,100}|image\/svg\+xml|application\/([\w.-]+\+)?(json|xml|yaml)|application\/(javascript|sql|toml))$/;
/** Containers of pictures and of sound: what is only heard comes in them too. */
const CONTAINERS = /^(video\/(mp4|webm|ogg|quicktime|3gpp2?|matroska|x-matroska)|application\/ogg)$/;

/**
 * What a file is, by its first bytes: never by its name, nor by what its sender says, except which kind of text it is, as all look
 * alike.
 */
export async function contentOf(head: Buffer, claimedType: string): Promise<Content> {
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(head);
  if (found) return { mimeType: found.mime, extension: found.ext };
  if (!isText(head)) return { mimeType: 'application/octet-stream', extension: undefined };
  return { mimeType: TEXT_TYPES.test(claimedType) ? claimedType : 'text/plain', extension: undefined };
}

/** The content as a message of this type shows it; undefined where it is of another. */
export function asMedia({ mimeType, extension }: Content, type: MediaType): Content | undefined {
  if (type === 'image' && mimeType === DRAWING) return undefined; // a program as much as a picture
  if (type === 'file' || mimeType.startsWith(`${type}/`)) return { mimeType, extension };
  if (type === 'image' || !CONTAINERS.test(mimeType)) return undefined;
  return { mimeType: mimeType.replace(/^\w+/, type), extension };
}

function isText(head: Buffer): boolean {
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }); // its last character may be cut
    return true;
  } catch {
    return false;
  }
}

const INLINE = /^(image\/(png|apng|jpeg|gif|webp|avif|heic|heif|jxl|bmp)|(audio|video)\/[\w.+-]+|text\/plain)$/;

/** Whether a browser may show it by itself: nothing that can hold a script. */
export const isShown = (mimeType: string): boolean => INLINE.test(mimeType);
