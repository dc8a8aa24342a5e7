import {
  ambiguous,
  cacheHeader,
  type ForwardedHost,
  isTls,
  outpostNames,
  outpostPrefix,
  type ProxyAsked,
  personNames,
  portOf,
  type VerifiedDoor,
  type VerifiedHost,
} from './proxied-hosts.ts';
import { type Lines, proxyText } from './proxy-text.ts';

/** The site blocks for a Caddyfile. `application` is the address of the application behind Caddy. */
export function formatCaddy(asked: ProxyAsked, application: string): string {
  const { outpostUrl, authentikUrl, daemonUrl } = asked;
  return proxyText(asked, {
    head: [['# For the Caddyfile. Every line is explained in docs/caddy-nginx.md.']],
    forwarded: (host) => site(host, forwarded(host, outpostUrl, application)),
    loginHost: (face) => site(face, loginHost(face, outpostUrl, authentikUrl)),
    judged: (host) => site(host, judged(host, daemonUrl, application)),
  });
}

function site({ seenAs, origin }: ForwardedHost, parts: readonly Lines[]): Lines {
  const body = parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
  const scheme = isTls(origin) ? 'https' : 'http';
  const usual = isTls(origin) ? '443' : '80';
  const port = portOf(origin) === usual ? '' : `:${portOf(origin)}`;
  return block(`${scheme}://${seenAs}${port}`, block('route', body));
}

/** A host about which Caddy asks the outpost. */
function forwarded({ host }: ForwardedHost, outpostUrl: string, application: string): readonly Lines[] {
  const names = [
    ...personNames.map((name) => `X-Authentik-${capital(name)}`),
    ...outpostNames.map((name) => `X-Authentik-Meta-${capital(name)}`),
  ];
  return [
    [
      '# The outpost reads these as other characters than the application may.',
      '@encoded vars_regexp {http.request.uri} (?i)^[^?]*%(2f|5c|00|3b|25|3f|23)',
      'respond @encoded 400',
    ],
    [
      '# Nobody may say who they are, or that they asked for another path.',
      'request_header -X-Authentik-*',
      ...otherPaths,
    ],
    outpostSite(host, outpostUrl),
    block(`forward_auth ${outpostUrl}`, [
      `uri ${outpostPrefix}/auth/caddy`,
      'header_up X-Forwarded-Proto https',
      `header_up X-Forwarded-Host ${host}`,
      `copy_headers ${names.join(' ')}`,
    ]),
    proxied(application),
  ];
}

/** The host of Authentik's login page, where the logins of a domain end. */
function loginHost({ host }: ForwardedHost, outpostUrl: string, authentikUrl: string): readonly Lines[] {
  return [otherPaths, outpostSite(host, outpostUrl), proxied(authentikUrl)];
}

function outpostSite(host: string, outpostUrl: string): Lines {
  return [
    '# The outpost itself answers where a login ends.',
    ...block(`reverse_proxy ${outpostPrefix}/* ${outpostUrl}`, [
      'header_up X-Forwarded-Proto https',
      `header_up X-Forwarded-Host ${host}`,
    ]),
  ];
}

/** A host about which Caddy asks the daemon, at each door with the question of that door. */
function judged(host: VerifiedHost, daemonUrl: string, application: string): readonly Lines[] {
  const { paths } = host;
  const door = ({ question, identity }: VerifiedDoor): Lines => [
    ...(question === undefined
      ? []
      : block(`forward_auth ${daemonUrl}`, [`uri ${question}`, `copy_headers ${identity.join(' ')}`])),
    ...proxied(application),
  ];
  const handled = paths.map(
    (path, index): Lines => [
      `@path${index} path_regexp ${path.ignoresCase ? '(?i)' : ''}${path.pattern}`,
      ...block(`handle @path${index}`, door(path)),
    ],
  );
  return [
    ...(paths.length === 0 ? [] : [refusal]),
    [
      '# Nobody may say who they are, or that they asked for another path.',
      'request_header -Remote-*',
      'request_header -Remote_*',
      ...otherPaths,
    ],
    ...handled,
    paths.length === 0 ? door(host) : block('handle', door(host)),
  ];
}

const refusal: Lines = [
  '# Another path for the application than for Caddy.',
  `@ambiguous vars_regexp {http.request.uri} \`(?i)${ambiguous}\``,
  'respond @ambiguous 400',
];

/** Removes headers by which an application may find another path than Caddy asked about. */
const otherPaths: Lines = [
  'request_header -Forwarded',
  'request_header -X-Original-Url',
  'request_header -X-Rewrite-Url',
  `header ${cacheHeader} no-store`,
];

function proxied(application: string): Lines {
  return block(`reverse_proxy ${application}`, ['header_up X-Forwarded-Proto https']);
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function block(head: string, lines: Lines): Lines {
  return [`${head} {`, ...lines.map((line) => (line === '' ? '' : `\t${line}`)), '}'];
}
