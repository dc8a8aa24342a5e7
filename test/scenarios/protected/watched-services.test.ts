import { describe, expect, it } from 'vitest';
import { addressId } from '../../../src/core/objects/address.ts';
import { formatPlan } from '../../../src/report/plan/plan-text.ts';
import { EveryGateMoves, everyGateHome, gates } from '../homes/every-gate-home.ts';
import type { State } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { type Pass, unfinished } from '../stage/stage.ts';
import { Tally } from '../stage/tally.ts';

const watching = ({ service }: State) =>
  everyGateHome({ service: service?.replace('    gate:', '    manage: report\n    gate:') });
const moves = await EveryGateMoves.open(new Tally());
const first = moves.sandbox.snapshot();
const { none: _, ...built } = gates;

/** The changed objects, without those of gates' own probe, which no managed host may need any more. */
function changed({ report }: Pass): readonly string[] {
  const changes = report?.plan?.changes.filter(({ verb }) => !['keep', 'verify'].includes(verb)) ?? [];
  return changes.map(({ address }) => addressId(address)).filter((id) => !id.endsWith(':probe'));
}

describe('a service that gates only watches', () => {
  it.each(Object.values(built))('stays as it is, and agrees with its file: $name', async (gate) => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    await moves.process(disk, everyGateHome(gate));
    await moves.guard(gate.guards);
    const pass = await moves.process(disk, watching(gate));
    expect(changed(pass)).toEqual([]);
    expect(unfinished(pass.report)).toEqual([]);
    expect(pass.report?.plan?.watched).toEqual([
      { service: 'app', host: 'app.example.dev', differences: [] },
    ]);
    expect(await moves.judgedBy(gate.guards)).toEqual([]);
    expect(changed(await moves.process(disk, everyGateHome(gate))), 'managed again').toEqual([]);
  });

  it.each([
    { live: gates.people, file: gates.machines },
    { live: gates.outpost, file: gates.people },
    { live: gates.groups, file: gates.domain },
    { live: gates.edge, file: gates.public },
  ])(
    'is reported, not changed, when its file says something else: $live.name, $file.name',
    async ({ live, file }) => {
      moves.sandbox.restore(first);
      const disk = newDisk();
      await moves.process(disk, everyGateHome(live));
      await moves.guard(live.guards);
      const pass = await moves.process(disk, watching(file));
      expect(changed(pass)).toEqual([]);
      expect(pass.report?.plan?.watched?.[0]?.differences.length).toBeGreaterThan(0);
      expect(await moves.judgedBy(live.guards)).toEqual([]);
    },
  );

  it('is not opened, and the plan says what is missing and what differs', async () => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    const { report } = await moves.process(disk, watching(gates.people));
    const { plan } = report ?? {};
    expect(plan?.watched?.[0]?.differences.map(({ state }) => state)).toContain('missing');
    expect(plan?.changes.some(({ because }) => because?.startsWith('services.app') === true)).toBe(false);
    await moves.process(disk, everyGateHome(gates.people));
    const other = watching(gates.people).replace('me@example.dev', 'you@example.dev');
    const later = (await moves.process(disk, other)).report?.plan;
    const form = { color: false, kinds: [], width: 100, doors: [], verbose: false };
    expect(
      later === undefined ? '' : formatPlan(later, form),
    ).toContain(`Watched: gates reports and changes nothing
  ! services.app  app.example.dev
      cloudflare/access-policy app.example.dev differs
`);
  });
});
