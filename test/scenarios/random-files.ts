import fc from 'fast-check';
import type { Admitted, Guard } from './moves.ts';

/** A file, and who gets through where, in the oracle's words. */
export interface RandomFile {
  readonly text: string;
  readonly guards: readonly Guard[];
}

/** The hosts of every random file, there or not; Traefik sends each of them through the outpost. */
export const hosts = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}.example.dev`);

interface Gate {
  readonly gate: string;
  readonly admit: Admitted;
  readonly origin: 'app' | 'traefik';
  /** The groups of a client of the host's own. */
  readonly client?: readonly string[];
}

interface Service extends Gate {
  readonly inside: readonly [gate: string, admit: Admitted] | undefined;
}

const all: Admitted = { public: true };
const open = '{ public: { reason: open } }';
const people = (emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const some = (...values: readonly string[]) => fc.subarray([...values], { minLength: 1 });
const groups = some('admins', 'family');
const emails = some('me@example.dev', 'you@example.dev');

const login = (mode: string, admitted: readonly string[]) =>
  `{ authentik: { mode: ${mode}, groups: [${admitted.join(', ')}] } }`;

/** Every gate that is built, on a host of this name. */
function gateAt(name: string, domain: readonly string[]): fc.Arbitrary<Gate> {
  return fc.oneof(
    emails.map((list): Gate => ({ gate: people(list), admit: { emails: list }, origin: 'app' })),
    some('ci', 'backup').map(
      (tokens): Gate => ({
        gate: `{ serviceToken: { tokens: [${tokens.join(', ')}] } }`,
        admit: { tokens },
        origin: 'app',
      }),
    ),
    fc.constant<Gate>({ gate: open, admit: all, origin: 'app' }),
    groups.map(
      (list): Gate => ({ gate: login('forwardAuth', list), admit: { groups: list }, origin: 'traefik' }),
    ),
    fc.constant<Gate>({
      gate: '{ authentik: { mode: domain } }',
      admit: { groups: domain },
      origin: 'traefik',
    }),
    groups.map((list): Gate => ({ gate: login('proxy', list), admit: { groups: list }, origin: 'app' })),
    groups.map(
      (client): Gate => ({
        gate: `{ authentik: { mode: oidc, client: ${name} } }`,
        admit: all,
        origin: 'app',
        client,
      }),
    ),
  );
}

const insides: fc.Arbitrary<Service['inside']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  fc.constant([open, all] as const),
  emails.map((list) => [people(list), { emails: list }] as const),
);

/** Up to six services, with gates of every sort. */
export const randomFile: fc.Arbitrary<RandomFile> = groups.chain((domain) =>
  fc
    .tuple(...hosts.map((host) => fc.option(serviceAt(nameOf(host), domain), { nil: undefined })))
    .map((services) => write(services, domain)),
);

function serviceAt(name: string, domain: readonly string[]): fc.Arbitrary<Service> {
  return fc.tuple(gateAt(name, domain), insides).map(([gate, inside]) => ({ ...gate, inside }));
}

/** No service but the login page. */
export const noService: RandomFile = write(
  hosts.map(() => undefined),
  ['family'],
);

function write(services: readonly (Service | undefined)[], domain: readonly string[]): RandomFile {
  const lines = services.map((service, index) => {
    const host = hosts[index] ?? '';
    if (service === undefined) return '';
    const { gate, origin, inside } = service;
    const paths = inside === undefined ? '' : `, paths: { /open/**: ${inside[0]} }`;
    return `  ${nameOf(host)}: { host: ${host}, origin: ${origin}, gate: ${gate}${paths} }\n`;
  });
  const clients = services.map((service, index) => {
    const host = hosts[index] ?? '';
    if (service?.client === undefined) return '';
    return `  ${nameOf(host)}: { redirectUris: ["https://${host}/callback"], groups: [${service.client.join(', ')}] }\n`;
  });
  const guards = services.flatMap((service, index): readonly Guard[] => {
    const host = hosts[index] ?? '';
    const admit = service?.admit ?? {};
    const client = nameOf(host);
    return [
      { host, admit },
      { host, path: '/open/**', admit: service?.inside?.[1] ?? admit },
      { host: `login-${host}`, client, admit: { groups: service?.client ?? [] } },
    ];
  });
  const declared = clients.join('');
  const text = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [${domain.join(', ')}] } }
groups: { admins: {}, family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
serviceTokens: { ci: {}, backup: {} }
${declared === '' ? '' : `clients:\n${declared}`}services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${lines.join('')}`;
  return { text, guards };
}

function nameOf(host: string): string {
  return host.slice(0, host.indexOf('.'));
}
