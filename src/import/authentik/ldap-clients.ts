import type { LdapProviderSpec } from '../../../reconcilers/authentik/ldap/ldap-provider.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';

type Ldap = NonNullable<file.Client['ldap']>;

/** The base DNs that a file can have (`baseDn` of the schema). */
const sayableBaseDn = /^[A-Za-z][A-Za-z0-9-]*=[A-Za-z0-9._-]+(?:,[A-Za-z][A-Za-z0-9-]*=[A-Za-z0-9._-]+)*$/;

/**
 * A live LDAP provider as the file says it.
 * @throws Inexpressible
 */
export function ldapOf({ spec }: Observed<LdapProviderSpec>, live: LiveObjects): Ldap {
  const { baseDn, bindMode, searchMode, mfa, uidStartNumber, gidStartNumber, tlsServerName } = spec;
  if (spec.backchannel !== '')
    throw new Inexpressible(`the application ${spec.backchannel} has it as a backchannel provider`);
  if (!sayableBaseDn.test(baseDn)) throw new Inexpressible(`it has the base DN ${baseDn}`);
  return {
    baseDn,
    ...(bindMode !== 'direct' && { bindMode }),
    ...(searchMode !== 'direct' && { searchMode }),
    ...(!mfa && { mfa }),
    ...(uidStartNumber !== 2000 && { uidStartNumber }),
    ...(gidStartNumber !== 4000 && { gidStartNumber }),
    ...(spec.certificate && { certificate: certificateOf(spec.certificate, live) }),
    ...(tlsServerName && { tlsServerName }),
  };
}

function certificateOf(id: string, live: LiveObjects): string {
  const pair = live.of('authentik/certificate').find((each) => each.id === id);
  if (pair === undefined) throw new Inexpressible('it has a key pair that gates made for another client');
  return pair.address.key;
}

/** The LDAP outposts that serve a provider. */
export function ldapOutpostsOf(
  { attributes: { id } }: Observed<LdapProviderSpec>,
  live: LiveObjects,
): readonly string[] {
  return live
    .of('authentik/ldap-entry')
    .filter(({ spec }) => spec.provider === id)
    .flatMap(({ spec }) => live.withId('authentik/ldap-outpost', spec.outpost)?.address.key ?? []);
}
