import type { ProviderLinkSpec } from '../../reconcilers/authentik/application/provider-link.ts';
import type { Oauth2ProviderSpec } from '../../reconcilers/authentik/provider/oauth2-provider.ts';
import type { SamlProviderSpec } from '../../reconcilers/authentik/saml/saml-provider.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Part } from '../core/objects/part.ts';
import type { OriginPart } from '../core/objects/parts/tunnel-parts.ts';
import { Inquiry } from '../doors/inquiry.ts';
import { leadsOf } from '../doors/layers/names.ts';
import type { PartStore } from '../doors/state/part-store.ts';
import type { FileOrigin } from './file-origins.ts';

/** The facts that show what the origins of the live rules ask. */
export interface LiveOriginGround {
  readonly parts: readonly Part[];
  readonly objects: readonly Observed[];
  readonly file: readonly FileOrigin[];
  /** The providers of the file and their outposts, where they count too: somebody may have changed the live ones. */
  readonly wanted?: readonly Part[];
}

/**
 * The origins of the live tunnel rules, as other live objects show them. A provider of forward auth for a host shows that its origin
 * asks the outpost, because gates opens such a host only after a check. So does one for a domain, unless the file says that the origin
 * decides by itself. A client of Authentik with a redirect to the host shows that
 * the origin decides by itself. Any other origin counts as one that asks nobody: whoever reaches it has passed the gate.
 */
export function liveOrigins({ parts, objects, file, wanted = [] }: LiveOriginGround): readonly OriginPart[] {
  const places = new Map(
    parts.flatMap((part) => {
      if (part.part !== 'tunnel-rule' || part.service.startsWith('http_status:')) return [];
      const asked = part.hostHeader ?? part.hostname;
      return [[originKey(part.service, asked), { service: part.service, asked }] as const];
    }),
  );
  const inFile = new Map(file.map(({ part }) => [originKey(part.service, part.hosts?.[0]), part]));
  const ofAuthentik = new Map(
    file.flatMap(({ part }) => (part.asks.who === 'authentik' ? [[part.service, part.asks] as const] : [])),
  );
  const outpostsFor = outpostsOf([...parts, ...wanted]);
  const clients = clientHosts(objects);
  return [...places].map(([key, { service, asked }]) => {
    const { ofHost, ofDomain } = outpostsFor(asked);
    const decidesItself = inFile.get(key)?.asks.who === 'itself';
    const outpost = ofHost ?? (decidesItself ? undefined : ofDomain);
    const asks: OriginPart['asks'] =
      ofAuthentik.get(service) ??
      (outpost !== undefined
        ? { who: 'outpost', outpost }
        : { who: decidesItself || clients.has(asked) ? ('itself' as const) : ('nobody' as const) });
    return { part: 'origin', service, hosts: [asked], asks, trustsForwarded: false };
  });
}

/**
 * The origins of live rules that ask Authentik, as far as live objects show. One is Authentik itself, or was on its way there when a
 * run stopped, if a provider of mode `proxy` answers for its host; but not one to which the file leads that host behind no login of Authentik.
 */
export function originsOfAuthentik(ground: LiveOriginGround): readonly OriginPart[] {
  const outpostsFor = outpostsOf(ground.parts);
  const withoutLogin = ground.file.filter(({ part }) => !('outpost' in part.asks));
  const keysWithoutLogin = new Set(withoutLogin.map(({ part }) => originKey(part.service, part.hosts?.[0])));
  return liveOrigins(ground).flatMap((part): readonly OriginPart[] => {
    const [host = ''] = part.hosts ?? [];
    const { ofHost, proxying } = outpostsFor(host);
    if (
      ofHost === undefined &&
      proxying !== undefined &&
      !keysWithoutLogin.has(originKey(part.service, host))
    )
      return [{ ...part, asks: { who: 'authentik', outpost: proxying } }];
    return 'outpost' in part.asks ? [part] : [];
  });
}

/**
 * The parts without the rules of hosts whose name leads to no tunnel: gates has not opened the host, or somebody has led it elsewhere.
 * Such a rule may lead to the origin of this file already, while the provider for its host is that of an earlier file. So it shows
 * nothing of the origin.
 */
export function partsInUse(store: PartStore): readonly Part[] {
  return [...store.allParts()].filter(
    (part) => part.part !== 'tunnel-rule' || mayLeadToTunnel(store, part.hostname),
  );
}

function mayLeadToTunnel(store: PartStore, host: string): boolean {
  if (host.includes('*')) return true;
  const leads = new Inquiry(store).items('name', (view) =>
    leadsOf(view, host).map(({ when, end }) => ({ when, item: end.at })),
  );
  return leads.some(({ item }) => item !== 'address');
}

/** `http://traefik.lan:80 app.example.dev` */
export function originKey(service: string, asked: string | undefined): string {
  return `${service} ${asked}`;
}

/** The outposts that may answer for a host. */
interface OutpostsFor {
  /** By forward auth, by a provider for the host or by one for a domain that it is in. */
  readonly ofHost: string | undefined;
  readonly ofDomain: string | undefined;
  /** By a provider of mode `proxy` for the host. */
  readonly proxying: string | undefined;
}

function outpostsOf(parts: readonly Part[]): (host: string) => OutpostsFor {
  const outposts = entriesOf(parts);
  const byHost = new Map<string, string>();
  const proxyingHost = new Map<string, string>();
  const domains: { readonly domain: string; readonly outpost: string }[] = [];
  for (const part of parts) {
    if (part.part !== 'proxy-provider') continue;
    const outpost = outposts.get(part.id);
    if (outpost === undefined) continue;
    (part.mode === 'proxy' ? proxyingHost : byHost).set(part.externalHost, outpost);
    if (part.mode === 'forward_domain' && part.cookieDomain !== '')
      domains.push({ domain: part.cookieDomain.replace(/^\./, ''), outpost });
  }
  return (host) => ({
    ofHost: byHost.get(`https://${host}`),
    ofDomain: domains.find(({ domain }) => host === domain || host.endsWith(`.${domain}`))?.outpost,
    proxying: proxyingHost.get(`https://${host}`),
  });
}

/** The outpost of each provider that has one. */
function entriesOf(parts: readonly Part[]): ReadonlyMap<string, string> {
  return new Map(
    parts.flatMap((part) => (part.part === 'outpost-entry' ? [[part.provider, part.outpost] as const] : [])),
  );
}

/** The hosts of the clients of Authentik: those to which a login returns. */
function clientHosts(objects: readonly Observed[]): ReadonlySet<string> {
  const ldap = new Set(
    objects.flatMap(({ address: { kind }, attributes }) =>
      kind === 'authentik/ldap-provider' ? [attributes.id] : [],
    ),
  );
  return new Set(
    objects.flatMap(({ address, spec }) => {
      // An LDAP provider has no address of its application, whose tile shows it.
      if (address.kind === 'authentik/provider-link') {
        const { hosts, provider } = spec as ProviderLinkSpec;
        return ldap.has(provider) ? hosts : [];
      }
      if (address.kind === 'authentik/saml-provider') return hostIn((spec as SamlProviderSpec).acsUrl);
      if (address.kind !== 'authentik/oauth2-provider') return [];
      return (spec as Oauth2ProviderSpec).redirectUris.flatMap(({ uri }) => hostIn(uri));
    }),
  );
}

function hostIn(url: string): readonly string[] {
  const host = /^https?:\/\/([a-z0-9.-]+)/.exec(url)?.[1];
  return host === undefined ? [] : [host];
}
