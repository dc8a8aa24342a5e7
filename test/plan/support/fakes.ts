import type { Plan } from '../../../src/core/change.ts';
import type { Kind } from '../../../src/core/objects/address.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { PlanOptions } from '../../../src/plan/drafts/options.ts';
import { makePlan } from '../../../src/plan/plan.ts';

/**
 * Kinds of these tests, one for each role that a kind can have at a door, so that the planner is tested without real
 * kinds.
 */
export interface Thing {
  readonly value: string;
  readonly link?: string;
}
export interface Gate {
  readonly host: string;
  readonly admits: readonly string[];
  readonly policy?: string;
  /** Claims, which no two gates share. */
  readonly claims?: readonly string[];
  /** The only path that it guards; by default, the host. */
  readonly path?: string;
  /** The key of the gate that it is a part of. */
  readonly partOf?: string;
  /** Paths without a question. */
  readonly lets?: readonly string[];
}
export interface Route {
  readonly host: string;
  readonly via: string;
  readonly to: string;
  readonly gate?: string;
}
export interface Name {
  readonly host?: string;
  /** `text`: a record that leads nowhere. */
  readonly target: string;
}

const nothingWritten = async () => [];

export const thing: Reconciler<Thing> = {
  kind: 'cloudflare/thing',
  title: 'thing',
  observe: nothingWritten,
  write: nothingWritten,
  remedy: (drift, _want, have, used) => {
    if (have.spec.value === 'stubborn') return { verb: 'refuse', reason: 'it cannot be changed' };
    return { verb: drift.includes('link') && !used ? 'replace' : 'update' };
  },

  siblings: {
    obstacle: (_want, address, siblings) =>
      siblings.find((object) => object.address.key === `not-${address.key}`),

    retain: (have, siblings) =>
      have.spec.value === 'keep me' && siblings.every(({ spec }) => spec.value !== 'heir')
        ? 'something else needs it'
        : undefined,
  },
};

export const gate: Reconciler<Gate> = {
  kind: 'cloudflare/gate',
  title: 'gate',
  observe: nothingWritten,
  write: nothingWritten,

  gate: {
    released: ({ spec }, takers) => {
      const taken = new Set(takers.flatMap(({ claims }) => claims ?? []));
      const left = spec.claims?.filter((claim) => !taken.has(claim));
      return left?.length === spec.claims?.length ? undefined : { ...spec, claims: left ?? [] };
    },

    asking: ({ spec }) => ((spec.lets ?? []).length === 0 ? undefined : { ...spec, lets: [] }),

    covered: (_have, cover, beside) => {
      const inside = beside.filter(({ host, path }) => host === cover.host && path !== undefined);
      const below = inside.map(({ path }) => `${path}/*`);
      return below.length === 0 ? cover : { ...cover, claims: [...(cover.claims ?? []), ...below] };
    },

    around: (one, other, inner, beside) => {
      const has = one.claims ?? [];
      const depthIn = (claim: unknown, gates: typeof inner) => {
        const around = gates.filter(
          ({ host, path }) => host === one.host && String(claim).startsWith(`${path}/`),
        );
        return Math.max(0, ...around.map(({ path }) => String(path).length));
      };
      const missing = (other.claims ?? []).filter(
        (claim) => !has.includes(claim) && depthIn(claim, inner) > depthIn(claim, beside),
      );
      return missing.length === 0 ? undefined : { ...one, claims: [...has, ...missing].sort() };
    },
  },

  doors: (want, have) => {
    const host = String(want?.host ?? have?.spec.host);
    const path = want?.path ?? have?.spec.path;
    const part = path === undefined ? {} : { part: String(path) };
    if (want === undefined) {
      const whole = have?.spec.partOf;
      const step = whole === undefined || have?.spec.admits.length === 0 ? 'unguard' : 'guard';
      return [
        {
          host,
          step,
          ...part,
          ...(whole !== undefined && { exchangedFor: `cloudflare/gate:${whole}` as const }),
        },
      ];
    }
    const before = have?.spec.admits;
    const admits = want.admits as readonly string[];
    const wider = before?.every((person) => admits.includes(person)) === true && !equal(before, admits);
    return [{ host, step: wider ? 'unguard' : 'guard', ...part }];
  },
};

export const route: Reconciler<Route> = {
  kind: 'cloudflare/route',
  title: 'route',
  observe: nothingWritten,
  write: nothingWritten,

  route: {
    closed: (have) => ({ ...have.spec, to: '503' }),

    closedFirst: ({ gate: _, ...want }, siblings, owner, target) =>
      siblings.some(({ spec }) => spec.host === '*') || target === 'theirs'
        ? live(route, 'r', { ...(want as Route), to: '503' }, { owner })
        : undefined,

    target: ({ via }) => via,
  },

  siblings: {
    retain: (have) =>
      ['503', 'stays'].includes(have.spec.to) && have.spec.host.startsWith('wild')
        ? 'a wildcard would answer'
        : undefined,
  },

  doors: (want, have) => {
    const spec = (want ?? have?.spec) as Route;
    const { host, via } = spec;
    if (want === undefined) return [{ host, step: 'unroute', via, live: spec.to !== '503' }];
    return spec.to === '503' ? [{ host, step: 'close' }] : [{ host, step: 'route', via }];
  },
};

export const name: Reconciler<Name> = {
  kind: 'cloudflare/name',
  title: 'name',
  traits: { counted: true },
  observe: nothingWritten,
  write: nothingWritten,

  route: {
    otherTarget: (want, siblings) => {
      const target = siblings.find(({ spec }) => spec.host?.startsWith('*.'))?.spec.target;
      return target === want.target ? undefined : target;
    },

    target: ({ target }) => target,

    answersFor: (have, host, siblings) =>
      have.host === host || !siblings.some(({ spec }) => spec.host === host),
  },

  doors: (want, have) => {
    const { host, target } = want ?? have?.spec ?? {};
    if (host === undefined || target === 'text') return [];
    const isAtEdge = want === undefined && have?.spec.target !== 'around the edge';
    return [{ host: String(host), step: 'publish', ...(isAtEdge && { live: true }) }];
  },
};

/** A kind of unfinished business, at the host in its link. */
export const errand: Reconciler<Thing> = {
  kind: 'cloudflare/errand',
  title: 'errand',
  traits: { unfinished: true },
  doors: (_want, have) =>
    have?.spec.link === undefined ? [] : [{ host: have.spec.link, step: 'guard' as const }],
  observe: nothingWritten,
  write: nothingWritten,
};

/** A kind that is only looked up. */
export const place: Reconciler<{ readonly status: string }> = {
  kind: 'cloudflare/place',
  title: 'place',
  observe: nothingWritten,
};

export const kinds: readonly AnyReconciler[] = [place, thing, gate, route, name, errand];

export function want<Spec>(
  reconciler: Reconciler<Spec>,
  key: string,
  spec: Linked<Spec>,
  extra: Partial<DesiredObject> = {},
): DesiredObject {
  return { address: { kind: reconciler.kind, key }, spec, because: `services.${key}`, ...extra };
}

export function live<Spec>(
  reconciler: Reconciler<Spec>,
  key: string,
  spec: Spec,
  extra: Partial<Observed<Spec>> = {},
): Observed<Spec> {
  const id = extra.id ?? `${reconciler.title}-${key}`;
  return {
    address: { kind: reconciler.kind, key },
    id,
    owner: 'home',
    spec,
    attributes: { id },
    uses: [],
    ...extra,
  };
}

export const normal: PlanOptions = {
  adopt: false,
  prune: true,
  limits: { prune: 0.3, change: 0.3, floor: 5 },
  allow: [],
};

export function planOf(
  wants: readonly DesiredObject[],
  lives: readonly Observed[],
  options: Partial<PlanOptions> & {
    readonly unknown?: Kind;
    readonly refusals?: Desired['refusals'];
    readonly proofs?: Desired['proofs'];
  } = {},
): Plan {
  const desired: Desired = {
    scope: { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] },
    objects: wants,
    proofs: options.proofs ?? [],
    refusals: options.refusals ?? [],
    warnings: [],
  };
  const observations = kinds.map(({ kind }): Observation => {
    if (kind === options.unknown) return { kind, state: 'unknown', error: new Error('403') };
    return { kind, state: 'known', objects: lives.filter((object) => object.address.kind === kind) };
  });
  return makePlan(desired, observations, kinds, { ...normal, ...options });
}

/** The changes in the order of the plan, such as `create gate a`, without kept objects. */
export function steps(plan: Plan): readonly string[] {
  return plan.changes
    .filter((change) => change.verb !== 'keep')
    .map((change) => {
      const closing = change.doors.some((effect) => effect.step === 'close') ? 'close' : change.verb;
      return `${closing} ${change.address.kind.split('/')[1]} ${change.address.key}`;
    });
}
