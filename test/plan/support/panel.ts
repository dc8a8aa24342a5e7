import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { live, want } from './fakes.ts';

export interface Panel {
  readonly admits: readonly string[];
  /** The effects at doors while the file asks for it, and those of its removal; by default none. */
  readonly does?: readonly DoorEffect[];
  readonly gone?: readonly DoorEffect[];
  readonly path?: string;
  readonly claims?: readonly string[];
}

/**
 * A gate whose spec states its effects at doors. It trusts what the planner passes and checks no host or kind itself,
 * so that a wrong argument shows in the plan.
 */
export const panel: Reconciler<Panel> = {
  kind: 'cloudflare/panel',
  title: 'panel',
  observe: async () => [],
  write: async () => [],
  remedy: (drift) => ({ verb: drift.includes('path') ? 'replace' : 'update' }),
  foreseen: (drift) => drift.includes('admits'),

  gate: {
    released: ({ spec }, takers) => {
      const taken = new Set(takers.flatMap(({ claims }) => claims ?? []));
      const left = spec.claims?.filter((claim) => !taken.has(claim));
      return left?.length === spec.claims?.length ? undefined : { ...spec, claims: left ?? [] };
    },

    covered: (_have, cover, beside) => ({
      ...cover,
      claims: [...(cover.claims ?? []), ...beside.map(({ path }) => `${path}/*`)],
    }),

    around: (one, other, inner, beside) => {
      const has = one.claims ?? [];
      const missing = (other.claims ?? []).filter(
        (claim) =>
          !has.includes(claim) &&
          inner.some(({ path }) => String(claim).startsWith(`${path}/`)) &&
          !beside.some(({ claims }) => claims?.includes(claim)),
      );
      return missing.length === 0 ? undefined : { ...one, claims: [...has, ...missing].sort() };
    },
  },

  doors: (asked, have) =>
    asked === undefined ? (have?.spec.gone ?? []) : ((asked.does ?? []) as readonly DoorEffect[]),
};

/** A kind with the same effects at doors and no other abilities; each of its objects counts by itself. */
export const shutter: Reconciler<Panel> = {
  kind: 'cloudflare/shutter',
  title: 'shutter',
  traits: { counted: true },
  observe: async () => [],
  write: async () => [],
  remedy: (drift) => ({ verb: drift.includes('path') ? 'replace' : 'update' }),
  doors: (asked, have) =>
    asked === undefined ? (have?.spec.gone ?? []) : ((asked.does ?? []) as readonly DoorEffect[]),
};

/** A kind that can be around others and releases what they take, without any effect at doors. */
export const frame: Reconciler<Panel> = {
  kind: 'cloudflare/frame',
  title: 'frame',
  observe: async () => [],
  write: async () => [],

  gate: {
    around: () => undefined,

    released: ({ spec }, takers) =>
      takers.some(({ path }) => path === spec.path) ? { ...spec, path: 'none' } : undefined,
  },
};

export const panels = [panel, shutter, frame] as readonly unknown[] as readonly AnyReconciler[];

const because = 'services.a';
const host = 'a.example.dev';

/** A panel that guards only this path of the host. */
export function at(path: string, more: Partial<Panel> = {}): Panel {
  return {
    admits: ['me'],
    path,
    does: [{ host, step: 'guard', part: path }],
    gone: [{ host, step: 'unguard', part: path }],
    ...more,
  };
}

export function wantPanel(key: string, spec: Panel, extra: Partial<DesiredObject> = {}): DesiredObject {
  return want(panel, key, spec as object as never, { because, ...extra });
}

export function livePanel(key: string, spec: Panel, extra: Partial<Observed<Panel>> = {}): Observed {
  return live(panel, key, spec, extra);
}
