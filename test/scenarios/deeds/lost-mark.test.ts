import { describe, expect, it } from 'vitest';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { type State, state, union } from '../moves/moves.ts';
import { copyOf } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';
import { Tally } from '../stage/tally.ts';

// biome-ignore lint/suspicious/noExplicitAny: the state of a sandbox is none of the product's types
type World = any;
type Edit = {
  readonly system: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
};

/** Somebody makes an edit in a home with the first state, and gates applies the second state twice. */
async function playLoss(before: State, after: State, edit: (world: World) => Edit) {
  const moves = await EveryGateMoves.open(new Tally());
  const { sandbox } = moves;
  const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), ['family']);
  sandbox.restore(scene.snapshot);
  const disk = await copyOf(scene.disk);
  await askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', ...edit(JSON.parse(sandbox.snapshot())) });
  await moves.guard(union(before, after));
  const first = await moves.process(disk, moves.fileOf(after));
  const again = await moves.process(disk, moves.fileOf(after));
  return {
    said: unfinished(first.report).join('\n'),
    exposures: sandbox.exposures(),
    writes: again.writes,
  };
}

const inAuthentik = (path: string, body: unknown): Edit => ({
  system: 'authentik',
  method: 'PATCH',
  path: `/api/v3${path}`,
  body,
});
const family = state('family, by proxy', '{ authentik: { mode: proxy, groups: [family] } }', {
  groups: ['family'],
});
const loginLosesMark = () => inAuthentik('/core/applications/app-example-dev/', { meta_publisher: '' });

describe('an object that lost our mark', () => {
  it('admits nobody by bindings that the file does not have: a login', async () => {
    // The login of before admits the member at another origin.
    const { said, ...found } = await playLoss(family, gates.outpost, loginLosesMark);
    expect(found).toEqual({ exposures: [], writes: 0 });
    expect(said).toContain('it exists and is not marked as ours: `gates adopt` takes it over');
  });

  it('keeps what it uses, and no run covers the host again for that: a login', async () => {
    const { said, ...found } = await playLoss(gates.outpost, gates.edge, loginLosesMark);
    expect(found).toEqual({ exposures: [], writes: 0 });
    expect(said).toContain('provider-link:app-example-dev is not ours and still uses it');
  });

  it('is not made again while it has the client id: a client', async () => {
    const { said, ...found } = await playLoss(gates.itself, gates.itself, ({ authentik }) => {
      const client = authentik.providers.find(({ name }: World) => name === 'gates:home/app');
      return inAuthentik(`/providers/oauth2/${client.pk}/`, { name: 'App' });
    });
    expect(found).toEqual({ exposures: [], writes: 0 });
    expect(said).toMatch(/App \(\d+\) \(not marked as ours\) exists in its place/);
  });

  it('keeps the token configuration that it names: a WAF rule', async () => {
    const { said, ...found } = await playLoss(gates.edge, gates.public, ({ rulesets, zones }) => {
      const [{ id, rules }] = rulesets;
      const { version, last_updated, ...rule } = rules.find(
        ({ ref }: World) => ref === 'gates_home_audience',
      );
      const path = `/zones/${zones[0].id}/rulesets/${id}/rules/${rule.id}`;
      return { system: 'cloudflare', method: 'PATCH', path, body: { ...rule, ref: 'theirs' } };
    });
    expect(found).toEqual({ exposures: [], writes: 0 });
    expect(said).toContain('cloudflare/waf-rule:example.dev theirs is not ours and still uses it');
  });
});
