import { describe, expect, it } from 'vitest';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { type State, state, union } from '../moves/moves.ts';
import { type Deed, perform, possibleLosses } from '../random-files/drift.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import { Tally } from '../stage/tally.ts';

const family = state('family, by proxy', '{ authentik: { mode: proxy, groups: [family] } }', {
  groups: ['family'],
});

/**
 * Takes the mark from each such object of a home in turn, and applies the next file twice. Nobody new gets in, and the second run
 * does nothing.
 * @returns what the first runs left undone, with the reasons.
 */
async function leftBy(what: Deed['what'], before: State, after: State): Promise<string> {
  const moves = await EveryGateMoves.open(new Tally());
  const { sandbox } = moves;
  const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), ['family']);
  sandbox.restore(scene.snapshot);
  const left: string[] = [];
  for (const loss of possibleLosses(sandbox).filter((each) => each.what === what)) {
    sandbox.restore(scene.snapshot);
    const disk = await copyOf(scene.disk);
    const made = await perform(sandbox, loss);
    await moves.guard(union(before, after));
    const first = await moves.process(disk, moves.fileOf(after));
    const { writes } = await moves.process(disk, moves.fileOf(after));
    expect({ exposures: sandbox.exposures(), writes }, made).toEqual({ exposures: [], writes: 0 });
    left.push(...unfinished(first.report));
  }
  return left.join('\n');
}

describe('an object without our mark', () => {
  it('admits nobody by bindings that the file does not have: a login', async () => {
    // The login of before admits the member, at another origin.
    const left = await leftBy('take the mark from a login', family, gates.outpost);
    expect(left).toContain('it exists and is not marked as ours: `gates adopt` takes it over');
  });

  it('keeps what it uses, and no run covers the host again for that: a login', async () => {
    const left = await leftBy('take the mark from a login', gates.outpost, gates.edge);
    expect(left).toContain('provider-link:app-example-dev is not ours and still uses it');
  });

  it('is not made again while it has the client id: a client', async () => {
    const left = await leftBy('take the mark from a client', gates.itself, gates.itself);
    expect(left).toMatch(/theirs \d+ \(\d+\) \(not marked as ours\) exists in its place/);
  });

  it('keeps the token configuration that it names: a WAF rule', async () => {
    const left = await leftBy('take the mark from a rule of the zone', gates.edge, gates.public);
    expect(left).toContain('cloudflare/waf-rule:example.dev theirs is not ours and still uses it');
  });
});
