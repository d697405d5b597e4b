import type { Upload } from '../upload.ts';
import { Refusal } from './respond.ts';

/**
 * Puts a file in each place that `map` names, such as `{"0": ["variables.input.files.0"]}`. Throws a Refusal for a map that is
 * malformed or names too many files, or a place that is not null.
 */
export function placeFiles(operation: object, map: string, maxFiles: number, fileOf: (part: string) => Upload): void {
  const entries = Object.entries(parseMap(map));
  if (entries.length > maxFiles) {
    const message = `\`map\` names ${entries.length} files: ${maxFiles} at the most.`;
    throw new Refusal(400, 'ERR_LIMIT_EXCEEDED', message);
  }
  for (const [part, paths] of entries) {
    const upload = fileOf(part);
    for (const path of paths) place(operation, path, upload);
  }
}

function parseMap(text: string): Record<string, string[]> {
  const map = tryParse(text);
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map) && Object.values(map).every(isPaths);
  if (isMap) return map as Record<string, string[]>;
  throw bad('`map` must be a JSON object that names places, such as {"0": ["variables.input.files.0"]}.');
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isPaths = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((path) => typeof path === 'string');

function place(operation: object, path: string, upload: Upload): void {
  const steps = path.split('.');
  const last = steps.pop();
  let at: unknown = operation;
  for (const step of steps) at = own(at, step);
  if (steps[0] !== 'variables' || last === undefined || own(at, last) !== null) {
    throw bad(`\`map\` names the place ${JSON.stringify(path)}: there must be a null in the variables.`);
  }
  (at as Record<string, unknown>)[last] = upload;
}

/** What stands there in what was sent, and not in what every object has. */
const own = (at: unknown, step: string): unknown =>
  typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : undefined;

const bad = (message: string): Refusal => new Refusal(400, 'ERR_BAD_REQUEST', message);
