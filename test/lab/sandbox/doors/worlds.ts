import fc from 'fast-check';
import { createSandbox, parseLag, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { isWorld, type World } from '../../../../src/lab/sandbox/state/world.ts';
import { everyGateHome, gates } from '../../../scenarios/homes/every-gate-home.ts';
import { type Deed, deed, perform } from '../../../scenarios/random-files/drift.ts';
import { emptyFile, hosts, revised, revision } from '../../../scenarios/random-files/file.ts';
import { textOf } from '../../../scenarios/random-files/file-text.ts';
import { neighbours, settle } from '../../../scenarios/random-files/neighbours.ts';
import { type Disturbance, disturbance } from '../../../scenarios/random-files/trouble.ts';
import { newDisk } from '../../../scenarios/stage/disk.ts';
import { askAdmin } from '../../../scenarios/stage/hand.ts';
import { runProcess } from '../../../scenarios/stage/stage.ts';
import { type Addition, add, addition } from './additions.ts';

/** A world after a run, a fault or a change by hand, and its last applied file. */
export interface FoundWorld {
  readonly world: World;
  readonly file: string;
  readonly story: readonly string[];
}

/** The gates of API Shield and the daemon appear more often here, since random files never have them. */
const states = [...Object.values(gates), gates.edge, gates.edge, gates.edge, gates.origin];

/** The events of one sandbox. */
const course = fc.record({
  neighbours,
  lag: fc.constantFrom('none', '5000', 'random'),
  plan: fc.constantFrom('free', 'enterprise'),
  trustForwarded: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  requiresAccess: fc.oneof(
    { weight: 6, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  deaf: fc.subarray([...hosts], { maxLength: 4 }),
  files: fc.array(
    fc.record({
      revision,
      gate: fc.constantFrom(...states),
      disturbance: fc.option(disturbance, { freq: 2 }),
      deeds: fc.array(deed, { maxLength: 3 }),
      additions: fc.array(addition, { minLength: 1, maxLength: 5 }),
      wait: fc.constantFrom(0, 0, 0, 3_000, 40_000),
      killedAt: fc.integer({ min: 1, max: 25 }),
    }),
    { minLength: 2, maxLength: 2 },
  ),
});

/** The six worlds of one course: after each of two runs, after changes by hand then, and after a killed run. */
export async function worldsOf(seed: number): Promise<readonly FoundWorld[]> {
  const [drawn] = fc.sample(course, { seed, numRuns: 1 });
  if (drawn === undefined) return [];
  const { lag, plan, trustForwarded, requiresAccess, deaf, files, neighbours: near } = drawn;
  const sandbox = await createSandbox({
    zones: ['example.dev'],
    plan,
    cache: true,
    callBudget: 100_000_000,
    ...(requiresAccess && { organization: { deny_unmatched_requests: true } }),
  });
  await settle(sandbox, near);
  const asked = hosts.filter((host) => !deaf.includes(host));
  const origin = { kind: 'traefik', trustForwarded, forwardAuth: [...asked, 'app.example.dev'] };
  await askAdmin(sandbox, 'PUT', '/origins', { url: 'http://traefik.lan:80', ...origin });
  const lags = parseLag(lag === 'none' ? 'revocations=0' : `${lag},seed=${seed}`);
  const disk = newDisk();
  const found: FoundWorld[] = [];
  let random = emptyFile;
  for (const { revision: change, gate, disturbance: trouble, deeds, additions, wait, killedAt } of files) {
    random = revised(random, change);
    const file = plan === 'free' ? textOf(random) : everyGateHome(gate);
    const story = [`seed ${seed}`, lag, plan, JSON.stringify(trouble), file];
    await disturbed(sandbox, trouble ?? undefined, async (misfortune) => {
      await runProcess(sandbox, disk, file, misfortune, undefined, lags);
    });
    found.push({ world: stateOf(sandbox), file, story: [...story] });
    story.push(...(await people(sandbox, { deeds, additions })));
    await sandbox.advance(wait);
    found.push({ world: stateOf(sandbox), file, story: [...story] });
    await runProcess(sandbox, disk, file, { write: killedAt, kind: 'kill' }, undefined, lags);
    found.push({ world: stateOf(sandbox), file, story: [...story, `killed at write ${killedAt}`] });
  }
  return found;
}

async function disturbed(
  sandbox: Sandbox,
  trouble: Disturbance | undefined,
  run: (misfortune: Disturbance['misfortune']) => Promise<void>,
): Promise<void> {
  for (const fault of trouble?.faults ?? []) await askAdmin(sandbox, 'POST', '/faults', fault);
  await run(trouble?.misfortune);
  await askAdmin(sandbox, 'DELETE', '/faults');
}

async function people(
  sandbox: Sandbox,
  { deeds, additions }: { readonly deeds: readonly Deed[]; readonly additions: readonly Addition[] },
): Promise<readonly string[]> {
  const story: string[] = [];
  for (const each of deeds) story.push(await perform(sandbox, each));
  for (const each of additions) story.push(await add(sandbox, each));
  return story;
}

function stateOf(sandbox: Sandbox): World {
  const world: unknown = JSON.parse(sandbox.snapshot());
  if (!isWorld(world)) throw new TypeError('the sandbox has no world');
  return { ...world, calls: [], audit: [], past: [], faults: [], exposures: [] };
}
