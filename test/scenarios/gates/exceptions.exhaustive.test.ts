import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { type Admitted, host, type Inside, Moves, type State, state, union } from '../moves/moves.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';

const open: readonly [string, Admitted] = ['{ public: { reason: open } }', { public: true }];
const mine: readonly [string, Admitted] = [
  '{ cloudflare: { emails: [me@example.dev] } }',
  { emails: ['me@example.dev'] },
];
const family = (inside: Inside) =>
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

describe('an exact path with a gate of its own', () => {
  const you: readonly [string, Admitted] = [
    '{ cloudflare: { emails: [you@example.dev] } }',
    { emails: ['you@example.dev'] },
  ];
  const ci: readonly [string, Admitted] = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }];

  /** A host for you, with `exact` at /admin/status and `around` at /admin/**. Whatever a slash follows is around it. */
  const nested = (exact: typeof you, around?: typeof you): State => {
    const { service = '', guards, ...base } = state('nested', ...you, around && { '/admin/**': around });
    const inside = [...(around ? [] : ['    paths:']), `      /admin/status: ${exact[0]}`];
    const beside = { host, path: '/admin/status/', admit: (around ?? you)[1] };
    const own = { host, path: '/admin/status', admit: exact[1] };
    return { ...base, service: [service, ...inside].join('\n'), guards: [...guards, own, beside] };
  };

  it.each([
    { name: 'gets a gate around it', from: nested(mine), to: nested(mine, you) },
    { name: 'loses the gate around it', from: nested(mine, mine), to: nested(mine) },
    { name: 'gets another gate, and a public path around it', from: nested(mine), to: nested(ci, open) },
  ])('$name in one run, and nobody new gets in beside it', async ({ from, to }) => {
    const moves = new Moves(await createSandbox({ zones: ['example.dev'] }), home);
    await moves.sendThroughOutpost(behind);
    const { disk } = await moves.sceneOf(moves.sandbox.snapshot(), from);
    await moves.guard(union(from, to));
    const { report } = await runProcess(moves.sandbox, disk, home(to));
    expect(report?.plan).toBeDefined();
    expect(unfinished(report)).toEqual([]);
    const again = await runProcess(moves.sandbox, disk, home(to));
    expect([again.report?.plan?.changes.filter(isPending), again.writes]).toEqual([[], 0]);
    expect(moves.sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy(to.guards)).toEqual([]);
  });
});

describe('a host that leaves its gate of Access to the application, which has an exact path of Access', () => {
  const you: Admitted = { emails: ['you@example.dev'] };
  const paths = ['    paths:', '      /admin/status: { cloudflare: { emails: [you@example.dev] } }'];
  const asked = state('me', ...mine);
  const itself = state(
    'itself',
    '{ authentik: { mode: oidc, client: app } }',
    { public: true },
    {},
    'traefik',
  );
  const plain: State = {
    ...asked,
    guards: [...asked.guards, { host, path: '/admin/status', admit: mine[1] }],
  };
  const divided = ({ service = '', guards, ...base }: State): State => ({
    ...base,
    service: [service, ...paths].join('\n'),
    guards: [...guards, { host, path: '/admin/status', admit: you }],
  });
  const to = divided(itself);

  async function opened(): Promise<Moves> {
    const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 }), home);
    await moves.sendThroughOutpost(behind);
    return moves;
  }

  /** Applies the file once more, which does what is left, and then nothing. */
  async function finishes(moves: Moves, disk: Disk, when: unknown, file = home(to)): Promise<Pass['report']> {
    const { report } = await runProcess(moves.sandbox, disk, file);
    expect([when, report?.plan === undefined, unfinished(report)]).toEqual([when, false, []]);
    expect([when, (await runProcess(moves.sandbox, disk, file)).writes]).toEqual([when, 0]);
    expect([when, moves.sandbox.exposures()]).toEqual([when, []]);
    expect([when, await moves.judgedBy(to.guards)]).toEqual([when, []]);
    return report;
  }

  it('is opened, wherever a run was killed between the applications', async () => {
    const moves = await opened();
    const { disk, snapshot } = await moves.sceneOf(moves.sandbox.snapshot(), plain);
    const { sorts } = await runProcess(moves.sandbox, await copyOf(disk), home(to));
    const writes = sorts.flatMap((sort, index) => (sort.includes('/access/apps') ? [index + 1] : []));
    expect(writes.length).toBeGreaterThan(3);
    // The application takes what lies below the path, then the path gets its own, then the first one becomes the cover.
    for (const write of writes.slice(0, 3)) {
      moves.sandbox.restore(snapshot);
      await moves.guard(union(plain, to));
      const own = await copyOf(disk);
      await runProcess(moves.sandbox, own, home(to), { write, kind: 'kill' });
      await finishes(moves, own, `${write} ${sorts[write - 1]}`);
    }
  });

  it('is opened where somebody took from its application what lies below the path', async () => {
    const before = divided(asked);
    const moves = await opened();
    const { disk } = await moves.sceneOf(moves.sandbox.snapshot(), before);
    const apps = `/accounts/${moves.sandbox.accountId}/access/apps`;
    const { result } = (await moves.byHand('GET', apps, undefined)) as {
      readonly result: readonly { readonly id: string; readonly name: string }[];
    };
    const outer = result.find(({ name }) => name === host);
    await moves.byHand('PUT', `${apps}/${outer?.id}`, {
      ...outer,
      destinations: [{ type: 'public', uri: host }],
    });
    await moves.guard(union(before, to));
    const another = '      /open: { cloudflare: { emails: [you@example.dev] } }';
    const file = home({ ...to, service: [to.service, another].join('\n') });
    const report = await finishes(moves, disk, 'changed by hand', file);
    // The cover admits the probe alone, so it closes the host, and takes what lies below the new path at once.
    const steps = report?.plan?.changes.filter(
      ({ id }) => id.includes(`access-application:${host} `) || id.startsWith('cover '),
    );
    expect(steps?.map(({ id, interim }) => [id.split(' ')[0], interim])).toEqual([['cover', host]]);
  });
});
