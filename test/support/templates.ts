import { openDatabase } from '../../src/store/open.ts';
import { createDatabase, dialectsHere, TEMPLATES } from './database.ts';

/**
 * Before all tests: a database of each kind with all its tables, that those of test servers are copied from. To make one from
 * nothing takes four times as long, and most tests want one.
 */
export default async function makeTemplates(): Promise<() => Promise<void>> {
  const drops = await Promise.all(
    dialectsHere().map(async (dialect) => {
      const { name, drop } = await createDatabase(dialect);
      await (await openDatabase(name, 'write')).close();
      process.env[TEMPLATES[dialect]] = name;
      return drop;
    }),
  );
  return async () => {
    for (const drop of drops) await drop();
  };
}
