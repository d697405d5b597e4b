import { z } from 'zod';

const flag = z.enum(['0', '1'], 'takes 0 or 1').transform((value) => value === '1');

function whole(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of ${min} or more`;
  const message = `takes a whole number ${range}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const database = z
  .string()
  .min(1)
  .refine(
    (value) => !/^(\w+:\/\/|postgres(ql)?:)/.test(value) || /^postgres(ql)?:\/\//.test(value),
    'takes a file or a postgres:// URL',
  )
  .refine(
    (value) => !value.includes('://') || URL.canParse(value),
    'is no valid URL: in a user or password, signs such as / # @ are written %2F %23 %40',
  );

const media = z
  .string()
  .min(1)
  .refine(
    (value) => !/^\w+:\/\//.test(value) || /^s3:\/\/[\w.-]+(\/|$)/.test(value),
    'takes a folder, or an address such as s3://bucket/prefix',
  );

const origins = z
  .string()
  .transform((value) => value.split(',').map((origin) => origin.trim()))
  .refine(
    (all) =>
      all.every(
        (origin) => /^https?:$/.test(URL.parse(origin)?.protocol ?? '') && URL.parse(origin)?.origin === origin,
      ),
    'takes origins as browsers write them, such as https://app.example.org, with commas between',
  );

/** Where the benchmarks read their history: no setting of the server, and no typo. */
const BENCHMARKS = 'PARLEY_BENCH_DATA';

/** Every setting there is, read from the environment, with its default. Docs: docs/settings.md. */
const settings = z.object({
  PORT: whole(0, 65_535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  LOG_LEVEL: z.enum(LEVELS, `takes one of ${LEVELS.join(', ')}`).default('info'),
  PARLEY_DATABASE: database.default('./data/parley.db'),
  PARLEY_MEDIA: media.default('./data/media'),
  PARLEY_API_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .regex(
      /^(?!pt_)(?!.*\..*\.)[!-~][ -~]*[!-~]$/,
      'takes ASCII: no space at either end, no pt_ at the start, one dot at the most',
    )
    .optional(),
  PARLEY_JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  PARLEY_JWKS_URL: z.url({ protocol: /^https?$/, error: 'takes an http:// or https:// URL' }).optional(),
  PARLEY_JWT_ISSUER: z.string().min(1).optional(),
  PARLEY_JWT_AUDIENCE: z.string().min(1).optional(),
  PARLEY_JWT_PROVISION: flag.default(false),
  PARLEY_LOG_DAYS: whole(1, 36_500).default(30),
  PARLEY_DEMO: flag.default(true),
  PARLEY_MAX_BODY_KB: whole(1).default(512),
  PARLEY_MAX_FILE_MB: whole(1, 2047).default(100),
  PARLEY_MAX_TOKENS: whole(1).default(2000),
  PARLEY_MAX_DEPTH: whole(1).default(12),
  PARLEY_MAX_ALIASES: whole(1).default(30),
  PARLEY_MAX_COST: whole(1).default(50_000),
  PARLEY_MAX_CHARACTERS: whole(1).default(32_000_000),
  PARLEY_MAX_SECONDS: whole(1, 3600).default(10),
  PARLEY_MAX_OPERATIONS: whole(1).default(100),
  PARLEY_MAX_MESSAGES: whole(1).default(200),
  PARLEY_ORIGINS: origins.optional(),
});

export interface Config extends z.infer<typeof settings> {
  /** No key is set and this is not production: loopback only, with a key made at the start, demo data and the playground. */
  readonly development: boolean;
}

/** Settings that can't be used, one line each, for the operator. */
export class ConfigError extends Error {}

/** Reads the settings. Throws a ConfigError for a value that is not allowed, or for a PARLEY_ name that does not exist. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const unknown = Object.keys(given).filter(
    (name) => name.startsWith('PARLEY_') && !(name in settings.shape) && name !== BENCHMARKS,
  );
  const parsed = settings.safeParse(given);
  const problems = [
    ...unknown.map(
      (name) => `${name}: there is no such setting. Those there are: ${Object.keys(settings.shape).join(', ')}`,
    ),
    ...(parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'));
  const config = parsed.data;
  if (config.PARLEY_JWT_SECRET && config.PARLEY_JWKS_URL) {
    throw new ConfigError('PARLEY_JWT_SECRET and PARLEY_JWKS_URL: set one of them, not both');
  }
  if (config.PARLEY_JWKS_URL && !(config.PARLEY_JWT_ISSUER && config.PARLEY_JWT_AUDIENCE)) {
    throw new ConfigError('PARLEY_JWKS_URL: PARLEY_JWT_ISSUER and PARLEY_JWT_AUDIENCE are required with it');
  }
  return { ...config, development: !config.PARLEY_API_KEY && given['NODE_ENV'] !== 'production' };
}
