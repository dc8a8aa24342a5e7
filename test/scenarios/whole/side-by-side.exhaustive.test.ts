import { it } from 'vitest';
import { inTurn, isUncut } from '../stage/cut.ts';
import { misfortunes } from '../stage/trouble.ts';
import { interrupted } from './side-by-side.ts';

/** The step between interruptions: a check interrupts every fourth write, `GATES_MOVES=uncut` all of them. */
const step = isUncut ? 1 : 4;

it.each(inTurn(misfortunes))(
  'new objects that are written in parallel expose nobody if any one write fails: %s',
  async (kind) => {
    const writes = await interrupted(kind, 6, step);
    process.stdout.write(
      `side by side: ${Math.ceil(writes / step)} of ${writes} writes × ${kind}: converged, no duplicates, zero exposures\n`,
    );
  },
);
