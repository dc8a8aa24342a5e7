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
    (before): Start => ({ before, others: states.filter((one) => one !== before), from: before.name }),
  ),
);

/**
 * From each gate to each other one, and from each state to each that differs from it in whom the gate admits, the origin or
 * the tunnel. Each with an outage of Authentik, of the probe, and of each list; of the lists of a change that closes nothing,
 * a fifth.
 */
describe('a host that is open and guarded stays open while something is away', () => {
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
