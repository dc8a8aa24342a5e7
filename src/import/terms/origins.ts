import type {
  IngressOriginRequest,
  IngressRuleSpec,
} from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Config, Origin } from '../../config/model/config.ts';
import { grouped } from '../../core/objects/grouped.ts';
import { durationText } from './durations.ts';
import { Inexpressible } from './inexpressible.ts';
import { EntryNames } from './names.ts';

/** The keys of an origin that are durations: seconds in a tunnel's configuration, text in the file. */
const durations: ReadonlySet<string> = new Set([
  'connectTimeout',
  'keepAliveTimeout',
  'tcpKeepAlive',
  'tlsTimeout',
] satisfies (keyof file.Origin & keyof IngressOriginRequest)[]);

/** The other keys of an origin that a tunnel's configuration has under the same name. */
const plain: ReadonlySet<string> = new Set([
  'caPool',
  'disableChunkedEncoding',
  'http2Origin',
  'keepAliveConnections',
  'matchSNItoHost',
  'noHappyEyeballs',
  'noTLSVerify',
  'originServerName',
  'proxyType',
] satisfies (keyof file.Origin & keyof IngressOriginRequest)[]);

/** The server to which a tunnel sends the requests of a host. */
export interface Target {
  readonly origin: file.Origin;
  readonly hostHeader: string | undefined;
}

/**
 * The target of a tunnel rule.
 * @throws Inexpressible for a service that is no server, such as `http_status:404`, and for settings that the file does not have.
 */
export function targetOf({ tunnel, service, originRequest }: IngressRuleSpec): Target {
  if (!/^(?:[a-z]+:\/\/[^/]+\/?|unix(?:\+tls)?:\/.+)$/.test(service))
    throw new Inexpressible(`its tunnel rule leads to ${service}, which is no origin of the file`);
  const { access: _, httpHostHeader: hostHeader, ...settings } = originRequest;
  const entries = Object.entries(settings).map(([key, value]) => {
    if (durations.has(key)) return [key, durationText(value as number)] as const;
    if (plain.has(key)) return [key, value] as const;
    throw new Inexpressible(`its tunnel rule sets \`${key}\``);
  });
  return { origin: { tunnel, url: service.replace(/\/$/, ''), ...Object.fromEntries(entries) }, hostHeader };
}

/** A host, its origin, and the facts that its gate states of the origin. */
export interface OriginUse {
  readonly host: string;
  readonly origin: file.Origin;
  /** The origin asks Authentik about the requests of this host. */
  readonly asks: boolean;
  /** One text for equal gates. */
  readonly gate: string;
}

export interface NamedOrigins {
  readonly origins: Readonly<Record<string, file.Origin>>;
  /** The name of the origin of a host. */
  readonly nameOf: (host: string) => string;
}

/** The origins of these hosts, each once, with a name from its address. Those that are known are used, and not among the result. */
export function namedOrigins(uses: readonly OriginUse[], known: Config['origins'] = new Map()): NamedOrigins {
  const groups = grouped(uses, ({ origin }) => sortedText(origin));
  const names = new EntryNames(known.keys());
  const byHost = new Map<string, string>();
  const origins: Record<string, file.Origin> = {};
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const all = [first, ...others];
    const asks = all.some((use) => use.asks);
    const reused = knownName(first.origin, asks, known);
    if (reused !== undefined) {
      for (const { host } of all) byHost.set(host, reused);
      continue;
    }
    const name = names.give(
      ...namesFor(
        first.origin,
        all.map(({ host }) => host),
      ),
    );
    for (const { host } of all) byHost.set(host, name);
    // A server with hosts behind different gates is one that tells its hosts apart (G117).
    const isRouter = !asks && new Set(all.map(({ gate }) => gate)).size > 1;
    origins[name] = {
      ...first.origin,
      ...(asks && { forwardAuth: true }),
      ...(isRouter && { router: true }),
    };
  }
  return { origins, nameOf: (host) => byHost.get(host) ?? '' };
}

/** The name of the known origin that is this server with these settings, and that asks if it must. */
function knownName(origin: file.Origin, asks: boolean, known: Config['origins']): string | undefined {
  const text = sortedText(origin);
  const same = [...known.values()].find(
    (each) => (each.forwardAuth || !asks) && sortedText(liveForm(each)) === text,
  );
  return same?.name;
}

/** An origin of a file as {@link targetOf} returns it. */
function liveForm({ tunnel, url, request }: Origin): file.Origin {
  const settings = Object.entries(request).map(([key, value]) => [
    key,
    durations.has(key) ? durationText(Number(value)) : value,
  ]);
  return { tunnel, url, ...Object.fromEntries(settings) };
}

function sortedText(origin: file.Origin): string {
  return JSON.stringify(Object.entries(origin).sort());
}

/** Names for an origin, the best first: its own name in the network, else that of its only host, else its address. */
function namesFor({ url }: file.Origin, hosts: readonly string[]): readonly string[] {
  const { hostname, port, protocol } = new URL(url);
  const isAddress = /^[\d.]+$|^\[/.test(hostname) || hostname === 'localhost';
  const own = hostname.split('.')[0] ?? hostname;
  const [only] = hosts;
  const address = `${isAddress ? hostname : own}-${port || protocol.slice(0, -1)}`;
  return [
    ...(isAddress ? [] : [own]),
    ...(hosts.length === 1 && only !== undefined ? [only.split('.')[0] ?? only] : []),
    address,
  ];
}
