import { it } from 'vitest';
import { inTurn, isUncut } from '../stage/cut.ts';
import { misfortunes } from '../stage/trouble.ts';
import { interrupted } from './side-by-side.ts';

/** A check interrupts every fourth write; `GATES_MOVES=uncut` all of them. */
const step = isUncut ? 1 : 4;

it.each(inTurn(misfortunes))(
  'new objects that are written side by side expose nobody where any one write goes wrong: %s',
  async (kind) => {
    const writes = await interrupted(kind, 6, step);
    process.stdout.write(
      `side by side: ${Math.ceil(writes / step)} of ${writes} writes × ${kind}: converged, no duplicates, zero exposures\n`,
    );
  },
);
