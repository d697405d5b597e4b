import type { Services } from '../app.ts';
import type { Viewer } from '../viewer.ts';

/** What a resolver knows beside its parent and arguments. */
export interface Context {
  /** Who asks; undefined where nobody is signed in. */
  readonly viewer: Viewer | undefined;
  readonly services: Services;
  /** Reads by key that are shared within one request. */
  readonly loaders: Loaders;
}

type Loaders = { readonly [K in keyof Services as Services[K] extends HasLoaders ? K : never]: LoadersOf<Services[K]> };
type HasLoaders = { loaders(viewer: Viewer | undefined): object };
type LoadersOf<S> = S extends { loaders(viewer: Viewer | undefined): infer L } ? L : never;

/** The loaders of every slice that has any, new for each request. */
export function createContext(services: Services, viewer: Viewer | undefined): Context {
  return { viewer, services, loaders: createLoaders(services, viewer) };
}

/** Forgets what the request has read so far, some of which it has changed since. */
export function forgetRead({ viewer, services, loaders }: Context): void {
  Object.assign(loaders, createLoaders(services, viewer));
}

function createLoaders(services: Services, viewer: Viewer | undefined): Loaders {
  const loaders: Record<string, object> = {};
  for (const [name, service] of Object.entries<object>({ ...services })) {
    if ('loaders' in service) loaders[name] = (service as HasLoaders).loaders(viewer);
  }
  return loaders as Loaders;
}
