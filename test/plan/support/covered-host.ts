import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, GateCheck, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { checkFirst } from '../../../src/plan/cover/check-first.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from './drafts.ts';
import { live, normal, type Route, route, thing, want } from './fakes.ts';
import { type Lock, lock } from './locks.ts';
import { livePanel, panel, wantPanel } from './panel.ts';
import { host } from './plan-text.ts';

/** A route that can answer 503 itself. */
export const lane: Reconciler<Route> = {
  ...route,
  route: {
    closed: ({ spec }) => ({ ...spec, to: '503' }),
    leadsElsewhere: (have, wanted) => have.to !== '503' && have.to !== wanted.to,
  },
};
const sight = { ...thing, kind: 'edge/sight', title: 'sight' } as AnyReconciler;
const kinds = [lock, lane, panel, thing, sight] as readonly unknown[] as readonly AnyReconciler[];

/** The cover of the host. */
export const cover = want(lock, 'c', { admits: 'probe' });
/** The check of its gate, under the cover. */
export const proof: GateCheck = {
  ...{ address: { kind: sight.kind, key: host }, host, spec: {}, step: 'prove', because: 'services.a' },
  ...{ needs: ['cloudflare/panel:g'], cover },
};
const { cover: _, ...withoutCover } = proof;
export const bare: GateCheck = withoutCover;

/** A live object whose removal has these effects. */
export const effects = (key: string, ...gone: readonly DoorEffect[]) => livePanel(key, { admits: [], gone });
export const named = effects('name', { host, step: 'publish', live: true });
export const led = effects('way', { host, step: 'unroute', live: true, via: 'homelab' });
export const guarded = effects('g', { host, step: 'unguard' });
export const people = live(lock, 'c', { admits: 'people' });
export const usual = [named, led, guarded, people];
/** A change of the gate with these effects. */
export const changes = (...doors: readonly DoorEffect[]) =>
  draftOf(panel, { verb: 'update', key: 'g', have: guarded, want: { admits: [] }, doors });
export const exchanged = changes({ host, step: 'change' });
export const stricter = changes({ host, step: 'guard' });
/** The object that the file asks for in the cover's place. */
export const own = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
  draftOf(lock, {
    verb,
    key: 'c',
    have: people,
    want: { admits: 'others' },
    doors: [{ host, step: 'change' }],
    ...more,
  });
/** A change by which the route of the host, or of a path, leads to another origin. */
export const reroutes = (verb: Draft['verb'] = 'update', part?: string) => {
  const have = live(lane, 'r', { host, via: 'homelab', to: 'old' });
  const doors: readonly DoorEffect[] = [
    { host, step: 'route', via: 'homelab', ...(part !== undefined && { part }) },
  ];
  return draftOf(lane, { verb, key: 'r', have, want: { ...have.spec, to: 'new' }, doors });
};
/** The removal of another object with these effects. */
export const prunes = (...doors: readonly DoorEffect[]) =>
  draftOf(panel, { verb: 'prune', key: 'old', have: effects('old'), doors });
export const closed = { host, step: 'unroute', via: 'x' } as const;

/** The live objects and the file beside the drafts. */
export interface Plan {
  readonly lives?: readonly Observed[];
  readonly wants?: readonly DesiredObject[];
  readonly check?: GateCheck;
  readonly watch?: boolean;
}

/** The drafts with the steps of the check. */
export function draftsIn(
  drafts: readonly Draft[],
  { lives = usual, wants = [], check = proof, watch = false }: Plan = {},
) {
  const file = [
    wantPanel('name', { admits: [] }),
    wantPanel('way', { admits: [] }),
    wantPanel('g', { admits: [] }),
    ...wants,
  ];
  const options = { ...normal, watch };
  return checkFirst(knownOf(kinds, { lives, wants: file }), [check], drafts, {
    attributes: new Map(),
    options,
  });
}

/** The draft that puts the cover up, among those of the plan. */
export const coverIn = (...plan: Parameters<typeof draftsIn>) =>
  draftsIn(...plan).find(({ id }) => id.startsWith('cover '));
export const idsIn = (...plan: Parameters<typeof draftsIn>) => draftsIn(...plan).map(({ id }) => id);
/** True if the cover admits only the probe. */
export const isShutIn = (...plan: Parameters<typeof draftsIn>) =>
  (coverIn(...plan)?.want as Lock | undefined)?.alone;
export const look = `verify edge/sight:${host}`;
