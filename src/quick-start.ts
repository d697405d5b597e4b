import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Makes what is imported from here on load faster. Node keeps what it has compiled, and reads drizzle-orm's package.json once for
 * each of its entries: it would parse all 180 KB anew for every import of its 150 files and ours, 1 s of work and 280 MB.
 */
export function startQuickly(): void {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/parley', import.meta.url)));
  const entries = new Map<string, module.ResolveFnOutput>();
  module.registerHooks({
    resolve(specifier, context, next) {
      if (!context.conditions.includes('import')) return next(specifier, context);
      if (/^drizzle-orm\b/.test(specifier)) {
        const found = entries.get(specifier) ?? next(specifier, context);
        entries.set(specifier, found);
        return { ...found, shortCircuit: true };
      }
      const inside = context.parentURL?.includes('/node_modules/drizzle-orm/') && specifier.startsWith('.');
      if (!inside) return next(specifier, context);
      return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
    },
  });
}
