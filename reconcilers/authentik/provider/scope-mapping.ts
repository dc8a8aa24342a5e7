import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { authentikOf, listAuthentik } from '../reading/api.ts';
import { confirmEffect } from '../reading/effect.ts';
import { removeUnused, type UsedBy } from '../reading/used-by.ts';
import { clearForClients, listForClients, noteForClients } from './for-clients.ts';

/**
 * The claims that a scope adds to a token. Ours are keyed by the part after `gates:<owner>/` in `managed`;
 * Authentik's own by their complete `managed`, `goauthentik.io/providers/oauth2/scope-openid`. Attribute `id`.
 */
export interface ScopeMappingSpec {
  /** Name of the scope, without spaces. */
  readonly scopeName: string;
  /** A Python expression. */
  readonly expression: string;
  readonly description: string;
}

interface MappingReply {
  readonly pk: string;
  readonly managed?: string | null;
  readonly name: string;
  readonly scope_name: string;
  readonly expression: string;
  readonly description?: string;
}

const kind = 'authentik/scope-mapping';
const mappings = '/propertymappings/provider/scope/';

export const scopeMapping: Reconciler<ScopeMappingSpec> = {
  kind,
  title: 'Authentik scope mapping',

  async observe(world) {
    const replies = await listForClients(world, kind, mappings);
    return replies.map((reply) => observed(reply as MappingReply, world.scope.owner));
  },

  drift(want, have) {
    const fields: string[] = [];
    if (want.scopeName !== undefined && want.scopeName !== have.scopeName) fields.push('scopeName');
    // The API trims white space at both ends.
    if (want.expression !== undefined && want.expression.trim() !== have.expression.trim()) {
      fields.push('expression');
    }
    if (want.description !== undefined && want.description.trim() !== have.description) {
      fields.push('description');
    }
    return fields;
  },

  async write(changes, world) {
    const wire = authentikOf(world);
    const { sideBySide } = world;
    return carryOutBy({ sideBySide }, changes, async ({ verb, address, want, have, drift }) => {
      if (verb === 'prune' && have !== undefined) {
        const listed = () => providersWith(world, have.id);
        await removeUnused(world, `${mappings}${have.id}/`, { listed, suffices: true });
        await clearForClients(world, address);
      }
      if (want === undefined) return undefined;
      const { scopeName, expression, description } = want;
      const body = { scope_name: scopeName, expression, description };
      if (have !== undefined) {
        const reply = (await wire.patch(`${mappings}${have.id}/`, body)) as MappingReply;
        confirmEffect(drift, scopeMapping.drift?.(want, observed(reply, world.scope.owner).spec) ?? []);
        return have.attributes;
      }
      // Names must be unique among mappings of all sorts, so the marker serves as the name.
      const marked = markName(world.scope.owner, address.key);
      await noteForClients(world, address);
      const reply = await wire.post(mappings, { ...body, name: marked, managed: marked });
      return { id: (reply as MappingReply).pk };
    });
  },
};

/** The providers of both sorts that use a mapping now. */
async function providersWith(world: World, id: string): Promise<readonly UsedBy[]> {
  const lists = await Promise.all(
    ['/providers/oauth2/', '/providers/proxy/'].map((path) => listAuthentik(world, path)),
  );
  const providers = lists.flat() as readonly { name: string; property_mappings?: readonly string[] }[];
  return providers
    .filter(({ property_mappings: used }) => used?.includes(id) === true)
    .map(({ name }) => ({ model_name: 'provider', name }));
}

function observed(reply: MappingReply, us: string): Observed<ScopeMappingSpec> {
  const { pk, name, scope_name: scopeName, expression, description = '' } = reply;
  const managed = reply.managed ?? '';
  const { owner, key } = readName(managed);
  const stock = managed.startsWith('goauthentik.io/');
  return {
    address: { kind, key: owner === us ? key : stock ? managed : `${name} (${pk})` },
    id: pk,
    owner,
    spec: { scopeName, expression, description },
    attributes: { id: pk },
    uses: [],
  };
}
