import type { ReadyChange } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import { readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { failed } from '../../shared/carry-out.ts';
import { type LdapReply, ldapRow } from '../provider/ldap-row.ts';
import { providerId } from '../provider/oauth2-row.ts';
import { atHosts } from '../reading/door-effects.ts';
import { ldapOutposts } from './ldap-outpost.ts';
import { type OutpostReply, outpost } from './outpost.ts';
import { rememberProviders } from './outpost-providers.ts';
import { type EntryPlace, writeEntries } from './written-entries.ts';

/**
 * The entry of an LDAP provider in the list of an LDAP outpost. Keyed by the provider's key in the outpost of the file,
 * elsewhere by outpost and provider. It belongs to the owner of the provider.
 */
export interface LdapEntrySpec extends EntryPlace {
  /**
   * Observed and wanted as none: other providers of the outpost of which one answers for the names of the other, because
   * its base DN is the end of the other's. The bindings of the wrong application would decide
   * (internal/outpost/ldap/bind.go).
   */
  readonly rivals: readonly string[];
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
  /** Observed only: it cannot be removed, because only the embedded outpost may serve nothing. */
  readonly only?: true;
}

const kind = 'authentik/ldap-entry';

export const ldapEntry: Reconciler<LdapEntrySpec> = {
  kind,
  title: 'LDAP outpost provider',
  traits: { unmarked: true },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [outposts, rows] = await Promise.all([ldapOutposts(world), world.read(ldapRow)]);
    for (const { spec } of outposts) rememberProviders(world, spec.pk, spec.providers);
    return outposts.flatMap(({ spec }) => {
      const served = rows.map((row) => row.spec).filter(({ pk }) => spec.providers.includes(pk));
      return served.map((provider) => observed(spec, provider, served, world));
    });
  },

  siblings: {
    recognizes: (want, { spec }) => want.outpost === spec.outpost && want.provider === spec.provider,

    retain: ({ spec }) => (spec.only ? 'an outpost has to serve something' : undefined),
  },

  drift: (want, have) => [
    ...(['outpost', 'provider'] as const).filter(
      (field) => want[field] !== undefined && want[field] !== have[field],
    ),
    ...(want.rivals !== undefined && have.rivals.length > 0 ? ['rivals'] : []),
  ],

  remedy: (drift, _want, { spec: { rivals } }) =>
    drift.includes('rivals') ? { verb: 'refuse', reason: rivalry(rivals) } : { verb: 'update' },

  doors(want, have) {
    if (want === undefined) return atHosts(have?.spec.hosts ?? [], 'unguard');
    return atHosts(want.hosts, 'change');
  },

  async write(changes, world) {
    world.forget(outpost, ldapRow);
    const contested = await contestedEntries(changes, world);
    const written = await writeEntries(
      changes.filter((change) => !contested.has(change)),
      world,
    );
    return [...contested.values(), ...written];
  },
};

function observed(
  { pk: outpostId, name, providers }: OutpostReply,
  provider: LdapReply,
  served: readonly LdapReply[],
  { scope: { owner: us, authentik } }: World,
): Observed<LdapEntrySpec> {
  const { owner, key } = readName(provider.name);
  const providerKey = owner === us ? key : `${provider.name} (${provider.pk})`;
  const own = owner === us && name === authentik?.ldapOutpost;
  const only = providers.length === 1;
  return {
    address: { kind, key: own ? providerKey : `${name}/${providerKey}` },
    id: `${providerId(provider.pk)} in ${outpostId}`,
    owner,
    spec: {
      outpost: outpostId,
      provider: String(provider.pk),
      rivals: rivalsOf(provider, served),
      hosts: [],
      ...(only && { only: true as const }),
    },
    attributes: {},
    // The provider may be removed nevertheless: it then leaves the outpost too.
    uses: only ? [] : [providerId(provider.pk)],
  };
}

/** The names of the others of which one answers for the names below this base DN, or this one for theirs. */
function rivalsOf({ pk, base_dn: own }: LdapReply, served: readonly LdapReply[]): readonly string[] {
  const base = own.toLowerCase();
  return served.flatMap(({ pk: other, name, base_dn: dn }) => {
    const clashes = base.endsWith(dn.toLowerCase()) || dn.toLowerCase().endsWith(base);
    return other !== pk && clashes ? [`"${name}" with the base DN ${dn}`] : [];
  });
}

function rivalry(rivals: readonly string[]): string {
  return `the outpost serves ${rivals.join(' and ')} too, so that the bindings of the wrong application would decide: give one of them a base DN that is not the end of the other's, or take it out of the outpost`;
}

/** The outcomes of new entries that the outpost would confuse with another one. */
async function contestedEntries(
  changes: readonly ReadyChange<LdapEntrySpec>[],
  world: World,
): Promise<ReadonlyMap<ReadyChange<LdapEntrySpec>, Outcome>> {
  const [outposts, rows] = await Promise.all([world.read(outpost), world.read(ldapRow)]);
  const outcomes = new Map<ReadyChange<LdapEntrySpec>, Outcome>();
  for (const change of changes) {
    const { want } = change;
    const own = rows.find(({ spec: { pk } }) => String(pk) === want?.provider)?.spec;
    const place = outposts.find(({ id }) => id === want?.outpost)?.spec;
    if (own === undefined || place === undefined) continue;
    const served = rows.map(({ spec }) => spec).filter(({ pk }) => place.providers.includes(pk));
    const rivals = rivalsOf(own, served);
    if (rivals.length === 0) continue;
    const error = new UnsafeError('The outpost would confuse two LDAP providers', { hint: rivalry(rivals) });
    outcomes.set(change, failed(change as ReadyChange<unknown>, error));
  }
  return outcomes;
}
