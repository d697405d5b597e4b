/** What every connection gives here: the ids of its nodes, and where the page stands. */
export const PAGE = `nodes { ...Id } edges { cursor node { ...Id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount`;

export interface Page {
  readonly nodes: readonly Named[];
  readonly edges: readonly { readonly cursor: string; readonly node: Named }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number | null;
}

type Named = Record<string, unknown>;

/** What asks for a page of a list: `first`, `after`, `last`, `before`. */
export interface PageArgs {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

/** Reads a list to its end, `size` at a time, from the front or from the end: the pages in the order of the list. */
export async function readPages(
  read: (args: PageArgs) => Promise<Page>,
  size: number,
  direction: 'forward' | 'backward' = 'forward',
): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | null | undefined;
  for (let more = true; more; ) {
    const page = await read(
      direction === 'forward'
        ? { first: size, ...(cursor && { after: cursor }) }
        : { last: size, ...(cursor && { before: cursor }) },
    );
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    if (direction === 'forward') pages.push(page);
    else pages.unshift(page);
    more = direction === 'forward' ? hasNextPage : hasPreviousPage;
    cursor = direction === 'forward' ? endCursor : startCursor;
  }
  return pages;
}

/** The first connection in an answer, however deep it stands. */
export function findPage(data: unknown): Page {
  const found = search(data);
  if (!found) throw new Error('the answer holds no page');
  return found;
}

function search(value: unknown): Page | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('pageInfo' in value) return value as Page;
  for (const inner of Object.values(value)) {
    const found = search(inner);
    if (found) return found;
  }
  return undefined;
}
