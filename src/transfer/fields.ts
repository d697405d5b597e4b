import { z } from 'zod';
import { ID_PATTERN } from '../users/user.ts';

const MESSAGE_ID_MAX = 1e15; // leaves room above for the messages to come
const TIME_MAX = 99_999_999_999; // later ones are milliseconds
const KEY_MAX = 255; // characters of what an index holds: PostgreSQL refuses more than 2,700 bytes

/** A field that may be left out; null stands for the same. */
export const optional = <T extends z.ZodType>(field: T) => field.nullish();

export const uid = z.string().regex(ID_PATTERN, 'is 1 to 100 of a-z 0-9 _ -');
export const guid = uid;
export const text = z.string();
export const key = z.string().min(1, 'is empty').max(KEY_MAX, `has more than ${KEY_MAX} characters`);
export const tags = z.array(key);
/** Any JSON value. Undefined where it is left out. */
export const anything = z.unknown().optional();

export const time = z
  .number()
  .int('is whole seconds since 1970-01-01T00:00:00Z')
  .min(0, 'is seconds since 1970-01-01T00:00:00Z')
  .max(TIME_MAX, 'is seconds since 1970-01-01T00:00:00Z, not milliseconds');

const DIGITS = /^[1-9]\d{0,15}$/;

/** A message's id: digits, or a number. */
export const messageId = z.unknown().transform((value, context): number => {
  const id = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  if (Number.isInteger(id) && (id as number) >= 1 && (id as number) <= MESSAGE_ID_MAX) return id as number;
  const message = value === undefined ? 'is missing' : `is a positive whole number, ${MESSAGE_ID_MAX} at the most`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** What a line means is wrong, with the field it is about. */
export class LineError extends Error {
  readonly field: string;
  constructor(field: string, what: string) {
    super(field ? `${field}: ${what}` : what);
    this.field = field;
  }
}

/** What a schema makes of a value. Throws a LineError for the first field that does not fit; `within` is where the value stands. */
export function take<T>(schema: z.ZodType<T>, value: unknown, within = ''): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0] as z.core.$ZodIssue);
  const path = [within, ...issue.path].filter((part) => part !== '').join('.');
  throw new LineError(path, issue.message === '' ? issue.code : issue.message.replace(/^Invalid (input|option): /, ''));
}

const SHAPES_MAX = 200;

/**
 * Takes objects as `take` does, at the cost of the fields that they have: the schema is cut down to those once for each set of
 * fields, of which a file has few.
 */
export function taker<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, within = '') {
  type Taken = z.infer<z.ZodObject<Shape>>;
  const required = Object.keys(schema.shape).filter(
    (name) => !(schema.shape[name] as z.ZodType).safeParse(undefined).success,
  );
  const known = new Map<string, z.ZodType<Taken>>();
  function schemaFor(value: object): z.ZodType<Taken> {
    const names = Object.keys(value).filter((name) => Object.hasOwn(schema.shape, name));
    const key = names.join();
    const found = known.get(key);
    if (found) return found;
    const mask = Object.fromEntries([...required, ...names].map((name) => [name, true]));
    const made = schema.pick(mask as never) as unknown as z.ZodType<Taken>;
    if (known.size < SHAPES_MAX) known.set(key, made);
    return made;
  }
  return (value: unknown): Taken =>
    take(
      typeof value === 'object' && value !== null ? schemaFor(value) : (schema as unknown as z.ZodType<Taken>),
      value,
      within,
    );
}

function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().find(({ code }) => code !== 'invalid_type') ?? issue.errors[0]?.[0];
  return inner ? deepest({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}
