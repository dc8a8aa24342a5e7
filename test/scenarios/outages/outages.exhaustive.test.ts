import { describe, expect, it } from 'vitest';
import { changes, guardedGates, OutageHome, outagesOf } from '../homes/outage-home.ts';
import type { State } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('outages at hosts that are open');

interface Start {
  readonly before: State;
  readonly others: readonly State[];
  readonly from: string;
}

const starts = [guardedGates, changes].flatMap((states) =>
  states.map(
    (before): Start => ({ before, others: states.filter((item) => item !== before), from: before.name }),
  ),
);

/**
 * Moves from each gate to each other one, and between states that differ in the people, the origin or the tunnel, with
 * an outage of Authentik, of the probe, and of each list; for changes that close nothing, of a fifth of the lists.
 */
describe('an open, guarded host stays open during an outage', () => {
  it.each(inTurn(starts))('from: $from', async ({ before, others }) => {
    const home = await OutageHome.open(before, tally);
    let played = 0;
    for (const after of others) {
      const undisturbed = await home.undisturbed(after);
      const closes = undisturbed.pass.report?.plan?.changes.some(({ interim }) => interim !== undefined);
      for (const [index, { name, trouble }] of outagesOf(undisturbed.pass).entries()) {
        if (closes !== true && 'read' in trouble && index % 5 !== played % 5) continue;
        await home.disturb(undisturbed, trouble, `${before.name} → ${after.name}, ${name}`);
      }
      played += 1;
    }
    expect(played).toBe(others.length);
  });
});
