import { now } from '../clock.ts';
import { hashPassword } from '../groups/password.ts';
import type { Database, Handle } from '../store/handle.ts';
import type { Batch } from './batch.ts';
import { finishImports } from './finish-store.ts';
import { importStore } from './import-store.ts';
import { loadBatch } from './load-service.ts';
import { type Draft, KINDS, type Kind } from './parse.ts';
import { type BadLine, type NumberedDraft, type ParsedLines, parseLines, refusing } from './parse-lines.ts';
import type { Taken } from './people.ts';
import { takeMessage } from './take-message.ts';
import * as own from './take-own.ts';
import * as profiles from './take-profiles.ts';
import { MuidTaken, renameLog, type Written, writeBatch } from './write-service.ts';

/** What became of the lines of an import. */
export interface Tally {
  lines: number;
  readonly added: Partial<Record<Kind, number>>;
  completed: number;
  there: number;
  bad: number;
}

const ANALYZE_FIRST = 2_000; // lines; then at each doubling

interface Outcome {
  readonly taken: Record<Taken, Map<Kind, number>>;
  readonly badLines: BadLine[];
}

/**
 * Takes history into a database, some lines at a time: each call of `take` is one transaction, and gives the lines that are bad.
 * `finish` makes the conversations whole; until then they wait for it (see `finishImports`).
 */
export function createImport(db: Database) {
  const tally: Tally = { lines: 0, added: {}, completed: 0, there: 0, bad: 0 };
  let renamed = false;
  let analyzeAt = ANALYZE_FIRST;
  return {
    tally,
    async take({ count, drafts, badLines }: ParsedLines): Promise<BadLine[]> {
      await hashPasswords(db, drafts);
      const attempt = (withMuids: boolean) => db.write('import', (tx) => write(tx, drafts, !renamed, withMuids));
      const outcome = await attempt(false).catch((error) => {
        if (error instanceof MuidTaken) return attempt(true);
        throw error;
      });
      renamed ||= outcome.taken.added.size + outcome.taken.completed.size > 0;
      for (const [kind, added] of outcome.taken.added) tally.added[kind] = (tally.added[kind] ?? 0) + added;
      tally.completed += sum(outcome.taken.completed);
      tally.there += sum(outcome.taken.there);
      tally.lines += count;
      const bad = [...badLines, ...outcome.badLines].sort((a, b) => a.number - b.number);
      tally.bad += bad.length;
      if (tally.lines >= analyzeAt) {
        analyzeAt = 2 * tally.lines;
        await db.write('import', (tx) => tx.analyze());
      }
      return bad;
    },
    async finish(): Promise<void> {
      await finishImports(db);
      if (tally.added.message) await db.write('import', (tx) => tx.joinWords());
    },
  };
}

/** Imports lines that are at hand. Throws where one of them is bad; the good ones are kept. */
export async function importLines(db: Database, lines: readonly string[]): Promise<void> {
  const run = createImport(db);
  const badLines = await run.take(parseLines(lines.map((text, n) => ({ number: n + 1, text }))));
  await run.finish();
  if (badLines.length > 0)
    throw new Error(badLines.map(({ number, problem }) => `line ${number}: ${problem}`).join('\n'));
}

/** Before the transaction: a hash takes longer than a thousand lines. Groups that are there keep the password they have. */
async function hashPasswords(db: Database, drafts: readonly Draft[]): Promise<void> {
  const lines = drafts.flatMap(({ kind, value }) =>
    kind === 'group' && value.password && !value.passwordHash ? [value] : [],
  );
  if (lines.length === 0) return;
  const found = await importStore(db.read).groupsByGuid(lines.map(({ guid }) => guid));
  const known = new Set(found.filter(({ passwordHash }) => passwordHash !== null).map(({ guid }) => guid));
  for (const line of lines) if (!known.has(line.guid)) line.passwordHash = await hashPassword(line.password ?? '');
}

async function write(
  tx: Handle,
  drafts: readonly NumberedDraft[],
  rename: boolean,
  withMuids: boolean,
): Promise<Outcome> {
  const batch = await loadBatch(tx, drafts, now(), withMuids);
  const outcome: Outcome = { taken: { added: new Map(), completed: new Map(), there: new Map() }, badLines: [] };
  const byKind = Map.groupBy(drafts, ({ kind }) => kind);
  for (const kind of KINDS) {
    for (const draft of byKind.get(kind) ?? []) {
      refusing(outcome.badLines, draft.number, () => {
        const taken = outcome.taken[take(batch, draft)];
        taken.set(kind, (taken.get(kind) ?? 0) + 1);
      });
    }
  }
  const written = await writeBatch(tx, batch);
  for (const [kind, count] of Object.entries(written) as [keyof Written, number][]) {
    recount(outcome, kind, count);
  }
  if (rename && outcome.taken.added.size + outcome.taken.completed.size > 0) await renameLog(tx);
  return outcome;
}

/** Of these kinds only the database knows which lines were there. */
function recount({ taken }: Outcome, kind: Kind, added: number): void {
  const lines = taken.added.get(kind) ?? 0;
  if (lines > added) taken.there.set(kind, lines - added);
  if (added > 0) taken.added.set(kind, added);
  else taken.added.delete(kind);
}

function take(batch: Batch, { kind, value }: Draft): Taken {
  switch (kind) {
    case 'user':
      return batch.people.take(value);
    case 'group':
      return profiles.takeGroup(batch, value);
    case 'groupMember':
      return profiles.takeMember(batch, value);
    case 'block':
      return profiles.takeBlock(batch, value);
    case 'message':
      return takeMessage(batch, value);
    case 'attachment':
      return own.takeAttachment(batch, value);
    case 'edit':
      return own.takeEdit(batch, value);
    case 'reaction':
      return own.takeReaction(batch, value);
    case 'pin':
      return own.takePin(batch, value);
    case 'save':
      return own.takeSave(batch, value);
    case 'mark':
      return own.takeMark(batch, value);
    case 'conversation':
      return own.takeConversation(batch, value);
  }
}

const sum = (counts: ReadonlyMap<Kind, number>): number => [...counts.values()].reduce((all, count) => all + count, 0);
