import type { Reconciler } from '../../../src/core/reconciler.ts';

/** A route that demands tokens of a gate. */
export interface Way {
  readonly host: string;
  readonly to: string;
  /** The id of the gate whose tokens it demands. */
  readonly gate?: string;
  readonly part?: string;
  /** The tunnel; `homelab` by default. */
  readonly via?: string;
}

/** Routes, of which a new one of a path is made together with the gate of the path. */
export const way: Reconciler<Way> = {
  kind: 'cloudflare/way',
  title: 'way',
  observe: async () => [],
  write: async () => [],

  route: {
    closed: ({ spec }) => ({ ...spec, to: '503' }),

    passes: ({ to, gate: id }, { attributes }) => to !== '503' && id === attributes.id,
  },

  doors: (asked, have) => {
    const route = asked ?? have?.spec;
    if (route === undefined) return [];
    const { host: at, to, part, via = 'homelab' } = route as Way;
    const place = { host: at, via, ...(part !== undefined && { part }) };
    if (asked === undefined) return [{ ...place, step: 'unroute', live: to !== '503' }];
    if (to === '503') return [{ host: at, step: 'close' }];
    return [{ ...place, step: part !== undefined && have === undefined ? 'divide' : 'route' }];
  },
};
