import { stringify } from 'yaml';
import {
  chainOf,
  type DynamicConfiguration,
  dynamicConfiguration,
  outpostService,
  verifiedChains,
} from './outputs-traefik.ts';
import type { ProxyAsked } from './proxied-hosts.ts';

/** For the file provider, or as labels of the outpost's container for the Docker provider. */
export type TraefikForm = 'file' | 'labels';

/**
 * The configuration for Traefik: YAML, and the rest as comments, because static configuration cannot be in the same
 * file, and the routers of the applications are not ours.
 */
export function formatTraefik(asked: ProxyAsked, form: TraefikForm): string {
  if (asked.hosts.length + asked.verified.length === 0)
    return '# No host of this file is asked about by its origin.\n';
  const configuration = dynamicConfiguration(asked);
  const body = form === 'file' ? configuration : { labels: labelsOf(configuration, asked.outpostUrl) };
  const comments = [
    ...heading[form],
    'Every setting is explained in docs/traefik.md.',
    '',
    ...staticConfiguration(asked, form),
    '',
    ...routers(asked, form),
  ];
  return `${comments.map(commented).join('')}${stringify(body, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** The routers that a person writes: one for each host, and one for each path with a gate of its own. */
function routers({ hosts, verified }: ProxyAsked, form: TraefikForm): readonly string[] {
  const doors = verified.flatMap(verifiedChains);
  const inner = doors.flatMap(({ chain, where, rule }) =>
    rule === undefined ? [] : [`  ${where}: ${reference(chain, form)}`, `    rule: ${rule}`],
  );
  const outer = [
    ...hosts.map(({ host, service }) => ({ where: host, chain: chainOf(service) })),
    ...doors.filter(({ rule }) => rule === undefined),
  ];
  return [
    'The router of each host needs its chain:',
    ...outer.map(({ where, chain }) => `  ${where}: ${reference(chain, form)}`),
    ...(inner.length === 0
      ? []
      : [
          '',
          'A path with a gate of its own needs a router of its own, the first one with the highest priority:',
          ...inner,
        ]),
  ];
}

const heading: Readonly<Record<TraefikForm, readonly string[]>> = {
  file: ["Dynamic configuration for Traefik's file provider."],
  labels: [
    "Labels for the container of the outpost (with the embedded one: Authentik's server), for Traefik's",
    'Docker provider.',
  ],
};

/** The settings for each entry point that cloudflared reaches; their place depends on the form. */
function staticConfiguration(
  { hosts, verified, daemonUrl, exceptions }: ProxyAsked,
  form: TraefikForm,
): readonly string[] {
  const origins = [...new Set([...hosts, ...verified].map(({ origin }) => origin))].sort();
  return [
    'Static configuration, which Traefik takes from elsewhere, for the entry point that cloudflared reaches',
    `(${origins.join(', ')}), here called web:`,
    ...trust[form],
    ...(exceptions || verified.some(({ paths }) => paths.length > 0) ? encoded[form] : []),
    '- no http.redirections on it: cloudflared would be sent from http to https for ever.',
    ...(hosts.length > 0 ? believed : []),
    ...(verified.length > 0
      ? [
          `The daemon is asked at ${daemonUrl}, its GATES_LISTEN as Traefik reaches it: \`--daemon URL\` writes another.`,
        ]
      : []),
  ];
}

const believed: readonly string[] = [
  'Authentik has to believe Traefik: its address has to be in AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS, whose',
  'default is the private networks.',
];

const trust: Readonly<Record<TraefikForm, readonly string[]>> = {
  file: [
    '- forwardedHeaders.insecure stays false, and trustedIPs is empty, or holds the address of cloudflared and',
    '  no other (then applications see the address of the visitor):',
    '    entryPoints:',
    '      web:',
    '        forwardedHeaders:',
    '          trustedIPs: []',
  ],
  labels: [
    '- never --entryPoints.web.forwardedHeaders.insecure; --entryPoints.web.forwardedHeaders.trustedIPs is left',
    '  out, or holds the address of cloudflared and no other (then applications see the address of the visitor);',
  ],
};

/** Only for hosts with open paths: the outpost reads `/api%2Fhealth` as `/api/health` and admits it. */
const encoded: Readonly<Record<TraefikForm, readonly string[]>> = {
  file: [
    '- encoded slashes are refused (Traefik 3.6.4, 2.11.32 or newer): the outpost reads them as slashes, and the',
    '  application may not:',
    '    entryPoints:',
    '      web:',
    '        http:',
    '          encodedCharacters:',
    '            allowEncodedSlash: false',
  ],
  labels: [
    '- --entryPoints.web.http.encodedCharacters.allowEncodedSlash=false (Traefik 3.6.4, 2.11.32 or newer): the',
    '  outpost reads an encoded slash as a slash, and the application may not;',
  ],
};

function reference(chain: string, form: TraefikForm): string {
  return form === 'file'
    ? `middlewares: [${chain}@file]`
    : `traefik.http.routers.<its router>.middlewares=${chain}@docker`;
}

function commented(line: string): string {
  return line === '' ? '#\n' : `# ${line}\n`;
}

/**
 * The configuration as labels: https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/docker/
 * The server has only scheme and port, since it is the container with the labels.
 */
function labelsOf({ http }: DynamicConfiguration, outpostUrl: string): readonly string[] {
  const { protocol, port } = new URL(http.services === undefined ? 'http://outpost' : outpostUrl);
  const scheme = protocol.slice(0, -1);
  const server = { port: port === '' ? (scheme === 'https' ? '443' : '80') : port };
  const services = {
    [outpostService]: { loadbalancer: { server: scheme === 'https' ? { ...server, scheme } : server } },
  };
  return [
    'traefik.enable=true',
    ...flat('traefik.http.middlewares', http.middlewares),
    ...(http.routers === undefined ? [] : flat('traefik.http.routers', http.routers)),
    ...(http.services === undefined ? [] : flat('traefik.http.services', services)),
  ];
}

function flat(prefix: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return [`${prefix}=${value.join(',')}`];
  if (typeof value !== 'object' || value === null) return [`${prefix}=${value}`];
  const fields = Object.entries(value);
  // An empty object means enabled: `tls`.
  if (fields.length === 0) return [`${prefix}=true`];
  return fields.flatMap(([field, inner]) => flat(`${prefix}.${field}`, inner));
}
