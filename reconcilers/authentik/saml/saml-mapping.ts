import type { Reconciler } from '../../../src/core/reconciler.ts';
import { listAuthentik } from '../reading/api.ts';

interface MappingReply {
  readonly pk: string;
  readonly managed?: string | null;
  readonly name: string;
}

const kind = 'authentik/saml-mapping';

/**
 * An attribute of SAML assertions, which gates only looks up. Authentik's own are keyed by their complete `managed`,
 * `goauthentik.io/providers/saml/email`. Attribute `id`. Read only for a file with SAML clients.
 */
export const samlMapping: Reconciler<object> = {
  kind,
  title: 'Authentik SAML mapping',
  traits: { unmarked: true },

  async observe(world) {
    if (world.scope.authentik?.saml !== true) return [];
    const replies = (await listAuthentik(
      world,
      '/propertymappings/provider/saml/',
    )) as readonly MappingReply[];
    return replies.map(({ pk, managed, name }) => ({
      address: { kind, key: managed?.startsWith('goauthentik.io/') === true ? managed : `${name} (${pk})` },
      id: pk,
      owner: undefined,
      spec: {},
      attributes: { id: pk },
      uses: [],
    }));
  },
};
