import { now } from '../clock.ts';
import type { Database } from '../store/handle.ts';
import { demoLines } from './demo.ts';
import { importLines } from './import-service.ts';

/** Fills an empty database with people who have something to say, by the same way in as any history. */
export const fillDemo = (db: Database): Promise<void> =>
  importLines(
    db,
    demoLines(now()).map((line) => JSON.stringify(line)),
  );
