import type { Change } from '../../../src/core/change.ts';
import type {
  Desired,
  DesiredObject,
  GateCheck,
  Observation,
  Observed,
} from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { PlanOptions } from '../../../src/plan/drafts/options.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { keeper, registry, sight } from './cover-fakes.ts';
import { gate, live, name, normal, route, thing, want } from './fakes.ts';
import { panels } from './panel.ts';

/** Everything that a plan is made from. */
export interface World {
  readonly wants?: readonly DesiredObject[];
  readonly lives?: readonly Observed[];
  readonly proofs?: readonly GateCheck[];
  readonly refusals?: Desired['refusals'];
  readonly blind?: readonly string[];
  readonly options?: Partial<PlanOptions>;
  readonly zones?: readonly string[];
}

const known = [...registry, ...panels];

export function planOf({
  wants = [],
  lives = [],
  proofs = [],
  refusals = [],
  blind = [],
  options,
  zones = ['example.dev'],
}: World) {
  const scope = { owner: 'home', account: 'account', zones, tunnels: ['homelab'] };
  const desired: Desired = { scope, objects: wants, proofs, refusals, warnings: ['of the file'] };
  const observations = known.map(({ kind }): Observation => {
    if (blind.includes(kind)) return { kind, state: 'unknown', error: new Error('403') };
    return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) };
  });
  return makePlan(desired, observations, known, { ...normal, ...options });
}

/** The plan as text: `open: create cloudflare/route:r · effects | details` for each step, one line for kept objects. */
export function planText(world: World): string {
  const { changes, warnings, attributes } = planOf(world);
  const lines = changes
    .filter(({ verb }) => verb !== 'keep')
    .map((change) => [`${change.phase}: ${change.id}`, ...detailsOf(change)].join(' | '));
  const kept = changes.filter(({ verb }) => verb === 'keep').map(keptLine);
  const attributed = Object.entries(attributes).map(([id, { id: value }]) => `${id}=${value}`);
  const rest = [
    ['kept', ...kept],
    ['known', ...attributed.sort()],
  ].filter(({ length }) => length > 1);
  return [
    ...lines,
    ...rest.map((words) => words.join(' ')),
    ...warnings.map((text) => `warning: ${text}`),
  ].join('\n');
}

/** A kept object as its phase, key and id. Any further detail appears too. */
function keptLine({ address, phase, needs, doors, drift, have, want: wanted }: Change): string {
  const more = [...needs, ...doors, ...drift, ...(wanted === undefined ? [] : [wanted])];
  return [phase, address.key, have?.id, ...more].join('/');
}

function detailsOf({ phase: _, id: __, address: ___, ...rest }: Change): readonly string[] {
  const { verb, needs, needReasons: _reasons, doors, drift, want: wanted, have, ...words } = rest;
  const doing = doors.map(({ step, host, ...more }) =>
    [step, host, ...Object.entries(more).map(([key, value]) => `${key}=${value}`)].join(' '),
  );
  return [
    [verb, ...doing].join(' · '),
    ...needs.map((need) => `after ${need}`),
    ...drift.map(
      ({ field, before, after }) => `${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    ),
    ...(wanted === undefined ? [] : [`want ${JSON.stringify(wanted)}`]),
    ...('have' in rest ? [`have ${have?.id}`] : []),
    ...Object.entries(words).map(([key, value]) => `${key}: ${value}`),
  ];
}

export const host = 'a.example.dev';
export const because = 'services.a';
export const wantGate = (extra: object = {}) =>
  want(gate, 'g', { host, admits: ['me'], policy: ref('cloudflare/thing:policy'), ...extra }, { because });
export const wantRoute = (at = host, via = 'homelab') =>
  want(route, `${via}/${at}`, { host: at, via, to: 'app' }, { because });
export const wantName = (at = host) => want(name, at, { host: at, target: 'homelab' }, { because });
export const policy = want(thing, 'policy', { value: 'me' }, { because });
export const livePolicy = live(thing, 'policy', { value: 'me' });
export const liveGate = live(
  gate,
  'g',
  { host, admits: ['me'], policy: 'thing-policy' },
  { uses: ['thing-policy'] },
);
export const liveRoute = (at = host, via = 'homelab', to = 'app') =>
  live(route, `${via}/${at}`, { host: at, via, to });
export const liveName = (at = host) => live(name, at, { host: at, target: 'homelab' });
export const wild = live(route, 'wild', { host: '*', via: 'homelab', to: 'wild' }, { owner: undefined });

export const cover = {
  address: { kind: keeper.kind, key: host },
  spec: { host, admits: [ref('cloudflare/thing:probe')] },
  needs: ['cloudflare/thing:policy' as const],
  because: 'the cover',
};
export const proof: GateCheck = {
  address: { kind: sight.kind, key: host },
  host,
  spec: { expect: ref('cloudflare/gate:g', '{id}') },
  step: 'prove',
  needs: ['cloudflare/gate:g'],
  cover,
  because,
};
export const probe = want(thing, 'probe', { value: 'probe' }, { because: 'all' });
export const liveProbe = live(thing, 'probe', { value: 'probe' });
export const liveCover = live(keeper, host, { host, admits: ['thing-probe'] }, { uses: ['thing-probe'] });
export const liveKeeper = live(keeper, host, { host, admits: ['me'] });
export const wantKeeper = want(keeper, host, { host, admits: ['me', 'you'] }, { because });
export const seen = live(sight, host, { finding: 'an open door' }, { owner: undefined });
export const opening = [policy, probe, wantGate(), wantRoute(), wantName()];
export const standingObjects = [livePolicy, liveProbe, liveGate, liveRoute(), liveName()];
/** The standing objects without these kinds. */
export const without = (...gone: readonly string[]) =>
  standingObjects.filter(({ address }) => !gone.includes(address.kind));
