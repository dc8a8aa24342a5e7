import { describeError } from '../../core/errors.ts';
import type { Address, Kind } from '../../core/objects/address.ts';
import type { Observation, Observed } from '../../core/objects/object.ts';
import { type LdapOutputs, ldapOutputs } from './ldap-outputs.ts';

/** A door that Access guards: its place in the file, and the key of its application. */
export interface AccessDoor {
  readonly service: string;
  readonly host: string;
  /** As in the file, `/a` or `/a/**`; undefined for the host itself. */
  readonly path: string | undefined;
  readonly key: string;
}

/** A client of the file. */
export interface AskedClient {
  /** Also the slug of its application. */
  readonly name: string;
  /** The type is that of its protocol. */
  readonly provider: Address;
}

/** The requested outputs, from the file alone. */
export interface OutputsAsked {
  readonly owner: string;
  readonly doors: readonly AccessDoor[];
  readonly clients: readonly AskedClient[];
  /** The host by which browsers reach Authentik; undefined if the file does not say it. */
  readonly authentikHost: string | undefined;
}

/**
 * The values with which an application checks the token that Access sends; null if they are not known yet. The forms of
 * the addresses and the name of the header:
 * https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/
 */
export interface AccessOutputs {
  readonly teamDomain: string | null;
  /** Claim `iss`. */
  readonly issuer: string | null;
  readonly certsUrl: string | null;
  /** Claim `aud`: hexadecimal, and not secret. */
  readonly aud: string | null;
  readonly header: 'Cf-Access-Jwt-Assertion';
}

export interface ServiceOutputs {
  readonly host: string;
  /** Absent if Access guards only paths. */
  readonly access?: AccessOutputs;
  /** Paths with a gate of their own, each with its own audience. */
  readonly paths?: Readonly<Record<string, AccessOutputs>>;
}

/**
 * The values that an application needs to log people in through Authentik, without the secret, which goes only to the
 * files of `deliver`. The addresses: https://docs.goauthentik.io/add-secure-apps/providers/oauth2/
 */
export interface ClientOutputs {
  readonly clientId: string | null;
  readonly issuer: string | null;
  readonly discoveryUrl: string | null;
  readonly authorizationUrl: string | null;
  readonly tokenUrl: string | null;
  readonly userinfoUrl: string | null;
  readonly jwksUrl: string | null;
  readonly endSessionUrl: string | null;
}

/**
 * The values that an application needs to log people in through Authentik by SAML. The certificate that signs is in the
 * metadata. The addresses: https://docs.goauthentik.io/add-secure-apps/providers/saml/
 */
export interface SamlOutputs {
  /** The entity id of Authentik. */
  readonly issuer: string | null;
  readonly metadataUrl: string | null;
  readonly ssoPostUrl: string | null;
  readonly ssoRedirectUrl: string | null;
  readonly sloPostUrl: string | null;
  readonly sloRedirectUrl: string | null;
}

/** The outputs of a client of any protocol. */
export type AnyClientOutputs = ClientOutputs | SamlOutputs | LdapOutputs;

/** The document of `gates outputs`; schema/outputs.schema.json describes it. */
export interface OutputsDocument {
  readonly version: 1;
  readonly services: Readonly<Record<string, ServiceOutputs>>;
  readonly clients: Readonly<Record<string, AnyClientOutputs>>;
}

export interface Outputs {
  readonly document: OutputsDocument;
  /** The requested values that gates does not have, each with the action to take. */
  readonly missing: readonly string[];
}

const accessKinds = ['cloudflare/organization', 'cloudflare/access-application'] as const;
const samlKind = 'authentik/saml-provider';
const ldapKind = 'authentik/ldap-provider';

/** The kinds that the outputs need; gates reads no others. */
export function outputKinds({ doors, clients }: OutputsAsked): readonly Kind[] {
  const providers = new Set(clients.map(({ provider }) => provider.kind));
  return [
    ...(doors.length > 0 ? accessKinds : []),
    ...providers,
    ...(clients.length > 0 ? (['authentik/application'] as const) : []),
  ];
}

/**
 * The requested outputs, filled in from the live objects. Foreign objects do not count: the file does not mean them.
 */
export function outputsOf(asked: OutputsAsked, observations: readonly Observation[]): Outputs {
  const missing = observations.flatMap((observation) =>
    observation.state === 'unknown'
      ? [`${observation.kind} could not be read: ${describeError(observation.error)}`]
      : [],
  );
  const live = liveOf(asked, observations, (what) => missing.push(what));
  const services = new Map<string, ServiceOutputs>();
  for (const door of asked.doors) {
    services.set(door.service, withDoor(services.get(door.service), door, live.access(door)));
  }
  const clients = asked.clients.map((client) => [client.name, live.client(client)] as const);
  return {
    document: { version: 1, services: Object.fromEntries(services), clients: Object.fromEntries(clients) },
    missing,
  };
}

interface Live {
  access(door: AccessDoor): AccessOutputs;
  client(asked: AskedClient): AnyClientOutputs;
}

function liveOf(
  { owner, doors, clients, authentikHost }: OutputsAsked,
  observations: readonly Observation[],
  miss: (what: string) => void,
): Live {
  const read = (kind: Kind) => {
    const observation = observations.find((candidate) => candidate.kind === kind);
    return observation?.state === 'known' ? observation.objects : undefined;
  };
  const [organizations, applications] = accessKinds.map(read);
  const slugs = read('authentik/application');
  const teamDomain = organizations?.[0]?.attributes.authDomain ?? null;
  if (doors.length > 0 && organizations !== undefined && teamDomain === null) {
    miss('Zero Trust is not set up for this account: choose a team name in the dashboard, under Zero Trust');
  }
  if (clients.some(({ provider }) => provider.kind !== ldapKind) && authentikHost === undefined) {
    miss(
      'the public address of Authentik: name its service in `authentik.service`, which issuer and endpoints need',
    );
  }
  return {
    access({ service, path, key }) {
      const aud = ours(applications, owner, key)?.attributes.aud;
      const where = path === undefined ? `services.${service}` : `services.${service}.paths.${path}`;
      if (aud === undefined && applications !== undefined) miss(notApplied(where));
      return accessOutputs(teamDomain, aud ?? null);
    },
    client({ name, provider: { kind, key } }) {
      const providers = read(kind);
      const provider = ours(providers, owner, key);
      const application = ours(slugs, owner, name);
      const known = providers !== undefined && slugs !== undefined;
      if (known && (provider === undefined || application === undefined)) miss(notApplied(`clients.${name}`));
      const slug = application?.attributes.slug;
      const base = slug === undefined || authentikHost === undefined ? undefined : `https://${authentikHost}`;
      if (kind === ldapKind) return ldapOutputs(provider?.attributes ?? {});
      return kind === samlKind
        ? samlOutputs(provider?.attributes ?? {}, base, slug)
        : clientOutputs(provider?.attributes.clientId ?? null, base, slug);
    },
  };
}

function notApplied(where: string): string {
  return `${where}: not applied yet: run \`gates apply\``;
}

/** Our object with this key. If several have it, the oldest, because gates keeps that one. */
function ours(objects: readonly Observed[] | undefined, owner: string, key: string): Observed | undefined {
  return objects
    ?.filter((object) => object.owner === owner && object.address.key === key)
    .sort((left, right) => (left.createdAt ?? '').localeCompare(right.createdAt ?? ''))[0];
}

function accessOutputs(teamDomain: string | null, aud: string | null): AccessOutputs {
  const issuer = teamDomain === null ? null : `https://${teamDomain}`;
  return {
    teamDomain,
    issuer,
    certsUrl: issuer === null ? null : `${issuer}/cdn-cgi/access/certs`,
    aud,
    header: 'Cf-Access-Jwt-Assertion',
  };
}

function withDoor(
  before: ServiceOutputs | undefined,
  door: AccessDoor,
  access: AccessOutputs,
): ServiceOutputs {
  const { host, path } = door;
  if (path === undefined) return { host, access, ...before };
  return { host, ...before, paths: { ...before?.paths, [path]: access } };
}

function clientOutputs(
  clientId: string | null,
  base: string | undefined,
  slug: string | undefined,
): ClientOutputs {
  const at = (rest: string) => (base === undefined ? null : `${base}/application/o/${rest}`);
  return {
    clientId,
    issuer: at(`${slug}/`),
    discoveryUrl: at(`${slug}/.well-known/openid-configuration`),
    authorizationUrl: at('authorize/'),
    tokenUrl: at('token/'),
    userinfoUrl: at('userinfo/'),
    jwksUrl: at(`${slug}/jwks/`),
    endSessionUrl: at(`${slug}/end-session/`),
  };
}

/** The issuer is the provider's own text, or an address at the host that browsers use. */
function samlOutputs(
  { issuer, issuerPath }: Readonly<Record<string, string>>,
  base: string | undefined,
  slug: string | undefined,
): SamlOutputs {
  const at = (rest: string) => (base === undefined ? null : `${base}/application/saml/${slug}/${rest}`);
  const address = issuerPath === undefined || base === undefined ? null : `${base}${issuerPath}`;
  return {
    issuer: issuer ?? address,
    metadataUrl: at('metadata/'),
    ssoPostUrl: at('sso/binding/post/'),
    ssoRedirectUrl: at('sso/binding/redirect/'),
    sloPostUrl: at('slo/binding/post/'),
    sloRedirectUrl: at('slo/binding/redirect/'),
  };
}

/** True if these are the outputs of a SAML client. */
export function isSamlOutputs(outputs: AnyClientOutputs): outputs is SamlOutputs {
  return 'metadataUrl' in outputs;
}
