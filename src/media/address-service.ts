import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Awaitable, andThen } from '../awaitable.ts';
import { now } from '../clock.ts';
import { type Database, must } from '../store/handle.ts';
import { keyOf } from './bytes.ts';
import { fileStore } from './store.ts';

const SECRET = 'mediaSecret';
const VALID_SECONDS_MIN = 3_600;
/** Addresses end together at full hours, so that all that are made within one are the same and caches know them. */
const ROUND_SECONDS = 3_600;

/** What an address holds beside the key. */
export interface Signature {
  readonly expires: string;
  readonly signature: string;
}

/** Addresses of files: whoever has one may get the file for an hour or two, and nobody makes one without the server's secret. */
export function createAddresses(db: Database) {
  let known: string | undefined;

  /** Made once in a database's life. */
  function secret(): Awaitable<string> {
    if (known !== undefined) return known;
    return andThen(fileStore(db.read).meta(SECRET), async (found) => {
      known = found?.value ?? (await makeSecret());
      return known;
    });
  }

  const makeSecret = (): Promise<string> =>
    db.write(`meta:${SECRET}`, async (tx) => {
      await tx.insertMissing(tx.t.meta, [{ name: SECRET, value: randomBytes(32).toString('base64url') }]);
      return must(await fileStore(tx).meta(SECRET)).value;
    });

  return {
    /** Where a file is found, from what its message holds: for a file of Parley's own a path on this server, else what it is. */
    of<Url extends string | null>(url: Url): Awaitable<Url> {
      const key = url === null ? undefined : keyOf(url);
      if (key === undefined) return url;
      const expires = String(Math.ceil((now() + VALID_SECONDS_MIN) / ROUND_SECONDS) * ROUND_SECONDS);
      return andThen(
        secret(),
        (known) => `/media/${key}?expires=${expires}&signature=${sign(known, key, expires)}` as Url,
      );
    },

    /** Whether the server made this address, whether or not it has expired. */
    isOwn: (key: string, { expires, signature }: Signature): Awaitable<boolean> =>
      andThen(secret(), (known) => equal(signature, sign(known, key, expires))),
  };
}

export type Addresses = ReturnType<typeof createAddresses>;

const sign = (secret: string, key: string, expires: string): string =>
  createHmac('sha256', secret).update(`${key}.${expires}`).digest('base64url');

function equal(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
