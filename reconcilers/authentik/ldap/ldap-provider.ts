import type { ReadyChange } from '../../../src/core/change.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { hasProviderOfType } from '../application/application.ts';
import { type LdapReply, ldapRow, ldapTopic, listLdap } from '../provider/ldap-row.ts';
import { providerId } from '../provider/oauth2-row.ts';
import { authentikOf } from '../reading/api.ts';
import { atHosts } from '../reading/door-effects.ts';
import { confirmEffect } from '../reading/effect.ts';

/** An LDAP client. Keyed by what follows `gates:<owner>/` in its name. Attributes `id`, `baseDn` and `tlsServerName` (absent: none). */
export interface LdapProviderSpec {
  /** The name below which its outpost has people and groups, and by which the outpost finds the provider. */
  readonly baseDn: string;
  /** `cached`: the outpost admits the same name and password again without asking. */
  readonly bindMode: 'direct' | 'cached';
  readonly searchMode: 'direct' | 'cached';
  /** A code may follow the password. */
  readonly mfa: boolean;
  readonly uidStartNumber: number;
  readonly gidStartNumber: number;
  /** Id of a key pair, empty: none. Undefined: any is fine. */
  readonly certificate?: string;
  /** Undefined: any is fine. */
  readonly tlsServerName?: string;
  /** Ids of flows. That of a bind decides whether the password is right. */
  readonly bindFlow: string;
  readonly unbindFlow: string;
  /**
   * Observed and wanted as empty: the slug of the application that has it as a backchannel. The outpost then asks the
   * bindings of that application in place of its own (providers/ldap/api.py).
   */
  readonly backchannel: string;
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
}

const kind = 'authentik/ldap-provider';
const providers = '/providers/ldap/';

type SentField = Exclude<keyof LdapProviderSpec, 'backchannel' | 'hosts'>;

/** The name of each sent field in the API. */
const names: { readonly [Field in SentField]: keyof LdapReply } = {
  baseDn: 'base_dn',
  bindMode: 'bind_mode',
  searchMode: 'search_mode',
  mfa: 'mfa_support',
  uidStartNumber: 'uid_start_number',
  gidStartNumber: 'gid_start_number',
  certificate: 'certificate',
  tlsServerName: 'tls_server_name',
  bindFlow: 'authorization_flow',
  unbindFlow: 'invalidation_flow',
};
const sentFields = Object.keys(names) as readonly SentField[];
const comparedFields = [...sentFields, 'backchannel'] as const;

export const ldapProvider: Reconciler<LdapProviderSpec> = {
  kind,
  title: 'Authentik LDAP provider',

  async observe(world) {
    if (world.authentik === undefined) return [];
    const known = await world.read(ldapRow);
    const isLost = known.length === 0 && (await hasProviderOfType(world, 'ak-provider-ldap-form'));
    const rows = isLost ? await listLdap(world) : known;
    return rows.map(({ spec }) => observed(spec, world.scope.owner));
  },

  drift: (want, have) =>
    comparedFields.filter((field) => want[field] !== undefined && !equal(want[field], have[field])),

  remedy: (drift, _want, { spec: { backchannel } }) =>
    drift.includes('backchannel')
      ? {
          verb: 'refuse',
          reason: `the application "${backchannel}" has it as a backchannel provider, so that its bindings decide who may log in: take it out there`,
        }
      : { verb: 'update' },

  doors(want, have) {
    // Before a provider is removed, it loses its application, and so its login.
    if (want === undefined) return [];
    const isSame =
      have !== undefined && ldapProvider.drift?.(want as LdapProviderSpec, have.spec).length === 0;
    return isSame ? [] : atHosts(want.hosts, 'guard');
  },

  async write(changes, world) {
    const wire = authentikOf(world);
    world.forget(ldapRow);
    return carryOut(changes, async (change) => {
      const { address, want, have } = change;
      if (want !== undefined) {
        return have === undefined ? create(address.key, want, world) : update(change, want, have, world);
      }
      if (have !== undefined) await wire.delete(`${providers}${have.attributes.id}/`);
      await world.notes.clear(ldapTopic, address.key);
      return undefined;
    });
  },
};

function observed(reply: LdapReply, us: string): Observed<LdapProviderSpec> {
  const { owner, key } = readName(reply.name);
  return {
    // Names contain the owner, so a foreign provider never has the key of ours.
    address: { kind, key: owner === us ? key : `${reply.name} (${reply.pk})` },
    id: providerId(reply.pk),
    owner,
    spec: {
      baseDn: reply.base_dn,
      bindMode: reply.bind_mode,
      searchMode: reply.search_mode,
      mfa: reply.mfa_support,
      uidStartNumber: reply.uid_start_number,
      gidStartNumber: reply.gid_start_number,
      certificate: reply.certificate ?? '',
      tlsServerName: reply.tls_server_name,
      bindFlow: reply.authorization_flow,
      unbindFlow: reply.invalidation_flow,
      backchannel: reply.assigned_backchannel_application_slug ?? '',
      hosts: [],
    },
    attributes: attributesOf(reply),
    uses: [
      reply.authorization_flow,
      reply.invalidation_flow,
      ...(reply.certificate === null ? [] : [reply.certificate]),
    ],
    raw: reply,
  };
}

function attributesOf(reply: LdapReply): Readonly<Record<string, string>> {
  const { pk, base_dn: baseDn, tls_server_name: tlsServerName } = reply;
  return { id: String(pk), baseDn, ...(tlsServerName !== '' && { tlsServerName }) };
}

/** The fields in the form of the API. */
function written(want: LdapProviderSpec, fields: readonly SentField[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = want[field];
      if (value === undefined) return [];
      return [[names[field], field === 'certificate' && value === '' ? null : value]];
    }),
  );
}

async function create(
  key: string,
  want: LdapProviderSpec,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  await world.notes.put(ldapTopic, key);
  const body = { name: markName(world.scope.owner, key), ...written(want, sentFields) };
  const reply = (await authentikOf(world).post(providers, body)) as LdapReply;
  confirm(want, comparedFields, reply, world);
  return attributesOf(reply);
}

/** Sends only the fields that differ. */
async function update(
  { drift, address }: ReadyChange<LdapProviderSpec>,
  want: LdapProviderSpec,
  have: Observed<LdapProviderSpec>,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  await world.notes.put(ldapTopic, address.key);
  const body = {
    ...(have.owner !== world.scope.owner && { name: markName(world.scope.owner, address.key) }),
    ...written(
      want,
      sentFields.filter((field) => drift.includes(field)),
    ),
  };
  if (Object.keys(body).length === 0) return have.attributes;
  const reply = (await authentikOf(world).patch(`${providers}${have.attributes.id}/`, body)) as LdapReply;
  confirm(want, drift, reply, world);
  return attributesOf(reply);
}

/** @throws IneffectiveError when the reply does not show what was sent. */
function confirm(want: LdapProviderSpec, sent: readonly string[], reply: LdapReply, world: World): void {
  const { spec } = observed(reply, world.scope.owner);
  confirmEffect(sent, ldapProvider.drift?.(want, spec) ?? []);
}
