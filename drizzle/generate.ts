// Writes the migrations of both databases for what has changed in the tables: npm run migrations -- <name>
import { execFileSync } from 'node:child_process';

const [name] = process.argv.slice(2);
if (!name) {
  console.error('A migration needs a name, as in: npm run migrations -- add_nicknames');
  process.exit(1);
}
for (const database of ['sqlite', 'postgres']) {
  const args = ['generate', '--config', `drizzle/${database}.json`, '--name', name];
  execFileSync('drizzle-kit', args, { stdio: 'inherit' });
}
