import type { Content } from './content.ts';

const BYTES_MAX = 32 * 1024 * 1024;
const PIXELS_MAX = 50_000_000;
const THUMBNAIL_PX = 320;
const SECONDS_MAX = 10;
const READ = /^image\/(jpeg|png|apng|webp|gif|avif|tiff)$/;

/** How large an image is as it is shown, and a small one of it, in WebP; null where it has none. */
export interface Picture {
  readonly width: number | null;
  readonly height: number | null;
  readonly thumbnail: Buffer | null;
}

/** Whether an image of this kind and size is read at all. The others are kept as they are. */
export const isReadable = ({ mimeType }: Content, bytes: number): boolean => READ.test(mimeType) && bytes <= BYTES_MAX;

/**
 * Reads images, one at a time, so that many at once take no more memory than one. Gives undefined for a broken one; of an animated
 * one the thumbnail is its beginning, and a huge one has none.
 */
export function imageReader(): (bytes: Buffer) => Promise<Picture | undefined> {
  let last: Promise<unknown> = Promise.resolve();
  return (bytes) => {
    const next = last.then(() => readImage(bytes));
    last = next;
    return next;
  };
}

async function readImage(bytes: Buffer): Promise<Picture | undefined> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata(); // its header alone
    const { width, height } = autoOrient;
    if (width * height > PIXELS_MAX) return { width, height, thumbnail: null };
    const thumbnail = await sharp(bytes, { limitInputPixels: PIXELS_MAX })
      .autoOrient()
      .resize({ width: THUMBNAIL_PX, height: THUMBNAIL_PX, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 75 })
      .timeout({ seconds: SECONDS_MAX })
      .toBuffer();
    return { width, height, thumbnail };
  } catch {
    return undefined;
  }
}
