import {
  ambiguous,
  cacheHeader,
  claimedNames,
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

/** The configuration for the `http` block of nginx. `application` is the address of the application behind nginx. */
export function formatNginx(asked: ProxyAsked, application: string): string {
  const { hosts, outpostUrl, authentikUrl, daemonUrl } = asked;
  return proxyText(asked, {
    head: [
      ['# For the http block of nginx. Every line is explained in docs/caddy-nginx.md.'],
      ...(hosts.length > 0 ? [outpostQuestion] : []),
    ],
    forwarded: (host) => server(host, forwarded(host, outpostUrl, application)),
    loginHost: (face) => server(face, loginHost(face, outpostUrl, authentikUrl)),
    judged: (host) => server(host, judged(host, daemonUrl, application)),
  });
}

const outpostQuestion: Lines = [
  '# What the outpost is asked about. A path that it may read otherwise than the application is never an open one.',
  'map $request_uri $gates_asked {',
  '    default                                                      $request_uri;',
  String.raw`    "~*^[^?]*(%(2f|5c|2e|00|3b|25|3f|23)|/\.\.?([/?]|$))"        /;`,
  '}',
];

function server({ seenAs, origin }: ForwardedHost, parts: readonly Lines[]): Lines {
  const listen = isTls(origin)
    ? [
        `listen       ${portOf(origin)} ssl;`,
        '# Add ssl_certificate and ssl_certificate_key, with the files of a certificate that cloudflared accepts.',
      ]
    : [`listen       ${portOf(origin)};`];
  const body = [[...listen, `server_name  ${seenAs};`], ...parts].flatMap((part, index) =>
    index === 0 ? part : ['', ...part],
  );
  return ['server {', ...indented(body), '}'];
}

/** A host about which nginx asks the outpost. */
function forwarded({ host }: ForwardedHost, outpostUrl: string, application: string): readonly Lines[] {
  return [
    longHeaders,
    location('/', [
      `auth_request      ${outpostPrefix}/auth/nginx;`,
      'error_page        401 = @login;',
      'auth_request_set  $auth_cookie $upstream_http_set_cookie;',
      'add_header        Set-Cookie $auth_cookie;',
      `add_header        ${cacheHeader} no-store always;`,
      '',
      '# Who it is, as the outpost says, and nothing that the client says of it.',
      ...personNames.map((name) =>
        aligned('auth_request_set  ', `$ak_${name}`, `$upstream_http_x_authentik_${name}`, 16),
      ),
      ...personNames.map((name) => passed(`X-authentik-${name}`, `$ak_${name}`)),
      ...outpostNames.map((name) => passed(`X-authentik-meta-${name}`, '""')),
      '',
      ...otherPaths(host),
      `proxy_pass        ${application};`,
    ]),
    outpostLocation(host, outpostUrl),
    location('@login', [
      'internal;',
      'add_header  Set-Cookie $auth_cookie;',
      `add_header  ${cacheHeader} no-store always;`,
      `return      302 https://${host}${outpostPrefix}/start?rd=https://${host}$request_uri;`,
    ]),
  ];
}

/** The host of Authentik's login page, where the logins of a domain end. */
function loginHost({ host }: ForwardedHost, outpostUrl: string, authentikUrl: string): readonly Lines[] {
  const application = [...otherPaths(host), `proxy_pass        ${authentikUrl};`];
  return [longHeaders, location('/', application), outpostLocation(host, outpostUrl)];
}

const longHeaders: Lines = [
  '# A session of Authentik makes long headers.',
  'proxy_buffers      8 16k;',
  'proxy_buffer_size  32k;',
];

function outpostLocation(host: string, outpostUrl: string): Lines {
  const set = (name: string, value: string) => aligned('proxy_set_header         ', name, value, 17);
  return [
    '# No slash at the end: the outpost answers every path that begins like this, without a login.',
    ...location(outpostPrefix, [
      `proxy_pass               ${outpostUrl}${outpostPrefix};`,
      'proxy_pass_request_body  off;',
      set('Content-Length', '""'),
      set('Host', '$host'),
      set('X-Original-URL', `https://${host}$gates_asked`),
      set('X-Original-URI', '""'),
      set('X-Forwarded-Host', host),
      set('X-Forwarded-Proto', 'https'),
    ]),
  ];
}

/** A host about which nginx asks the daemon, at each door with the question of that door. */
function judged(host: VerifiedHost, daemonUrl: string, application: string): readonly Lines[] {
  const { paths } = host;
  const doors = [...paths, host];
  const asking = [...new Set(doors.flatMap(({ question }) => question ?? []))];
  const placeOf = (question: string) => `/.gates/verify/${asking.indexOf(question)}`;
  const door = (where: string, { question, identity }: VerifiedDoor) => {
    const ask =
      question === undefined ? [] : [`auth_request      ${placeOf(question)};`, ...identity.map(answered)];
    return location(where, [...ask, `proxy_pass        ${application};`]);
  };
  return [
    ...(paths.length === 0 ? [] : [refusal]),
    [
      '# Who it is, as the daemon says, and nothing that the client says of it.',
      'set  $gates_user   "";',
      'set  $gates_email  "";',
      passed('Remote-User', '$gates_user', 17),
      passed('Remote-Email', '$gates_email', 17),
      ...claimedNames.slice(2).map((name) => passed(name, '""', 17)),
      ...otherPaths(host.host),
      `add_header        ${cacheHeader} no-store always;`,
    ],
    ...paths.map((path) => door(`${path.ignoresCase ? '~*' : '~'} "${path.pattern}"`, path)),
    door('/', host),
    ...asking.map((question) => verifyLocation(placeOf(question), `${daemonUrl}${question}`)),
  ];
}

/** nginx reads a path before it chooses a location, and the application gets the path as the client sent it. */
const refusal: Lines = [
  '# Another path for the application than for nginx.',
  `if ($request_uri ~* "${ambiguous}") { return 400; }`,
];

function answered(name: string): string {
  const field = name.replace('Remote-', '').toLowerCase();
  return aligned('auth_request_set  ', `$gates_${field}`, `$upstream_http_remote_${field}`, 12);
}

function verifyLocation(where: string, address: string): Lines {
  const set = (name: string, value: string) => aligned('proxy_set_header         ', name, value, 18);
  return location(`= ${where}`, [
    'internal;',
    `proxy_pass               "${address}";`,
    'proxy_pass_request_body  off;',
    set('Content-Length', '""'),
    set('X-Forwarded-Method', '$request_method'),
    set('X-Forwarded-Uri', '$request_uri'),
  ]);
}

/** Headers by which an application may find another path or host than nginx asked about. */
function otherPaths(host: string): Lines {
  return [
    passed('Forwarded', '""', 17),
    ...['X-Original-URL', 'X-Original-URI', 'X-Rewrite-URL'].map((name) => passed(name, '""', 17)),
    passed('X-Forwarded-Host', host, 17),
    passed('X-Forwarded-Proto', 'https', 17),
    passed('Host', '$host', 17),
  ];
}

function passed(name: string, value: string, width = 25): string {
  return aligned('proxy_set_header  ', name, value, width);
}

function aligned(directive: string, name: string, value: string, width: number): string {
  return `${directive}${name.padEnd(width)}  ${value};`;
}

function location(where: string, lines: Lines): Lines {
  return [`location ${where} {`, ...indented(lines), '}'];
}

function indented(lines: Lines): Lines {
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}
