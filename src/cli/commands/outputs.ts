import type { OidcClient, SamlClient } from '../../config/model/client.ts';
import type { Config, Service } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { parseAddressId } from '../../core/objects/address.ts';
import { compile } from '../../desired/compile.ts';
import { clientProviderAddress } from '../../desired/logins/clients.ts';
import { doorKey, doorsOf, isAccessGate } from '../../desired/terms/doors.ts';
import { observe } from '../../observed/observe.ts';
import type { ClientTerms, SamlTerms } from '../../report/outputs/application/application-terms.ts';
import {
  type ApplicationAsked,
  type ApplicationFormat,
  formatApplication,
} from '../../report/outputs/application/outputs-application.ts';
import { isLdapOutputs } from '../../report/outputs/ldap-outputs.ts';
import {
  type ClientOutputs,
  isSamlOutputs,
  type Outputs,
  type OutputsAsked,
  type OutputsDocument,
  outputKinds,
  outputsOf,
} from '../../report/outputs/outputs.ts';
import { formatCaddy } from '../../report/outputs/outputs-caddy.ts';
import { formatNginx } from '../../report/outputs/outputs-nginx.ts';
import { formatOutputs, type OutputsFormat } from '../../report/outputs/outputs-text.ts';
import { formatTraefik, type TraefikForm } from '../../report/outputs/outputs-traefik-text.ts';
import type { Effects } from '../../run/reconcile.ts';
import { loginService, proxyAsked } from '../origins/proxy-asked.ts';
import { readConfigOrTell } from '../surroundings/asked-config.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { print, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface OutputsOptions {
  readonly file: string;
  readonly service?: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
  readonly client?: string;
  readonly format: OutputsFormat | ProxyFormat | ApplicationFormat;
  readonly traefik: TraefikForm;
  /** The daemon's listener as the proxy reaches it. */
  readonly daemon: string;
  /** The application as the proxy reaches it. */
  readonly application: string;
  readonly color: boolean;
}

type ProxyFormat = 'traefik' | 'caddy' | 'nginx';

/**
 * Prints what applications and the origin need to know of their gates, and never a secret. The output for a proxy
 * depends only on the file, since a proxy has to be ready before gates can check the gate; the rest is read from the
 * systems. Exit codes: 0 = complete, 1 = something requested does not exist or cannot be read.
 */
export async function outputs(options: OutputsOptions): Promise<number> {
  const { service, client, format } = options;
  const asked = await readConfigOrTell(options);
  if (asked === undefined) return 1;
  const { config, settings } = asked;
  if (client !== undefined && !config.clients.has(client)) throw unknownClient(config, client);
  if (isProxyFormat(format)) {
    print(proxyText(config, options, format));
    return 0;
  }
  const isData = format === 'yaml' || format === 'json' || format === 'env';
  if (!isData && service === undefined && client === undefined) throw unnamed(format);
  const effects = effectsMaker(settings)(new AbortController().signal);
  const { document, missing } = await readOutputs(config, { service, client }, effects);
  const written = isData
    ? { text: formatOutputs(document, format), missing: [] }
    : formatApplication(format, applicationAsked(config, document, service));
  print(written.text);
  const all = [...missing, ...written.missing];
  for (const what of all) tell(`missing: ${what}`);
  return all.length === 0 ? 0 : 1;
}

function isProxyFormat(format: OutputsOptions['format']): format is ProxyFormat {
  return format === 'traefik' || format === 'caddy' || format === 'nginx';
}

function proxyText(config: Config, options: OutputsOptions, format: ProxyFormat): string {
  const { service, daemon, traefik, application } = options;
  const asked = proxyAsked(config, service, daemon);
  if (format === 'traefik') return formatTraefik(asked, traefik);
  const behind = application.replace(/\/$/, '');
  return format === 'nginx' ? formatNginx(asked, behind) : formatCaddy(asked, behind);
}

function unnamed(format: string): UsageError {
  return new UsageError(`--format ${format} is for one application`, {
    hint: 'Name it with --service NAME or --client NAME',
  });
}

function unknownClient({ clients }: Config, name: string): UsageError {
  const names = [...clients.keys()];
  return new UsageError(`the file has no client "${name}"`, {
    hint: names.length === 0 ? 'It has no clients' : `It has ${names.join(', ')}`,
  });
}

/** The application of a service behind Access, and the requested clients. */
function applicationAsked(
  config: Config,
  { services, clients }: OutputsDocument,
  service: string | undefined,
): ApplicationAsked {
  const access = service === undefined ? undefined : services[service]?.access;
  const named = Object.entries(clients).map(([name, live]) => ({ client: config.clients.get(name), live }));
  const oidc = named.flatMap(({ client, live }) =>
    client?.protocol === 'oidc' && 'clientId' in live ? [clientTerms(client, live)] : [],
  );
  const saml = named.flatMap(({ client, live }) =>
    client?.protocol === 'saml' && isSamlOutputs(live) ? [samlTerms(client, live)] : [],
  );
  const ldap = named.flatMap(({ client, live }) =>
    client !== undefined && isLdapOutputs(live) ? [{ name: client.name, live }] : [],
  );
  const guarded = service && access ? { service, access } : undefined;
  return { guarded, clients: oidc, samlClients: saml, ldapClients: ldap };
}

function samlTerms({ name, acsUrl, audience }: SamlClient, live: SamlTerms['live']): SamlTerms {
  return { name, live, acsUrl, audience };
}

function clientTerms(
  { name, type, redirectUris, scopes, deliver }: OidcClient,
  live: ClientOutputs,
): ClientTerms {
  const [sink] = deliver;
  return {
    name,
    live,
    type,
    scopes,
    redirectUris: redirectUris.flatMap(({ match, uri }) => (match === 'strict' ? [uri] : [])),
    secret:
      type === 'public' || sink === undefined ? undefined : { file: sink.file, variable: sink.names.secret },
  };
}

/** The entry of the file that a person names; without one, all entries. */
export interface OutputsSelection {
  readonly service?: string | undefined;
  readonly client?: string | undefined;
}

/** Reads only the kinds that are needed, in one run. */
export async function readOutputs(
  config: Config,
  selection: OutputsSelection,
  { reconcilers, world }: Pick<Effects, 'reconcilers' | 'world'>,
): Promise<Outputs> {
  const requested = outputsAsked(config, selection);
  const kinds = outputKinds(requested);
  const readers = reconcilers.filter(({ kind }) => kinds.includes(kind));
  return outputsOf(requested, await observe(readers, world(compile(config).scope)));
}

/** The outputs of the file. With a service, only its doors, and the clients that its gates name, or the given one. */
export function outputsAsked(config: Config, { service: only, client }: OutputsSelection): OutputsAsked {
  const services = client !== undefined && only === undefined ? [] : selected(config, only);
  const named = services.flatMap(gatesOf).flatMap(clientOf);
  const ofServices = only === undefined ? [...config.clients.keys()] : [...new Set(named)];
  const clientsAsked = client === undefined ? ofServices : [client];
  const face = loginService(config);
  return {
    owner: config.owner,
    doors: services
      .flatMap(doorsOf)
      .filter(({ gate }) => isAccessGate(gate))
      .map((door) => ({
        service: door.service.name,
        host: door.host,
        path: door.path?.path,
        key: doorKey(door),
      })),
    clients: clientsAsked.flatMap((name) => {
      const asked = config.clients.get(name);
      return asked === undefined ? [] : [{ name, provider: parseAddressId(clientProviderAddress(asked)) }];
    }),
    authentikHost: face?.host,
  };
}

function selected({ services }: Config, only: string | undefined): readonly Service[] {
  return [...services.values()].filter(({ name }) => only === undefined || name === only);
}

function gatesOf({ gate, paths }: Service): readonly Gate[] {
  return [gate, ...paths.map((path) => path.gate)];
}

/** The client that the gate names: the one for logins, or the one whose keys sign tokens. */
function clientOf(gate: Gate): readonly string[] {
  const { client, keys } = gate;
  if (client !== undefined) return [client];
  return keys !== undefined && 'client' in keys ? [keys.client] : [];
}
