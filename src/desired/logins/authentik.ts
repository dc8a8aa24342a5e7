import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { GroupSpec } from '../../../reconcilers/authentik/application/group.ts';
import {
  type GroupParentSpec,
  groupParentKey,
  hostsInZones,
} from '../../../reconcilers/authentik/application/group-parent.ts';
import type { ProviderLinkSpec } from '../../../reconcilers/authentik/application/provider-link.ts';
import type { OutpostHostSpec } from '../../../reconcilers/authentik/outpost/outpost-host.ts';
import type { FlowSpec } from '../../../reconcilers/authentik/reading/flow.ts';
import type { VersionSpec } from '../../../reconcilers/authentik/reading/version.ts';
import type { CertificateKeyPairSpec } from '../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { Client } from '../../config/model/client.ts';
import type { AuthentikConfig, Config, FlowUse } from '../../config/model/config.ts';
import { type Address, parseAddressId } from '../../core/objects/address.ts';
import type { AuthentikScope, DesiredObject } from '../../core/objects/object.ts';
import { type Linked, referencesIn } from '../../core/objects/reference.ts';
import { applicationAddress, groupId, stockPair, stockScopes } from '../terms/addresses.ts';
import { usesAccessLogin } from './access-login.ts';
import { ownFlows } from './flow.ts';
import { loginUrl } from './login-host.ts';

/** Authentik, if the file asks anything of it. */
function authentikInUse(config: Config): AuthentikConfig | undefined {
  const { authentik, clients, groups, services } = config;
  const asks = [...services.values()].some(({ gate }) => gate.login === 'authentik');
  const declared = clients.size + groups.size + (authentik?.scopes.size ?? 0);
  return declared > 0 || asks || usesAccessLogin(config) ? authentik : undefined;
}

/** The parts of Authentik that a run reads for these objects. */
export function authentikScope(
  config: Config,
  objects: readonly DesiredObject[],
): AuthentikScope | undefined {
  const { authentik } = config;
  if (authentik === undefined) return undefined;
  const applications = objects
    .filter(({ address }) => address.kind === 'authentik/application')
    .map(({ address }) => address.key);
  const users = objects
    .filter(({ address }) => address.kind === 'authentik/user')
    .map(({ address }) => address.key);
  const policies = objects
    .filter(({ address }) => address.kind === 'authentik/policy')
    .map(({ address }) => address.key);
  const tested = testedApplications(objects);
  const open = objects
    .filter(({ address, spec }) => address.kind === 'authentik/provider-link' && admitsEveryone(spec))
    .map(({ address }) => address.key);
  return {
    url: authentik.url,
    outpost: authentik.outpost,
    flow: authentik.flows.authorization,
    applications: [...new Set(applications)].sort(),
    ...(open.length > 0 && { open: open.sort() }),
    ...(users.length > 0 && { users: [...new Set(users)].sort() }),
    ...(policies.length > 0 && { policies: [...new Set(policies)].sort() }),
    ...(tested.length > 0 && { tested }),
    clients: config.clients.size + authentik.scopes.size > 0 || usesAccessLogin(config),
    ...(speaks(config, 'saml') && { saml: true as const }),
    ...(speaks(config, 'ldap') &&
      authentik.ldapOutpost !== undefined && { ldapOutpost: authentik.ldapOutpost }),
    ...(authentikInUse(config) === undefined && { idle: true as const }),
  };
}

function speaks({ clients }: Config, asked: Client['protocol']): boolean {
  return [...clients.values()].some(({ protocol }) => protocol === asked);
}

/** The applications that bind policies, and neither a group nor a user. */
function testedApplications(objects: readonly DesiredObject[]): readonly string[] {
  const bindings = objects.filter(({ address }) => address.kind === 'authentik/binding');
  const named = new Set(
    bindings.flatMap(({ spec }) => {
      const { application, policy } = spec as Linked<BindingSpec>;
      return policy === undefined ? referencesIn(application) : [];
    }),
  );
  const isTested = ({ address, spec }: DesiredObject) =>
    address.kind === 'authentik/application' &&
    (spec as Linked<ApplicationSpec>).engine === 'all' &&
    !named.has(applicationAddress(address.key));
  return objects.flatMap((object) => (isTested(object) ? [object.address.key] : [])).sort();
}

function admitsEveryone(link: unknown): boolean {
  return (link as Linked<ProviderLinkSpec>).admits === 'everyone';
}

/** Every declared group, even if no gate names it yet, so that people can be put into it before. */
export function compileGroups({ groups, groupParents, cloudflare }: Config): readonly DesiredObject[] {
  const hosts = hostsInZones(cloudflare.zones);
  const made = [...groups].map((name): DesiredObject<GroupSpec> => {
    const because = `groups.${name}`;
    return { address: { kind: 'authentik/group', key: name }, spec: { name }, because };
  });
  return [...made, ...[...groupParents].map(([name, parent]) => groupParent(name, parent, hosts))];
}

function groupParent(name: string, parent: string, hosts: readonly string[]): DesiredObject<GroupParentSpec> {
  const spec = { group: groupId(name), parent: groupId(parent), names: { group: name, parent }, hosts };
  const address = { kind: 'authentik/group-parent', key: groupParentKey(name, parent) } as const;
  return { address, spec, because: `groups.${name}` };
}

/**
 * The objects in Authentik on which these depend and that gates does not make: its version, flows, the outpost's
 * public address.
 */
export function authentikLookups(
  config: Config,
  objects: readonly DesiredObject[],
): readonly DesiredObject[] {
  const authentik = authentikInUse(config);
  if (authentik === undefined) return [];
  const references = [...new Set(objects.flatMap(({ spec }) => referencesIn(spec)))].map(parseAddressId);
  return [version, ...references.flatMap((address) => lookupOf(address, authentik, config) ?? [])];
}

function lookupOf(
  { kind, key }: Address,
  authentik: AuthentikConfig,
  config: Config,
): DesiredObject | undefined {
  const login = loginUrl(config);
  if (kind === 'authentik/flow') return flow(key, authentik, config);
  if (kind === 'authentik/certificate') return certificate(key);
  if (kind === 'authentik/saml-mapping') return stockSamlMapping(key);
  if (kind === 'authentik/ldap-outpost') return ldapOutpost(key);
  if (kind === 'authentik/outpost-host' && login !== undefined) return outpostHost(key, login);
  return kind === 'authentik/scope-mapping' && key.startsWith(stockScopes) ? stockScope(key) : undefined;
}

const version: DesiredObject<VersionSpec> = {
  address: { kind: 'authentik/version', key: 'server' },
  spec: { supported: true },
  mustExist: 'Authentik does not say which version it is: check `authentik.url`',
  because: 'authentik.url',
};

/** The designation that Authentik gives to the flows of each use. */
export const flowDesignations: Readonly<Record<FlowUse, string>> = {
  authorization: 'authorization',
  invalidation: 'invalidation',
  bind: 'authentication',
  unbind: 'invalidation',
};

function flow(slug: string, { flows }: AuthentikConfig, config: Config): DesiredObject<FlowSpec> {
  const uses = Object.keys(flowDesignations) as readonly FlowUse[];
  const shared = uses.find((each) => flows[each] === slug);
  const own = shared === undefined ? ownFlows(config).find((each) => each.slug === slug) : undefined;
  const use = shared ?? (own === undefined ? 'invalidation' : 'authorization');
  const key = own?.key ?? `authentik.flows.${use}`;
  return {
    address: { kind: 'authentik/flow', key: slug },
    spec: { designation: flowDesignations[use], key },
    mustExist: `Authentik has no such flow: correct \`${key}\``,
    because: key,
  };
}

function certificate(name: string): DesiredObject<CertificateKeyPairSpec> {
  return {
    address: { kind: 'authentik/certificate', key: name },
    spec: { privateKey: true },
    mustExist:
      name !== stockPair
        ? 'Authentik has no key pair of this name: correct `ldap.certificate`, or import it there under System, Certificates'
        : 'Authentik has lost the key pair that it made for itself: make one of this name in Authentik, or give each OIDC client `signingKey: own`',
    because: 'clients',
  };
}

function stockScope(managed: string): DesiredObject {
  return {
    address: { kind: 'authentik/scope-mapping', key: managed },
    spec: {},
    mustExist:
      'Authentik has lost this mapping of its own: apply its blueprint "OAuth2 scopes" again, or declare the scope under `authentik.scopes`',
    because: 'clients',
  };
}

function stockSamlMapping(managed: string): DesiredObject {
  return {
    address: { kind: 'authentik/saml-mapping', key: managed },
    spec: {},
    mustExist:
      'Authentik has lost this mapping of its own: apply its blueprint "SAML Provider - Mappings" again, or leave the attribute out of `saml.attributes`',
    because: 'clients',
  };
}

function ldapOutpost(name: string): DesiredObject {
  return {
    address: { kind: 'authentik/ldap-outpost', key: name },
    spec: {},
    mustExist:
      'Authentik has no LDAP outpost of this name: make one there under Applications, Outposts, with the provider of the client, and run it; or correct `authentik.ldapOutpost`',
    because: 'authentik.ldapOutpost',
  };
}

function outpostHost(outpost: string, host: string): DesiredObject<OutpostHostSpec> {
  return {
    address: { kind: 'authentik/outpost-host', key: outpost },
    spec: { host },
    mustExist: 'Authentik has no proxy outpost of this name: correct `authentik.outpost`',
    because: 'authentik.outpost',
  };
}
