import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reconcilers } from '../../../reconcilers/index.ts';
import { isPending, type ReadyChange } from '../../../src/core/change.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import { createSandbox, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { isSafe } from '../../../src/report/rehearsal/rehearsal.ts';
import { formatRehearsal } from '../../../src/report/rehearsal/rehearsal-text.ts';
import { home } from '../../e2e/whole/home.ts';
import { contentsOf, copyOf, type Disk } from '../../scenarios/stage/disk.ts';
import { askAdmin } from '../../scenarios/stage/hand.ts';
import { unfinished } from '../../scenarios/stage/stage.ts';
import { Live } from './live.ts';

const after = home('/var/lib/gates/delivered');
const before = after.replace(
  '{ authentik: { mode: forwardAuth, groups: [admins] } }',
  '{ cloudflare: { emails: [me@example.dev] } }',
);
const grafana = 'grafana.example.dev';

let live: Live;
let applied: { readonly snapshot: Snapshot; readonly disk: Disk };

const newSandbox = () => createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });

/** Grafana is behind Access, and its file moves it behind Authentik. */
beforeAll(async () => {
  const sandbox = await newSandbox();
  const first = new Live(sandbox);
  await askAdmin(sandbox, 'PUT', '/origins', {
    url: 'http://traefik.lan:80',
    kind: 'traefik',
    forwardAuth: 'all',
  });
  const { mistakes, outcomes, interferences } = await first.apply(before);
  expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(unfinished({ mistakes, outcomes, interferences })).toEqual([]);
  applied = { snapshot: sandbox.snapshot(), disk: first.disk };
});

beforeEach(async () => {
  const sandbox = await newSandbox();
  sandbox.restore(applied.snapshot);
  live = new Live(sandbox, await copyOf(applied.disk));
});

describe('the rehearsal of a plan', () => {
  it('finds it safe when nobody gets in, whatever goes wrong and whatever the origin does', async () => {
    const reports: string[] = [];
    const onTrial = (done: number, all: number) => reports.push(`${done}/${all}`);
    const rehearsal = await live.rehearse(after, { most: 12, onTrial });
    expect(rehearsal).toMatchObject({ holes: [], unfinished: [], standing: [], unplayed: [], tried: 12 });
    expect(isSafe(rehearsal)).toBe(true);
    const { possible, writes, reads, judged } = rehearsal;
    expect(possible).toBe((writes * 5 + reads + 20) * 2);
    expect(rehearsal.originsTried).toBe('asking and not asking');
    expect(judged).toBeGreaterThan(20);
    expect([reports[0], reports.at(-1)]).toEqual(['1/12', '12/12']);
  });

  it('knows where Authentik answers by the file, before any outpost names the host', async () => {
    const moved = after.replace('host: auth.example.dev', 'host: login.example.dev');
    const sandbox = await newSandbox();
    const { unfinished: left, writes } = await new Live(sandbox).rehearse(moved, { most: 2 });
    expect(left).toEqual([]);
    expect(writes).toBeGreaterThan(20);
  });

  it('leaves nothing behind, on the systems and on this machine', async () => {
    const [world, disk] = [live.sandbox.snapshot(), contentsOf(live.disk)];
    await live.rehearse(after, { most: 4 });
    const written = live.sandbox.calls().filter(({ write }) => write).length;
    expect(written).toBe(JSON.parse(world).calls.filter(({ write }: { write: boolean }) => write).length);
    expect(contentsOf(live.disk)).toBe(disk);
    const { plan } = await live.apply(after);
    expect(plan?.changes.filter(isPending).length).toBeGreaterThan(5);
  });

  it('tries the same with the same seed, and a part of a long list', async () => {
    const [first, again] = [await live.rehearse(after, { most: 4 }), await live.rehearse(after, { most: 4 })];
    expect(again).toEqual(first);
    expect(first.tried).toBe(4);
    expect(first.possible).toBeGreaterThan(20);
  });

  it('ends early on request, after at least one try, and says how many it made', async () => {
    let asked = 0;
    const goesOn = () => {
      asked += 1;
      return asked < 3;
    };
    expect(await live.rehearse(after, { most: 20, goesOn })).toMatchObject({ tried: 3 });
    expect(await live.rehearse(after, { most: 20, goesOn: () => false })).toMatchObject({ tried: 1 });
  });

  it('shows what --unverified would cost', async () => {
    const rehearsal = await live.rehearse(after, { unverified: [grafana], most: 1 });
    expect(rehearsal.holes).toContainEqual(
      expect.objectContaining({ host: grafana, path: '/', principal: 'anonymous', origins: 'do not ask' }),
    );
    expect(rehearsal.holes.filter(({ host, origins }) => host !== grafana || origins === 'ask')).toEqual([]);
    expect(isSafe(rehearsal)).toBe(false);
  });

  it('finds a check that accepts everything', async () => {
    const kinds = changed('edge/proof', { write: async (changes) => changes.map(believed) });
    const { holes } = await live.rehearse(after, { kinds, most: 1 });
    expect(holes.map(({ host }) => host)).toContain(grafana);
  });

  it('finds the changes that a run after a trouble leaves undone', async () => {
    const { write } = kindOf('authentik/application');
    let passes = 0;
    const broken: AnyReconciler['write'] = async (changes, world) => {
      passes += 1;
      // The first two runs are undisturbed: one with origins that ask, one with origins that do not.
      if (passes > 2) throw new TypeError('never again');
      return (await write?.(changes, world)) ?? [];
    };
    const kinds = changed('authentik/application', { write: broken });
    const rehearsal = await live.rehearse(after, { kinds, most: 1 });
    expect(rehearsal.unfinished.map(({ change }) => change)).toContain(
      'create authentik/application grafana-example-dev',
    );
    expect(isSafe(rehearsal)).toBe(false);
  });

  it.each([
    { path: '^/(?i:admin)', known: true },
    { path: '^/[[:alpha:]]+$', known: true },
    { path: '(?P<n>a)(?P<n>b)', known: false },
  ])('with the foreign path $path of another host proves safety: $known', async ({ path, known }) => {
    addForeignRule(live.sandbox, { hostname: 'foreign.example.dev', path, service: 'http://foreign.lan' });
    const rehearsal = await live.rehearse(after, { most: 1 });
    expect(rehearsal.holes).toEqual([]);
    expect(rehearsal.unread).toEqual(known ? [] : [expect.stringContaining('would not take its rules back')]);
    expect(isSafe(rehearsal)).toBe(known);
    expect(formatRehearsal(rehearsal, { color: false, width: 200 }).includes('Nobody gets through')).toBe(
      known,
    );
  });

  it.each([
    { path: '^/(api|secret)$', isKnown: true },
    { path: String.raw`[^\s]\bx`, isKnown: false },
  ])(
    'with the foreign path $path of its host proves that nobody gets through: $isKnown',
    async ({ path, isKnown }) => {
      addForeignRule(live.sandbox, { hostname: '*.example.dev', path, service: 'http://foreign.lan' });
      const rehearsal = await live.rehearse(after, { most: 1 });
      expect(rehearsal.holes).toEqual([]);
      expect(rehearsal.unread).toEqual(isKnown ? [] : [expect.stringContaining('no path is known')]);
      expect(isSafe(rehearsal)).toBe(isKnown);
      const text = formatRehearsal(rehearsal, { color: false, width: 200 });
      expect(text.includes('Nobody gets through')).toBe(isKnown);
      expect(text.includes(`not in the copy: ${rehearsal.unread[0]}`)).toBe(!isKnown);
      expect(text.includes('Not known who gets through')).toBe(!isKnown);
    },
  );

  it('says nothing if the copy leads to another plan', async () => {
    const other = live.rehearse(after, { forget: (path) => path.includes('/dns_records') });
    await expect(other).rejects.toMatchObject({
      name: 'UnsafeError',
      message: 'The copy leads to another plan, so that a rehearsal there would say nothing',
    });
  });
});

/** Adds a rule past the API, which would reject an expression that only the real cloudflared can compile. */
function addForeignRule(sandbox: Sandbox, rule: object): void {
  const world = JSON.parse(sandbox.snapshot()) as {
    tunnels: { versions: { config: { ingress: object[] } }[] }[];
  };
  for (const { versions } of world.tunnels) versions.at(-1)?.config.ingress.unshift(rule);
  sandbox.restore(JSON.stringify(world));
}

function believed({ id, address }: ReadyChange<unknown>): Outcome {
  return { change: id, address, status: 'done' };
}

function kindOf(kind: string): AnyReconciler {
  const found = reconcilers.find((reconciler) => reconciler.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}

function changed(kind: string, members: Partial<AnyReconciler>): readonly AnyReconciler[] {
  const one = kindOf(kind);
  return reconcilers.map((reconciler) => (reconciler === one ? { ...one, ...members } : reconciler));
}
