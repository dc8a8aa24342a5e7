import { beforeAll, describe, expect, it, vi } from 'vitest';
import { proxyProvider } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { DoorStep } from '../../../src/core/objects/door.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home, proxied } from '../homes/authentik-home.ts';
import { host, Moves, type Scene, type State, state, union, unionOf } from '../moves/moves.ts';
import { copyOf } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

let moves: Moves;
const scenes = new Map<string, Scene>();

const first = 'family, by proxy';
const elsewhere = 'admins, by proxy, elsewhere';
const more = 'admins and family, by proxy, elsewhere';

const path = 'family, by proxy, with a path for me';
const pathElsewhere = 'admins, by proxy, elsewhere, with a path for ci';
const largerPath = 'family, by proxy, with a path for me and you';
const smallerPath = 'family, by proxy, elsewhere, with a path for me';
const family = ['{ authentik: { mode: proxy, groups: [family] } }', { groups: ['family'] }] as const;
const emails = (...admitted: string[]) =>
  [`{ cloudflare: { emails: [${admitted}] } }`, { emails: admitted }] as const;
/** The same people of the host, while fewer may enter a path. */
const narrowed: readonly State[] = [
  state(largerPath, ...family, { '/admin/**': emails('me@example.dev', 'you@example.dev') }),
  state(smallerPath, ...family, { '/admin/**': emails('me@example.dev') }, 'next'),
];

function named(name: string): State {
  const found = [...proxied, ...narrowed].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no state "${name}"`);
  return found;
}

beforeAll(async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  moves = new Moves(sandbox, home, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const start = sandbox.snapshot();
  for (const name of [first, elsewhere, more, path, largerPath]) {
    const scene = await moves.sceneOf(start, named(name));
    scenes.set(
      name,
      await moves.withMember(await moves.withMember(scene, ['admins'], 'ada'), ['family'], 'fay'),
    );
  }
});

/** Begins in one state, with the guards of a move to the other. */
async function begun(from: string, to: string): Promise<Scene> {
  const scene = scenes.get(from);
  if (scene === undefined) throw new Error(`no scene "${from}"`);
  moves.sandbox.restore(scene.snapshot);
  await moves.guard(union(named(from), named(to)));
  return { ...scene, disk: await copyOf(scene.disk) };
}

/** The people who reached an application at which neither file admits them. */
function exposed(): readonly string[] {
  const found = moves.sandbox.exposures().filter((exposure) => exposure.host === host);
  return [...new Set(found.map(({ principal }) => principal))].sort();
}

interface Row {
  readonly pk: unknown;
  readonly name: string;
  readonly external_host?: string;
}

async function listed(path: string): Promise<readonly Row[]> {
  const reply = await moves.byHand('GET', `/api/v3${path}`, undefined, 'authentik');
  return (reply as { readonly results: readonly Row[] }).results;
}

/** Leads the outpost to the other application. */
async function leadOn(): Promise<void> {
  const provider = (await listed('/providers/proxy/')).find((row) => row.external_host === `https://${host}`);
  const next = { mode: 'proxy', internal_host: 'http://next.lan' };
  await moves.byHand('PATCH', `/api/v3/providers/proxy/${provider?.pk}/`, next, 'authentik');
}

/** Binds the admins too. */
async function admitAdmins(): Promise<void> {
  const applications = await listed('/core/applications/?superuser_full_list=true');
  const target = applications.find(({ name }) => name === 'app-example-dev')?.pk;
  const group = (await listed('/core/groups/')).find(({ name }) => name === 'admins')?.pk;
  await moves.byHand('POST', '/api/v3/policies/bindings/', { target, group, order: 9 }, 'authentik');
}

describe('a person who gives a gate of mode proxy another application', () => {
  it('shows the new people the old application if they are admitted first', async () => {
    await begun(first, more);
    await admitAdmins();
    expect(exposed()).toEqual(['person ada']);
    await moves.admin('DELETE', '/exposures');
    await leadOn();
    expect(exposed()).toEqual([]);
  });

  it('shows nobody anything if the application comes first', async () => {
    await begun(first, more);
    await leadOn();
    await admitAdmins();
    expect(exposed()).toEqual([]);
  });

  it('shows the people of before the new application if they stay', async () => {
    await begun(first, elsewhere);
    await leadOn();
    expect(exposed()).toEqual(['person fay']);
  });
});

/** The people exposed by a run from one state to the other. `step`: the step at which the application changes, a mistake. */
async function exposedByRun(
  [from, to]: readonly [string, string],
  interlocked: boolean,
  step?: DoorStep,
): Promise<readonly string[]> {
  const { disk } = await begun(from, to);
  if (step !== undefined)
    vi.spyOn(proxyProvider, 'doors').mockImplementation((want, have) => [
      { host: String(want?.hosts[0] ?? have?.spec.hosts[0]), step },
    ]);
  const { report } = await runProcess(
    moves.sandbox,
    disk,
    home(named(to)),
    undefined,
    undefined,
    undefined,
    interlocked,
  );
  vi.restoreAllMocks();
  if (step === undefined) expect(unfinished(report)).toEqual([]);
  return exposed();
}

describe('a run that gives a gate of mode proxy another application', () => {
  it.each([
    [first, elsewhere],
    [first, more],
    [more, first],
    [path, pathElsewhere],
    [largerPath, smallerPath],
  ])('lets nobody in by the order of its plan alone: %s → %s', async (...move) => {
    expect(await exposedByRun(move, false)).toEqual([]);
  });

  it.each<{ readonly because: string; readonly move: [string, string]; readonly step: DoorStep }>([
    {
      because: 'the new people come before it',
      move: [first, more],
      step: 'confirm',
    },
    {
      because: 'the old people go after it',
      move: [more, first],
      step: 'close',
    },
    { because: 'others come before it', move: [first, elsewhere], step: 'confirm' },
    { because: 'it comes without a cover', move: [first, elsewhere], step: 'guard' },
    { because: 'the old people of a path go after it', move: [largerPath, smallerPath], step: 'close' },
  ])(
    'would expose it in another order, from which the interlock protects: $because',
    async ({ move, step }) => {
      expect(await exposedByRun(move, false, step)).not.toEqual([]);
      expect(await exposedByRun(move, true, step)).toEqual([]);
    },
  );

  it('locks out the people of a gate at Access that an interrupted run left in front of it', async () => {
    const { disk } = await begun(elsewhere, first);
    await moves.guard(unionOf([named(elsewhere), named('me, elsewhere'), named(first)]));
    const stopped = { write: 3, kind: 'kill' } as const;
    await runProcess(moves.sandbox, disk, home(named('me, elsewhere')), stopped);
    const { report } = await runProcess(moves.sandbox, disk, home(named(first)));
    expect(unfinished(report)).toEqual([]);
    expect(exposed()).toEqual([]);
  });
});
