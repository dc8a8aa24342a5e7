import type { Reconciler } from '../../../src/core/reconciler.ts';
import { listAuthentik } from './api.ts';

/** A flow, looked up by its slug; attribute `id`, which providers refer to (never the slug). */
export interface FlowSpec {
  /** `authorization`, `invalidation`, `authentication`, … */
  readonly designation: string;
  /** Desired only: the key of the file that names it, `clients.grafana.flow`. */
  readonly key?: string;
}

interface FlowReply {
  readonly pk: string;
  readonly slug: string;
  readonly designation: string;
}

const kind = 'authentik/flow';

export const flow: Reconciler<FlowSpec> = {
  kind,
  title: 'Authentik flow',
  traits: { unmarked: true },

  async observe(world) {
    const replies = (await listAuthentik(world, '/flows/instances/')) as readonly FlowReply[];
    return replies.map(({ pk, slug, designation }) => ({
      address: { kind, key: slug },
      id: pk,
      owner: undefined,
      spec: { designation },
      attributes: { id: pk },
      uses: [],
    }));
  },

  drift: (want, have) => (want.designation === have.designation ? [] : ['designation']),

  remedy: (_drift, want, have) => ({
    verb: 'refuse',
    reason: `it is a flow for ${have.spec.designation}, and one for ${want.designation} is needed: correct \`${want.key ?? 'authentik.flows'}\``,
  }),
};
