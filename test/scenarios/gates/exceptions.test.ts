import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { type Admitted, Moves, state, union } from '../moves/moves.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const open: readonly [string, Admitted] = ['{ public: { reason: open } }', { public: true }];
const mine: readonly [string, Admitted] = [
  '{ cloudflare: { emails: [me@example.dev] } }',
  { emails: ['me@example.dev'] },
];
const family = (inside: object) =>
  state(
    'family',
    '{ authentik: { mode: forwardAuth, groups: [family] } }',
    { groups: ['family'] },
    inside,
    'traefik',
  );

describe('a path inside a host that Authentik guards', () => {
  it.each([
    { name: 'from Access to everybody', before: { '/open/**': mine }, after: { '/open/**': open } },
    { name: 'from everybody to Access', before: { '/open/**': open }, after: { '/open/**': mine } },
    { name: 'from Access to the gate of the host', before: { '/open/**': mine }, after: {} },
    { name: 'from everybody to the gate of the host', before: { '/open/**': open }, after: {} },
    { name: 'from the gate of the host to Access', before: {}, after: { '/open/**': mine } },
  ])('changes $name in one run', async ({ before, after }) => {
    const [from, to] = [family(before), family(after)];
    const moves = new Moves(await createSandbox({ zones: ['example.dev'] }), home);
    await moves.sendThroughOutpost(behind);
    const { disk } = await moves.sceneOf(moves.sandbox.snapshot(), from);
    await moves.guard(union(from, to));
    const { report } = await runProcess(moves.sandbox, disk, home(to));
    expect(unfinished(report)).toEqual([]);
    const again = await runProcess(moves.sandbox, disk, home(to));
    expect(again.report?.plan?.changes.filter(isPending)).toEqual([]);
    expect(moves.sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy(to.guards)).toEqual([]);
  });
});
