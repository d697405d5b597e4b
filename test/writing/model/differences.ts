/** Where two values differ: each place with what is there and what should be, so that a failure is read at a glance. */
export function differences(is: unknown, expected: unknown, path = ''): string[] {
  if (Object.is(is, expected)) return [];
  if (!isHolder(is) || !isHolder(expected)) return [`${path}: is ${show(is)}, expected ${show(expected)}`];
  const [there, wanted] = [entriesOf(is), entriesOf(expected)];
  return [...new Set([...there.keys(), ...wanted.keys()])].flatMap((key) =>
    differences(there.get(key), wanted.get(key), `${path}/${key}`),
  );
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null;
const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';

/** Of a list of things with names, the names stand for their places: one too many then differs alone, and the order once. */
function entriesOf(value: object): Map<string, unknown> {
  if (value instanceof Map) return value;
  const names = Array.isArray(value) ? value.map(nameOf) : [];
  if (names.length === 0 || names.includes(undefined)) return new Map(Object.entries(value));
  const all = value as unknown[];
  return new Map<string, unknown>([['order', names.join(' ')], ...all.map((one, n) => [names[n] ?? '', one] as const)]);
}

function nameOf(one: unknown): string | undefined {
  if (!isHolder(one)) return undefined;
  const { uid, guid, conversationId, id } = one as { [key: string]: unknown };
  const name = id ?? uid ?? guid ?? conversationId;
  return name === undefined ? undefined : String(name);
}
