import { it } from 'vitest';
import { interrupted } from './side-by-side.ts';
import { misfortunes } from './trouble.ts';

it.each(misfortunes)(
  'new objects that are written side by side expose nobody where any one write goes wrong: %s',
  async (kind) => {
    const writes = await interrupted(kind, 6, 1);
    process.stdout.write(
      `side by side: ${writes} writes × ${kind}: converged, no duplicates, zero exposures\n`,
    );
  },
);
