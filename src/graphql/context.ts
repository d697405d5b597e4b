import type { Services } from '../app.ts';
import type { Viewer, Who } from '../viewer.ts';

/** What a resolver knows beside its parent and arguments. */
export interface Context {
  /** Who asks; undefined where nobody is signed in. */
  readonly viewer: Viewer | undefined;
  readonly services: Services;
  /** Reads by key that are shared within one request. */
  readonly loaders: Loaders;
  /** On a socket: goes on with another token of the same user, and gives when that expires. */
  readonly renew?: Renew | undefined;
}

type Renew = (authToken: string) => Promise<number | null>;

type Loaders = { readonly [K in keyof Services as Services[K] extends HasLoaders ? K : never]: LoadersOf<Services[K]> };
type HasLoaders = { loaders(who: Who): object };
type LoadersOf<S> = S extends { loaders(who: Who): infer L } ? L : never;

/** The context of one request, with loaders of its own. */
export function createContext(services: Services, viewer: Viewer | undefined, renew?: Renew): Context {
  return { viewer, services, loaders: createLoaders(services, () => viewer), renew };
}

/**
 * The context of what is executed once for several viewers. Whatever asks who they are throws: a field that is not marked
 * `personal` and depends on that gives an error, never what another viewer may see.
 */
export function createSharedContext(services: Services): Context {
  const who: Who = Object.assign(refuse, { shared: true });
  return {
    get viewer() {
      return refuse();
    },
    services,
    loaders: createLoaders(services, who),
  };
}

function refuse(): never {
  throw new Error('what several viewers share asked for the viewer: mark the field `personal`');
}

/** Forgets what the request has read so far, some of which it has changed since. */
export function forgetRead({ loaders }: Context): void {
  (loaders as unknown as LazyLoaders).made = {};
}

interface LazyLoaders {
  made: Record<string, object>;
  readonly who: Who;
}

const lazyLoaders = new WeakMap<Services, object>();

/** The loaders of every slice that has any, each made where it is first asked for: a request uses few of them. */
function createLoaders(services: Services, who: Who): Loaders {
  const prototype = lazyLoaders.get(services) ?? makeLazy(services);
  lazyLoaders.set(services, prototype);
  return Object.assign(Object.create(prototype), { made: {}, who } satisfies LazyLoaders) as Loaders;
}

function makeLazy(services: Services): object {
  const prototype = {};
  for (const [name, service] of Object.entries<object>({ ...services })) {
    if (!('loaders' in service)) continue;
    Object.defineProperty(prototype, name, {
      get(this: LazyLoaders) {
        this.made[name] ??= (service as HasLoaders).loaders(this.who);
        return this.made[name];
      },
    });
  }
  return prototype;
}
