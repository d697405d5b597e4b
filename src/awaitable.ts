/**
 * A value, or the promise of one. Reads give the value itself on SQLite and a promise on PostgreSQL; who passes it on without
 * `await` keeps the first kind free of promises, which is most of the speed of a query.
 */
export type Awaitable<T> = T | Promise<T>;

const isPromise = <T>(value: Awaitable<T>): value is Promise<T> => value instanceof Promise;

/** What `next` makes of the value: at once where the value is there, else when it comes. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** What the job gives, or what `failed` makes of what it throws, now or later. */
export function orElse<T, F>(job: () => Awaitable<T>, failed: (error: unknown) => F): Awaitable<T | F> {
  try {
    const value = job();
    return isPromise(value) ? value.catch(failed) : value;
  } catch (error) {
    return failed(error);
  }
}

/** All the values, at once where all are there. */
export function all<const T extends readonly unknown[]>(
  values: T,
): Awaitable<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  type Values = { -readonly [K in keyof T]: Awaited<T[K]> };
  return values.some(isPromise) ? (Promise.all(values) as Promise<Values>) : (values as unknown as Values);
}

/** The value of a read on SQLite, which is there at once. */
export function atHand<T>(value: Awaitable<T>): T {
  if (isPromise(value)) throw new Error('a read of SQLite gave a promise');
  return value;
}
