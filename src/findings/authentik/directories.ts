import type { LdapProviderSpec } from '../../../reconcilers/authentik/ldap/ldap-provider.ts';
import type { LdapReply } from '../../../reconcilers/authentik/provider/ldap-row.ts';
import type { Observed } from '../../core/objects/object.ts';
import { specByFile } from '../terms/explaining-file.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject, providerName } from '../terms/subjects.ts';
import { isUnbound } from './applications.ts';

type Provider = Observed<LdapProviderSpec>;

/** The LDAP providers with which nobody can log in, and those that do not do what their own application says. */
export const faultyDirectories: FindingQuestion = {
  rules: ['idle-directory', 'shared-base-dn', 'backchannel-bindings', 'cached-directory'],
  reads: ['authentik/ldap-provider', 'authentik/ldap-outpost', 'authentik/ldap-entry'],
  ask: (ground) =>
    ground.live
      .of('authentik/ldap-provider')
      .flatMap((have) => [...servingFaults(have, ground), ...cachedModes(have, ground)]),
};

/** The applications that have an LDAP provider as a backchannel, and bind nobody. */
export const unboundDirectories: FindingQuestion = {
  rules: ['unbound-directory'],
  reads: ['authentik/ldap-provider', 'authentik/application', 'authentik/provider-link', 'authentik/binding'],
  needsEveryApplication: true,
  ask(ground) {
    const { live } = ground;
    // Another question asks about an application with a provider of its own.
    const linked = new Set(live.of('authentik/provider-link').map(({ spec }) => spec.application));
    const asked = new Set(live.of('authentik/ldap-provider').map(({ spec }) => spec.backchannel));
    return live
      .of('authentik/application')
      .filter(({ id, address }) => asked.has(address.key) && !linked.has(id))
      .filter((application) => isUnbound(application, ground))
      .map(({ spec, address: { key } }) => ({
        rule: 'unbound-directory',
        subject: namedSubject('Authentik application', key),
        says: `An LDAP outpost asks the application ${spec.name} (${key}), of which no binding is in effect: everybody with an account gets in`,
      }));
  },
};

function servingFaults(have: Provider, { live }: FindingGround): readonly FoundFault[] {
  const { baseDn, backchannel } = have.spec;
  const { assigned_application_slug: assigned } = have.raw as LdapReply;
  const entries = live.of('authentik/ldap-entry').filter(({ spec }) => spec.provider === have.attributes.id);
  const rivals = entries.find(({ spec }) => spec.rivals.length > 0)?.spec.rivals ?? [];
  const name = providerName(have, live.scope);
  const subject = namedSubject('LDAP provider', name);
  if (!assigned && backchannel === '')
    return [{ rule: 'idle-directory', subject, says: `The LDAP provider "${name}" has no application` }];
  return [
    ...when(entries.length === 0, {
      rule: 'idle-directory',
      subject,
      says: `No outpost serves the LDAP provider "${name}" for names below ${baseDn}`,
    }),
    ...when(rivals.length > 0, {
      rule: 'shared-base-dn',
      subject,
      says: `An outpost serves ${rivals.join(' and ')} beside the LDAP provider "${name}" with the base DN ${baseDn}`,
    }),
    ...when(Boolean(assigned) && backchannel !== '', {
      rule: 'backchannel-bindings',
      subject,
      says: `The LDAP provider "${name}" belongs to the application ${assigned}, but the bindings of ${backchannel} decide, which has it as a backchannel provider`,
    }),
  ];
}

/** The modes in which the outpost does not ask Authentik (internal/outpost/ldap, bind/memory and search/memory). */
function cachedModes(have: Provider, ground: FindingGround): readonly FoundFault[] {
  const wanted = specByFile(ground, have) as Partial<LdapProviderSpec> | undefined;
  const name = providerName(have, ground.live.scope);
  const isCached = (mode: 'bindMode' | 'searchMode') =>
    have.spec[mode] === 'cached' && wanted?.[mode] !== 'cached';
  const found = { rule: 'cached-directory', subject: namedSubject('LDAP provider', name) } as const;
  return [
    ...when(isCached('bindMode'), {
      ...found,
      says: `\`bind_mode\` of the LDAP provider "${name}" is \`cached\`: its outpost accepts a password again without asking Authentik, until the session of the first login ends`,
    }),
    ...when(isCached('searchMode'), {
      ...found,
      says: `\`search_mode\` of the LDAP provider "${name}" is \`cached\`: its outpost shows people and groups as it last loaded them`,
    }),
  ];
}

function when(is: boolean, fault: FoundFault): readonly FoundFault[] {
  return is ? [fault] : [];
}
