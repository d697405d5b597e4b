import { isFile } from '../control.ts';

/** What a developer who starts Parley for the first time is told: where to look, with what, and what to try. */
export function welcome(url: string, headers: Readonly<Record<string, string>>, database: string): string {
  const curl = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}' `);
  const key = headers['Authorization']?.replace('Bearer ', '');
  return `
  Parley is ready, for development: it answers on this machine only.

  Playground   ${url}/graphql
  API key      ${key}   (until it stops; set PARLEY_API_KEY to choose one)
  Database     ${withoutPassword(database)}

  Try   curl ${url}/graphql -H 'Content-Type: application/json' \\
          ${curl.join('\\\n          ')}\\
          -d '{"query": "{ me { name } users { nodes { uid name } } }"}'

`;
}

function withoutPassword(database: string): string {
  if (isFile(database)) return database;
  const url = new URL(database);
  url.password = '';
  url.searchParams.delete('password');
  return url.href;
}
