import { describe, expect, it, vi } from 'vitest';
import { authentik, plain } from '../scenarios/homes/authentik-home.ts';
import { type State, state } from '../scenarios/moves/moves.ts';
import type { Trial } from './trial.ts';

// The files before this one may have loaded modules that know nothing of the mutants (`isolate` in vitest.config.ts).
vi.resetModules();
const { Court } = await import('./trial.ts');

/** The mutants that act now; none at first, and none while a move is checked without them. */
const planted = vi.hoisted(() => ({ mutants: [] as readonly string[] }));

vi.mock('../../src/plan/plan.ts', async (original) => {
  const { makePlan, ...others } = await original<typeof import('../../src/plan/plan.ts')>();
  const { planMutants } = await import('./plan-mutants.ts');
  const mutated: typeof makePlan = (...given) =>
    Object.entries(planMutants).reduce(
      (plan, [name, mutate]) => (planted.mutants.includes(name) ? mutate(plan) : plan),
      makePlan(...given),
    );
  return { ...others, makePlan: mutated };
});

vi.mock('../../reconcilers/authentik/application/binding.ts', async (original) => {
  const { standingBindings, ...others } =
    await original<typeof import('../../reconcilers/authentik/application/binding.ts')>();
  const mutated: typeof standingBindings = async (...given) =>
    planted.mutants.includes('trustsThePlan') ? ['as planned'] : standingBindings(...given);
  return { ...others, standingBindings: mutated };
});

vi.mock('../../src/desired/terms/paths.ts', async (original) => {
  const { ingressPath, ...others } = await original<typeof import('../../src/desired/terms/paths.ts')>();
  const mutated: typeof ingressPath = (...given) => {
    const expression = ingressPath(...given);
    return planted.mutants.includes('unanchored')
      ? expression.replace(/^(\(\?i\))?\^/, '$1').replace(/\$$/, '')
      : expression;
  };
  return { ...others, ingressPath: mutated };
});

vi.mock('../../reconcilers/cloudflare/ingress/entry.ts', async (original) => {
  const { placeFor, shadowOf, ...others } =
    await original<typeof import('../../reconcilers/cloudflare/ingress/entry.ts')>();
  const isFirst = () => planted.mutants.includes('wildcardFirst');
  const last: typeof placeFor = (...given) => (isFirst() ? given[0].length - 1 : placeFor(...given));
  const unshadowed: typeof shadowOf = (...given) => (isFirst() ? undefined : shadowOf(...given));
  return { ...others, placeFor: last, shadowOf: unshadowed };
});

vi.mock('../../src/desired/terms/cache.ts', async (original) => {
  const { compileCacheRules, mustNotBeStored, originDecides, ...others } =
    await original<typeof import('../../src/desired/terms/cache.ts')>();
  const isForgotten = () => planted.mutants.includes('cacheForgotten');
  const rules: typeof compileCacheRules = (services) => (isForgotten() ? [] : compileCacheRules(services));
  const concerned: typeof mustNotBeStored = (service) => !isForgotten() && mustNotBeStored(service);
  const decided: typeof originDecides = (service) => !isForgotten() && originDecides(service);
  return { ...others, compileCacheRules: rules, mustNotBeStored: concerned, originDecides: decided };
});

vi.mock('../../src/plan/interim/copies.ts', async (original) => {
  const { dropCopies } = await original<typeof import('../../src/plan/interim/copies.ts')>();
  const mutated: typeof dropCopies = (...given) =>
    planted.mutants.includes('copiesKept') ? given[2] : dropCopies(...given);
  return { dropCopies: mutated };
});

vi.mock('../../src/observed/world.ts', async (original) => {
  const { createWorld, ...others } = await original<typeof import('../../src/observed/world.ts')>();
  const mutated: typeof createWorld = (parts) => {
    const world = createWorld(parts);
    if (planted.mutants.includes('staleRead')) world.forget = () => {};
    return world;
  };
  return { ...others, createWorld: mutated };
});

vi.mock('../../src/apply/look-again.ts', async (original) => {
  const { lookAgain, ...others } = await original<typeof import('../../src/apply/look-again.ts')>();
  const mutated: typeof lookAgain = (...given) =>
    planted.mutants.includes('retriedBlindly') ? { again: given[0] } : lookAgain(...given);
  return { ...others, lookAgain: mutated };
});

vi.mock('../../reconcilers/cloudflare/dns/batch.ts', async (original) => {
  const { writeBatches, ...others } =
    await original<typeof import('../../reconcilers/cloudflare/dns/batch.ts')>();
  const mutated = async (...[wire, path, writes, limit]: Parameters<typeof writeBatches>) => {
    const half = planted.mutants.includes('halfABatch') ? writes.slice(writes.length / 2) : writes;
    const outcomes = await writeBatches(wire, path, half, limit);
    const dropped = writes.filter((write) => !half.includes(write));
    const claimed = dropped.map(({ change: { id, address } }) => ({
      change: id,
      address,
      status: 'done' as const,
    }));
    return [...outcomes, ...claimed];
  };
  return { ...others, writeBatches: mutated };
});

const me = 'me@example.dev';
const mine = `{ cloudflare: { emails: [${me}] } }`;
const pathForMe = state(
  'ci, with a path for me',
  '{ serviceToken: { tokens: [ci] } }',
  { tokens: ['ci'] },
  { '/admin/**': [mine, { emails: [me] }] },
);

/** The state of the host with this name. */
function at(name: string): State {
  const found = [...plain, ...authentik, pathForMe].find((item) => item.name === name);
  if (found === undefined) throw new Error(`No state is called ${name}`);
  return found;
}

interface Row extends Trial {
  readonly mutant: string;
  /** The mistakes, which all act at once. */
  readonly mutants: readonly string[];
  readonly because: string;
  /** Matches one of the findings. */
  readonly caught: RegExp;
  /** True for a mistake of the order alone, from which the interlock protects the run. */
  readonly isHeldBack?: true;
}

const rows: readonly Row[] = [
  {
    mutant: 'order reversed',
    isHeldBack: true,
    mutants: ['orderReversed'],
    because: 'the gate of the host admits machines before the path inside has a gate of its own',
    before: at('me'),
    after: pathForMe,
    caught: /^exposed: token gates:home\/ci at app\.example\.dev\/admin, by origin$/,
  },
  {
    mutant: 'retire without proof',
    isHeldBack: true,
    mutants: ['retiredWithoutProof'],
    because: 'Access goes though the origin asks no outpost, so that nothing is left that asks',
    before: at('me'),
    after: at('admins'),
    unproved: true,
    caught: /^exposed: anonymous at app\.example\.dev\/, by origin$/,
  },
  {
    mutant: 'cover removed before proof',
    isHeldBack: true,
    mutants: ['uncoveredBeforeProof'],
    because: 'what the look would have found is found by everybody first',
    before: at('none'),
    after: at('admins'),
    unproved: true,
    caught: /^exposed: anonymous at app\.example\.dev\/, by origin$/,
  },
  {
    mutant: 'prune before close',
    isHeldBack: true,
    mutants: ['prunedBeforeClosed'],
    because: 'a path whose rule is gone falls to the rule of its host, which admits others',
    before: pathForMe,
    after: at('me'),
    caught: /^exposed: token gates:home\/ci at app\.example\.dev\/admin, by origin$/,
  },
  {
    mutant: 'binding after link',
    mutants: ['boundAfterLinked', 'trustsThePlan'],
    because: 'an application without a binding admits everybody who can log in',
    after: at('none'),
    caught: /^exposed: .* at auth\.example\.dev\/application\/o\/authorize\/, by authentik$/,
  },
  {
    mutant: 'binding after link, which asks',
    mutants: ['boundAfterLinked'],
    because:
      'the link does not trust the plan and sets no provider, so nobody is exposed and nothing is done',
    after: at('none'),
    caught: /^not done: create authentik\/provider-link:app: The application has no binding/,
  },
  {
    mutant: 'ingress after DNS with an open catch-all',
    isHeldBack: true,
    mutants: ['namedFirst'],
    because: 'until its own rule stands, the name leads to where the catch-all goes',
    before: at('none'),
    after: at('me'),
    theirs: [{ service: 'http://wild.lan:80' }],
    caught: /^exposed: anonymous at app\.example\.dev\/, by origin$/,
  },
  {
    mutant: 'unanchored regex',
    mutants: ['unanchored'],
    because: 'what only contains an open path is as open',
    before: at('admins'),
    after: at('family, with open paths'),
    caught: /^exposed: anonymous at app\.example\.dev\/above\/health, by origin$/,
  },
  {
    mutant: 'foreign wildcard first',
    mutants: ['wildcardFirst'],
    because: 'the rule of others takes the requests of the host, and asks nobody',
    before: at('none'),
    after: at('admins'),
    theirs: [{ hostname: '*.example.dev', service: 'http://wild.lan:80' }],
    caught: /^not done: verify edge\/proof:app\.example\.dev: .*got through/,
  },
  ...['admins', 'family, by proxy', 'family, by their domain'].map((after) => ({
    mutant: `no cache rule and no header: ${after}`,
    mutants: ['cacheForgotten'],
    because: 'a file that an admitted person fetched is given to anybody by the cache',
    before: at('none'),
    after: at(after),
    caught: /^exposed: anonymous, from the cache at app\.example\.dev\/x\.css, by origin$/,
  })),
  {
    mutant: 'no cache rule where the gate leaves the edge',
    mutants: ['cacheForgotten'],
    because: 'what was stored behind Access is given to everybody once Access is gone',
    before: at('me'),
    after: at('admins'),
    caught: /^exposed: anonymous, from the cache at app\.example\.dev\/x\.css, by origin$/,
  },
  ...['me', 'public'].map((before) => ({
    mutant: `no purge of a host that leaves: ${before}`,
    mutants: ['copiesKept'],
    because: 'a wildcard still resolves its name, and the cache answers before the closed rule',
    before: at(before),
    after: at('none'),
    theirs: [{ hostname: '*.example.dev', service: 'http://wild.lan:80' }],
    named: true as const,
    caught: /^exposed: anonymous, from the cache at app\.example\.dev\/x\.css, by origin$/,
  })),
  {
    mutant: 'stale read',
    mutants: ['staleRead'],
    because: 'the cover that this pass made is not found when it should go',
    before: at('none'),
    after: at('admins'),
    caught: /^no rest: prune cloudflare\/access-application:app\.example\.dev/,
  },
  {
    mutant: 'lost reply retried',
    mutants: ['retriedBlindly'],
    because: 'a policy that was made, and not heard of, is made twice, and one of them has to go',
    before: at('none'),
    after: at('me'),
    misfortune: 'lose-reply',
    caught: /^no rest: prune cloudflare\/access-policy:app\.example\.dev/,
  },
  {
    mutant: 'half a batch',
    mutants: ['halfABatch'],
    because: 'records that were never sent are said to be there',
    after: at('none'),
    caught: /^no rest: create cloudflare\/dns-record/,
  },
];

describe('a planted mistake is caught, and the same move goes well without it', () => {
  it.each(rows)('$mutant: $because', async ({ mutants, caught, isHeldBack: _, ...trial }) => {
    planted.mutants = [];
    const court = await Court.of(trial);
    const sound = await court.judge();
    expect(sound.findings).toEqual([]);
    planted.mutants = mutants;
    const { findings } = await court.judge(sound.end);
    planted.mutants = [];
    expect(findings).toContainEqual(expect.stringMatching(caught));
  });
});

describe('an interlock holds back what a mistake of the order would let in', () => {
  it.each(rows.filter(({ isHeldBack }) => isHeldBack))('$mutant', async ({ mutants, ...trial }) => {
    planted.mutants = [];
    const court = await Court.of({ ...trial, interlocked: true });
    const sound = await court.judge();
    expect(sound.findings).toEqual([]);
    planted.mutants = mutants;
    const { findings } = await court.judge(sound.end);
    planted.mutants = [];
    expect(findings.filter((finding) => finding.startsWith('exposed'))).toEqual([]);
  });
});
