import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** A file imports only what stands on its own line or above it. `SLICE` is any folder of `SLICES`. */
const LAYERS: readonly (readonly [name: string, files: string])[] = [
  ['leaf', 'NAME.ts'],
  ['store', 'store/NAME.ts'],
  ['noun', 'SLICE/NAME.ts'],
  ['slice store', 'SLICE/store.ts SLICE/NAME-store.ts events/log.ts'],
  ['service', 'SLICE/service.ts SLICE/NAME-service.ts'],
  ['app', 'app.ts'],
  ['graphql', 'graphql/NAME.ts graphql/execution/NAME.ts graphql/limits/NAME.ts'],
  ['slice graphql', 'SLICE/graphql.ts SLICE/graphql-NAME.ts'],
  ['schema', 'schema.ts'],
  ['http', 'http/NAME.ts'],
  ['server', 'server.ts'],
  ['commands', 'commands/NAME.ts'],
  ['main', 'main.ts'],
];

/** A slice imports only itself and those before it. */
const SLICES = [
  'events',
  'presence',
  'users',
  'groups',
  'conversations',
  'messages',
  'media',
  'calls',
  'membership',
  'auth',
  'erasure',
  'live',
  'transfer',
];

/** The layers that alone may import a package: what it is for stays in one place. */
const PACKAGES: Record<string, readonly string[]> = {
  'better-sqlite3': ['store'],
  pg: ['store'],
  'drizzle-orm': ['store', 'slice store'],
  '@pothos/core': ['graphql', 'slice graphql'],
  '@aws-sdk/client-s3': ['noun'],
  '@aws-sdk/lib-storage': ['noun'],
  'file-type': ['noun'],
  sharp: ['noun'],
  '@fastify/busboy': ['http'],
};

const LINES_MAX = { src: 300, test: 500 };
/** The tables are one list, read from top to bottom; cut in two, their foreign keys would point at each other. */
const MAY_BE_LONG = /^store\/tables\.(sqlite|postgres)\.ts$/;

const NAME = '[a-z0-9]+(?:[-.][a-z0-9]+)*';
const DUMPS = /^(index|utils?|helpers?|common|types|misc|shared)\./;

interface Import {
  readonly from: string;
  readonly to: string;
}

const sources = globSync('**/*.ts', { cwd: 'src' });
const tests = globSync('**/*.ts', { cwd: 'test', exclude: (path) => path.includes('node_modules') });
const textOf = new Map(sources.map((file) => [file, readFileSync(`src/${file}`, 'utf8')]));
const imports = sources.flatMap(importsOf);
const own = imports.filter(({ to }) => !to.startsWith('npm:'));

test('a file imports only its own layer and those below', () => {
  const wrong = own.filter(({ from, to }) => layerOf(to) > layerOf(from));
  const explain = ({ from, to }: Import) =>
    `${from} (${LAYERS[layerOf(from)]?.[0]}) reaches up to ${to} (${LAYERS[layerOf(to)]?.[0]}): move what they share down`;
  expect(wrong.map(explain)).toEqual([]);
});

test('a slice imports only itself and the slices before it', () => {
  const wrong = own.filter(({ from, to }) => isSlice(from) && isSlice(to) && sliceOf(to) > sliceOf(from));
  const explain = ({ from, to }: Import) =>
    `${from} reaches across to ${to}: ${dirname(to)} comes later, and adds to ${dirname(from)} from its own side`;
  expect(wrong.map(explain)).toEqual([]);
});

test('every folder of src is a layer or a slice', () => {
  const strange = sources.filter((file) => layerOf(file) < 0);
  expect(strange.map((file) => `${file} has no place: give it one in LAYERS or SLICES`)).toEqual([]);
});

test('GraphQL asks services, never the database', () => {
  const wrong = own.filter(({ from, to }) => isLayer(from, 'slice graphql') && isLayer(to, 'slice store'));
  expect(wrong.map(({ from, to }) => `${from} imports ${to}: let its service ask`)).toEqual([]);
});

test('a package is used where it belongs', () => {
  const wrong = imports.filter(({ from, to }) => PACKAGES[packageOf(to)]?.every((layer) => !isLayer(from, layer)));
  expect(wrong.map(({ from, to }) => `${from} imports ${packageOf(to)}, which others wrap for it`)).toEqual([]);
});

test('no imports go in a circle, imports of types included', () => {
  expect(findCycle()).toEqual([]);
});

test('what a file exports it defines itself', () => {
  const wrong = sources.filter((file) => reExports(textOf.get(file) ?? ''));
  expect(wrong.map((file) => `${file} exports what it imports: let others import from where it is defined`)).toEqual(
    [],
  );
});

test('files are named for their one job, in lower case with hyphens', () => {
  const named = new RegExp(`^${NAME}$`);
  const all = [...sources.map((file) => `src/${file}`), ...tests.map((file) => `test/${file}`)];
  const wrong = all.filter((file) => !named.test(basename(file)) || DUMPS.test(basename(file)));
  expect(wrong.map((file) => `${file}: a name says what is inside, such as group-commit.ts`)).toEqual([]);
});

test('a file is short enough to be read in one go', () => {
  const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1;
  const long = [
    ...sources.filter((file) => !MAY_BE_LONG.test(file)).map((file) => [`src/${file}`, LINES_MAX.src] as const),
    ...tests.map((file) => [`test/${file}`, LINES_MAX.test] as const),
  ].filter(([file, max]) => linesOf(file) > max);
  expect(long.map(([file, max]) => `${file} has ${linesOf(file)} lines, ${max} at the most: split it by job`)).toEqual(
    [],
  );
});

test('nothing is left to do in a comment', () => {
  const mark = new RegExp(`\\b(${['TO', 'FIX', 'X'].map((start, n) => start + ['DO', 'ME', 'XX'][n]).join('|')})\\b`);
  const wrong = sources.filter((file) => mark.test(textOf.get(file) ?? ''));
  expect(wrong.map((file) => `${file} leaves something undone: do it, or open an issue`)).toEqual([]);
});

test.runIf(existsSync('.git'))('nothing in the repository depends on the machine it was written on', () => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  const binary = /\.(png|jpg|gz|db)$/;
  const host = /\bregistry\.[\w-]+\.\w+|\/(artifactory|nexus|verdaccio)\//i;
  const path = /(^|[\s"'`(=])\/(work|home|root|Users)\/\w/m;
  const resolved = /^\s*"resolved":/m;
  const wrong = listed
    .split('\0')
    .filter((file) => file && existsSync(file) && !binary.test(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [
        ...(host.test(text) ? [`${file} names a package registry: everyone has their own`] : []),
        ...(path.test(text) ? [`${file} names a path of one machine`] : []),
        ...(file.endsWith('package-lock.json') && resolved.test(text)
          ? [`${file} says where packages come from: set npm's omit-lockfile-registry-resolved`]
          : []),
      ];
    });
  expect(wrong).toEqual([]);
});

function layerOf(file: string): number {
  return LAYERS.findLastIndex(([, files]) => files.split(' ').some((pattern) => fits(file, pattern)));
}

function fits(file: string, pattern: string): boolean {
  const text = pattern
    .replaceAll('.', '\\.')
    .replaceAll('NAME', NAME)
    .replaceAll('SLICE', `(?:${SLICES.join('|')})`);
  return new RegExp(`^${text}$`).test(file);
}

function isLayer(file: string, name: string): boolean {
  return LAYERS[layerOf(file)]?.[0] === name;
}

function sliceOf(file: string): number {
  return SLICES.indexOf(dirname(file));
}

function isSlice(file: string): boolean {
  return sliceOf(file) >= 0;
}

function packageOf(to: string): string {
  const [scope = '', name] = to.replace('npm:', '').split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

function importsOf(from: string): Import[] {
  const statements = (textOf.get(from) ?? '').matchAll(
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, named, effect, dynamic]) => {
    const target = named ?? effect ?? dynamic ?? '';
    return { from, to: target.startsWith('.') ? normalize(join(dirname(from), target)) : `npm:${target}` };
  });
}

function reExports(text: string): boolean {
  const imported = [...text.matchAll(/^import\s+(?:type\s+)?([^'";]*?)\s+from\s/gm)].flatMap(([, names = '']) =>
    names
      .replace(/[{}]/g, ' ')
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .split(/\s+as\s+|\s+/)
            .at(-1) ?? '',
      ),
  );
  const listed = [...text.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s/)[0] ?? '',
    ),
  );
  return /^export\s[^;'"]*\sfrom\s+'/m.test(text) || listed.some((name) => name !== '' && imported.includes(name));
}

/** The files of one circle of imports, in order; empty where there is none. */
function findCycle(): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { from, to } of own) {
      const cycle = from === file ? visit(to, [...path, file]) : [];
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of sources) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
