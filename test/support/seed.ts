import type { Database } from '../../src/store/handle.ts';

/** A line of an import file. */
export type Line = { readonly kind: string; readonly value: object } | object;

/** Fills a database by the public way in: what `parley import` does with these lines. Throws where it takes one of them badly. */
export async function seed(db: Database, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  const { importLines } = await import('../../src/transfer/import-service.ts');
  await importLines(
    db,
    lines.map((line) => JSON.stringify(line)),
  );
}
