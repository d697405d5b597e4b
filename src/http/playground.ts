import { hash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EXAMPLES } from './playground-examples.ts';

/** Where the playground's scripts and styles are. */
export const PLAYGROUND_FILES = '/playground/';

// Nothing comes from elsewhere, nothing goes elsewhere, and no page of another origin may frame or read it.
const SECURITY = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'", // the editor makes its styles as it runs
    "worker-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

// GraphiQL adds an empty tab at each reload, unless it is told which of those that it has kept to open.
const START = `
const page = document.currentScript.dataset;
const options = JSON.parse(page.options);
const kept = JSON.parse(localStorage.getItem('graphiql:tabState') ?? 'null');
const tab = kept?.tabs?.[kept.activeTabIndex];
if (tab && !new URLSearchParams(location.search).has('query')) {
  options.query = tab.query ?? '';
  options.variables = tab.variables ?? '';
}
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => page.files + label + '.js' };
YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), options);
`;

// Else a tab jumps away from under the first click on it: its place is left over from when the page was laid out.
const STYLE = '.graphiql-tab { transform: none !important; }';

interface File {
  readonly type: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/** The page on which a person tries queries: GraphiQL, with nothing fetched from anywhere else. */
export interface Playground {
  /** Answers with the page. */
  answerPage(res: ServerResponse): Promise<void>;
  /** Answers with the file of a path inside `PLAYGROUND_FILES`, or that there is none. */
  answerFile(path: string, req: IncomingMessage, res: ServerResponse): Promise<void>;
}

/** Whether a browser asks for a page, as opposed to a program that asks for data. */
export const asksForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true;

/**
 * Makes the playground; its tabs send `headers`, which the page alone holds: it is never stored, here or in the browser. The files
 * are read and compressed once, when `load` is called or they are first asked for.
 */
export function createPlayground(headers: Readonly<Record<string, string>>): Playground & { load(): Promise<unknown> } {
  let loaded: Promise<ReadonlyMap<string, File>> | undefined;
  const load = () => {
    loaded ??= loadFiles().catch((error) => {
      loaded = undefined; // the next who asks tries again
      throw error;
    });
    return loaded;
  };
  return {
    load,
    async answerPage(res) {
      const [base = ''] = (await load()).keys();
      const page = render(base.slice(0, base.lastIndexOf('/') + 1), headers);
      send(res, 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, page);
    },
    async answerFile(path, req, res) {
      sendFile((await load()).get(path), req, res);
    },
  };
}

function render(files: string, headers: Readonly<Record<string, string>>): string {
  const signedIn = JSON.stringify(headers, undefined, 2);
  const options = JSON.stringify({
    title: 'Parley',
    headers: signedIn,
    defaultTabs: EXAMPLES.map((example) => ({ ...example, headers: signedIn })),
    shouldPersistHeaders: false,
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Parley</title>
<link rel="icon" href="${files}icon.ico">
<link rel="stylesheet" href="${files}graphiql.css">
</head>
<body class="no-focus-outline">
<noscript>This page needs JavaScript.</noscript>
<div id="root" style="height: 100vh"></div>
<script src="${files}graphiql.js"></script>
<script src="${files}start.js" data-files="${files}" data-options="${quoted(options)}"></script>
</body>
</html>
`;
}

const quoted = (text: string): string => text.replace(/[&<"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** By their paths, which change with what is in them. */
async function loadFiles(): Promise<ReadonlyMap<string, File>> {
  const graphiql = await import('@graphql-yoga/render-graphiql/graphiql');
  const script = 'text/javascript; charset=utf-8';
  const all: readonly [name: string, type: string, content: string | Buffer][] = [
    ['graphiql.js', script, graphiql.js],
    ['graphiql.css', 'text/css; charset=utf-8', `${graphiql.css}\n${STYLE}`],
    ['start.js', script, START],
    ['editorWorkerService.js', script, graphiql.editorWorkerService],
    ['json.js', script, graphiql.jsonWorker],
    ['graphql.js', script, graphiql.graphqlWorker],
    ['icon.ico', 'image/x-icon', Buffer.from(graphiql.favicon.split(',')[1] ?? '', 'base64')],
  ];
  const version = hash('sha256', all.map(([, , content]) => hash('sha256', content)).join()).slice(0, 16);
  const files = all.map(async ([name, type, content]): Promise<[string, File]> => {
    const plain = typeof content === 'string' ? Buffer.from(content) : content;
    return [`${PLAYGROUND_FILES}${version}/${name}`, { type, plain, zipped: await promisify(gzip)(plain) }];
  });
  return new Map(await Promise.all(files));
}

function sendFile(file: File | undefined, req: IncomingMessage, res: ServerResponse) {
  if (!file) return send(res, 404, { 'content-type': 'text/plain' }, 'Nothing is here: open /graphql again.\n');
  const zips = /\bgzip\b/.test(String(req.headers['accept-encoding'] ?? ''));
  const headers = {
    'content-type': file.type,
    'cache-control': 'public, max-age=31536000, immutable', // another version has another path
    vary: 'accept-encoding',
    ...(zips && { 'content-encoding': 'gzip' }),
  };
  send(res, 200, headers, zips ? file.zipped : file.plain);
}

function send(res: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: string | Buffer) {
  res.writeHead(status, { ...SECURITY, ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
