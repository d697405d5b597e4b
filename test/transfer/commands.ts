import { runParley } from '../support/parley.ts';
import type { Line } from '../support/seed.ts';

/** Lines as a file has them. */
export const asFile = (lines: readonly (Line | string)[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

/** The commands on one database. */
export function commandsOn(database: string) {
  const env = { PARLEY_DATABASE: database };
  return {
    /** `import -`, of these lines. */
    take: (lines: readonly (Line | string)[]) => runParley(['import', '-'], { env, stdin: asFile(lines) }),
    takeFiles: (...files: string[]) => runParley(['import', ...files], { env }),
    check: () => runParley(['check'], { env }),
    async exported(): Promise<string> {
      const { code, stdout, stderr } = await runParley(['export'], { env });
      if (code !== 0) throw new Error(stderr);
      return stdout;
    },
    /** The values of the export's lines of one kind. */
    async values(kind: string): Promise<Record<string, unknown>[]> {
      const lines = (await this.exported()).split('\n').filter((line) => line !== '');
      return lines
        .map((line) => JSON.parse(line))
        .filter((line) => line.kind === kind)
        .map(({ value }) => value);
    },
  };
}
