import { type Outline, outline } from '../../../schema/generated/validate.js';
import { plain } from '../mistakes/plain-text.ts';

const { $defs } = outline;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const VARIABLE = /\$\{|\{\{|\$[A-Z_]/;
const noVariables = 'gates.yaml has no variables: write it out';

/** A hint for a host with a web scheme, a port, a path, a wildcard or a final dot. */
export function hostHint({ pattern = '' }: Outline, value: string): string | undefined {
  if (VARIABLE.test(value)) return noVariables;
  if (value.includes('*')) return 'gates has no wildcard hosts: write a service for each host';
  const bare = value
    .replace(SCHEME, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d*$/, '')
    .replace(/\.$/, '')
    .trim();
  const scheme = SCHEME.exec(value)?.[1]?.toLowerCase() ?? 'https';
  if (bare === value || !matches(pattern, bare)) {
    const hyphens = bare.replaceAll('_', '-');
    return hyphens !== bare && matches(pattern, hyphens)
      ? `a host has no underscore: ${hyphens} would be one`
      : undefined;
  }
  return isPublished(scheme) ? `write ${bare}` : unpublished(scheme);
}

/** A hint for the address of a server without a scheme, with a path, or of another protocol. */
export function addressHint({ pattern = '' }: Outline, value: string): string | undefined {
  if (VARIABLE.test(value)) return noVariables;
  const [scheme] = SCHEME.exec(value)?.slice(1) ?? [];
  const rest = value.replace(SCHEME, '');
  const authority = rest.replace(/[/?#].*$/, '').replace(/^.*@/, '');
  const port = Number(/:(\d+)$/.exec(authority)?.[1] ?? 80);
  if (port < 1 || port > 65_535) return 'a port is a number from 1 to 65535';
  if (scheme !== undefined && !matches(pattern, `${scheme.toLowerCase()}://server.lan`)) {
    const web = /^wss?$/i.test(scheme) ? `http${scheme.length === 3 ? 's' : ''}://${authority}` : undefined;
    if (web !== undefined) return `write ${web}: websockets go through it too`;
    return isPublished(scheme.toLowerCase()) ? undefined : unpublished(scheme.toLowerCase());
  }
  const whole = `${scheme?.toLowerCase() ?? ([443, 8006, 8443, 9443].includes(port) ? 'https' : 'http')}://${authority}`;
  if (!matches(pattern, whole)) {
    return authority.includes('_')
      ? 'a host has no underscore: write another name, or the IP address'
      : undefined;
  }
  if (rest === authority) return `write ${whole}`;
  if (rest.replace(/[/?#].*$/, '') !== authority) return `write ${whole}, without a user`;
  return `write ${whole}, without a path`;
}

/** A hint for an email address of several people, or of none. `around` is the map that contains the list. */
export function emailHint({ pattern = '' }: Outline, value: string, around: Outline): string | undefined {
  const inner = /<([^<>]+)>$/.exec(value)?.[1] ?? value.replace(/^mailto:/i, '').trim();
  if (inner !== value && matches(pattern, inner)) return `write ${inner}`;
  const [, domain] = /^\*?@?([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(value.replace(/^\*\./, '*')) ?? [];
  const isDomain = domain !== undefined && (value.startsWith('*') || value.startsWith('@'));
  if (isDomain) {
    // Not every list of addresses has such a list beside it.
    if (around.properties?.domains !== undefined) return `write \`domains: [${domain}]\``;
    return 'write the address of each person, or a group of Authentik under `groups`';
  }
  if (value.includes('*')) return 'write the address of each person';
  if (/[,;]/.test(value)) return 'write each address as an entry of its own';
  return value.includes('@') ? undefined : 'write a whole address, such as me@example.dev';
}

/** A hint for an address in place of an origin's name. */
export function inlineOriginHint(service: string, value: unknown): string {
  const url = typeof value === 'string' ? value : urlOf(value);
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  const web = scheme === undefined ? `http://${url}` : url;
  if (scheme !== undefined && !isPublished(scheme)) return unpublished(scheme);
  const entry = `${plain(service)}: { tunnel: …, url: ${plain(web)} }`;
  return `declare it under \`origins\` and write its name here: \`origins: { ${entry} }\`, then \`origin: ${plain(service)}\``;
}

function urlOf(value: unknown): string {
  const url = typeof value === 'object' && value !== null && 'url' in value ? value.url : undefined;
  return typeof url === 'string' ? url : 'server.lan:80';
}

/** True if a text looks like the address of a server and not like a name. */
export function isAddress(text: string): boolean {
  return SCHEME.test(text) || /^[\w.-]+:\d+(?:\/.*)?$/.test(text) || /^[\w-]+(?:\.[\w-]+)+$/.test(text);
}

/** True for the scheme of a server that an origin may have. */
function isPublished(scheme: string): boolean {
  return matches($defs.originUrl?.pattern ?? '', `${scheme}://server.lan`);
}

function unpublished(scheme: string): string {
  return `gates publishes http, https, ssh, rdp, smb, tcp and sockets; a tunnel rule for ${plain(scheme)} that you add in the dashboard stays as it is`;
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(pattern, 'u').test(text);
}
