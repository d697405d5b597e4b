const NAME_MAX = 255;
const UNNAMED = 'file';

/** A file's name as it is kept: without folders and control characters, of at most 255 characters, its ending kept. */
export function fileNameOf(given: string): string {
  const name = (given.split(/[/\\]/).at(-1) ?? '')
    .replace(/\p{Cc}/gu, '')
    .trim()
    .toWellFormed();
  const characters = [...name];
  if (characters.length <= NAME_MAX) return name === '' || /^\.+$/.test(name) ? UNNAMED : name;
  const ending = [...(extensionOf(name) ?? '')];
  if (ending.length === 0) return characters.slice(0, NAME_MAX).join('');
  return `${characters.slice(0, NAME_MAX - ending.length - 1).join('')}.${ending.join('')}`;
}

/** The ending of a file's name, in lower case; undefined where it has none. */
export const extensionOf = (name: string): string | undefined =>
  /[^.]\.([\p{L}\p{N}]{1,16})$/u.exec(name)?.[1]?.toLowerCase();

/** The name of a file that is elsewhere: the last part of its address, or where that has none the address. */
export const nameInAddress = (url: string): string => url.split(/[?#]/)[0]?.split('/').at(-1) || url;
