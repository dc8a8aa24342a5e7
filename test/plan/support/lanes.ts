import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from './drafts.ts';
import { live, type Route, route, thing } from './fakes.ts';
import { panel } from './panel.ts';
import { host, wantRoute } from './plan-text.ts';

/** Routes that lead to an origin each. */
export const lane = {
  ...route,
  route: {
    closed: ({ spec }, owner) => ({ ...spec, to: '503', gate: `closed by ${owner}` }),
    leadsElsewhere: (have, wanted) => have.to !== '503' && have.to !== wanted.to,
  },
} satisfies Reconciler<Route>;
/** Routes that nobody can close. */
export const pipe = {
  ...route,
  kind: 'cloudflare/pipe',
  route: { leadsElsewhere: () => true },
} as Reconciler<Route>;
const kinds = [lane, pipe, panel, thing] as readonly unknown[] as readonly AnyReconciler[];
export const worldOf = (lives: readonly Observed[], wants: readonly DesiredObject[] = [wantRoute()]) =>
  knownOf(kinds, { wants, lives });

export const old = live(lane, 'old', { host, via: 'old', to: 'app' });
export const closed = { host, via: 'old', to: '503', gate: 'closed by home' };
export const unroutes = (more: object = {}): DoorEffect => ({
  host,
  step: 'unroute',
  via: 'old',
  live: true,
  ...more,
});
export const removal = (more: Partial<Draft> = {}) =>
  draftOf(lane, { verb: 'prune', key: 'old', have: old, doors: [unroutes()], ...more });
