import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { kinds } from './fakes.ts';

export interface Keeper {
  readonly host: string;
  readonly admits: readonly string[];
  /** Claims, which no two keepers share. */
  readonly claims?: readonly string[];
}

/** A kind that guards a host and can cover it, like an Access application. */
export const keeper: Reconciler<Keeper> = {
  kind: 'cloudflare/keeper',
  title: 'keeper',
  observe: async () => [],
  write: async () => [],

  gate: {
    released: ({ spec }, takers) => {
      const taken = new Set(takers.flatMap(({ claims = [] }) => claims));
      const left = spec.claims?.filter((claim) => !taken.has(claim));
      return left?.length === spec.claims?.length ? undefined : { ...spec, claims: left ?? [] };
    },

    covered: (have, cover, _beside, isShut) => {
      if (have === undefined) return cover;
      const { spec } = have;
      if (isShut || spec.admits.includes('everybody')) return { ...spec, ...cover };
      const others = cover.admits.filter((item) => !spec.admits.includes(String(item)));
      return { ...spec, admits: [...spec.admits, ...others] };
    },
  },

  doors: (want, have) => {
    const host = String(want?.host ?? have?.spec.host);
    if (want === undefined) {
      // Without a keeper that admits everybody, another gate asks.
      return [{ host, step: have?.spec.admits.includes('everybody') === true ? 'guard' : 'unguard' }];
    }
    const before = have?.spec.admits;
    const isNew = before === undefined || before.includes('everybody');
    const widens = !isNew && !want.admits.every((item) => before.includes(String(item)));
    return [{ host, step: widens ? 'change' : 'guard' }];
  },
};

/** A check from outside, which has no live objects. */
export const sight: Reconciler<object> = {
  kind: 'edge/sight',
  title: 'sight',
  traits: { unmarked: true },
  observe: async () => [],
  write: async () => [],
};

/** All kinds of these tests. */
export const registry = [...kinds, keeper, sight] as readonly unknown[] as readonly AnyReconciler[];
