import { ChatError, type ErrorCode } from './errors.ts';
import { isDeeper, type Json } from './json.ts';

const TAGS_MAX = 25;
const TAG_MAX = 100;
const JSON_BYTES_MAX = 65_536;
const JSON_DEPTH_MAX = 32;
const URL_MAX = 2_048;

/** What is wrong with a field of an input. */
export const badField = (field: string, what: string, code: ErrorCode = 'ERR_BAD_REQUEST'): ChatError =>
  new ChatError(code, `\`${field}\` ${what}.`);

/** Refuses a text of fewer than `min` or more than `max` characters, as people count them up to composed ones: code points. */
export function requireLength(field: string, text: string | null | undefined, max: number, min = 0): void {
  if (text == null) return;
  const length = text.length <= max && text.length >= 2 * min ? text.length : [...text].length;
  if (length > max) throw badField(field, `has ${length} characters: ${max} at the most`, 'ERR_LIMIT_EXCEEDED');
  if (length < min) throw badField(field, length === 0 ? 'is empty' : `has ${length} characters: ${min} at the least`);
}

/** The tags, each once. Refuses more than 25, and a tag that is empty or has more than 100 characters. */
export function requireTags(field: string, tags: readonly string[] | null | undefined): string[] {
  const unique = [...new Set(tags)];
  if (unique.length > TAGS_MAX)
    throw badField(field, `holds ${unique.length} tags: ${TAGS_MAX} at the most`, 'ERR_LIMIT_EXCEEDED');
  for (const tag of unique) requireLength(field, tag, TAG_MAX, 1);
  return unique;
}

/** Refuses JSON of more than 64 KB, or nested more than 32 levels deep, with the code. */
export function requireJson(field: string, value: Json | null | undefined, code: ErrorCode): void {
  if (typeof value !== 'object' || value === null) {
    if (typeof value !== 'string' || value.length < JSON_BYTES_MAX / 4) return;
  } else if (isDeeper(value, JSON_DEPTH_MAX)) {
    throw badField(field, `is nested too deeply: ${JSON_DEPTH_MAX} levels at the most`, code);
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > JSON_BYTES_MAX)
    throw badField(field, `takes ${bytes} bytes as JSON: ${JSON_BYTES_MAX} at the most`, code);
}

/** Refuses an address of more than 2,048 characters, and one that is not of the web: clients make links and pictures of them. `code` is the refusal's of the latter. */
export function requireAddress(field: string, url: string | null | undefined, code?: ErrorCode): void {
  if (url == null) return;
  requireLength(field, url, URL_MAX);
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw badField(field, 'must be an address of http or https', code);
}
