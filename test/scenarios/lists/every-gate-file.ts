import { gates, origins } from '../homes/every-gate-home.ts';
import { type Guard, type State, state } from '../moves/moves.ts';

/**
 * A file with a host for every gate, each behind the origin that it needs, as in `every-gate-home.ts`. `jwt` at the
 * origin is left out: it needs the same lists as `jwt` at the edge, and its daemon reads keys at each write.
 */
const { none: _none, origin: _origin, ...first } = gates;

const me = 'me@example.dev';
const you = 'you@example.dev';

/** The same hosts in an edited file: some admit fewer people, some more, some others, one goes, and one comes. */
const { webhook: _gone, ...rest } = first;
const edited: Readonly<Record<string, State>> = {
  ...rest,
  people: state('you', `{ cloudflare: { emails: [${you}] } }`, { emails: [you] }),
  machines: state('ci and backup', '{ serviceToken: { tokens: [ci, backup] } }', {
    tokens: ['ci', 'backup'],
  }),
  public: state('me', `{ cloudflare: { emails: [${me}] } }`, { emails: [me] }),
  proxy: state('family, by proxy', '{ authentik: { mode: proxy, groups: [family] } }', {
    groups: ['family'],
  }),
  late: state('admins, by proxy', '{ authentik: { mode: proxy, groups: [admins] } }', { groups: ['admins'] }),
};

export interface EveryGateFile {
  readonly text: string;
  readonly guards: readonly Guard[];
}

export const firstFile = fileOf(first, '192.0.2.1');
export const editedFile = fileOf(edited, '192.0.2.2');

/** The hosts about which Traefik asks the outpost. */
export const throughOutpost = ['outpost', 'domain'].map(hostOf);

function hostOf(name: string): string {
  return `${name}.example.dev`;
}

function fileOf(states: Readonly<Record<string, State>>, address: string): EveryGateFile {
  const services = Object.entries(states).map(([name, { service = '' }]) =>
    service.replace(/^ {2}app:/, `  ${name}:`).replace('app.example.dev', hostOf(name)),
  );
  const text = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example, identityProvider: authentik }
authentik: { url: "http://authentik.lan:9000", service: auth, ldapOutpost: directory, domains: { example.dev: { groups: [family] } } }
groups: { admins: {}, family: {} }
clients:
  app: { redirectUris: ["https://${hostOf('itself')}/callback"], groups: [family] }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
  forms: { saml: { acsUrl: "https://${hostOf('saml')}/acs" }, groups: [family] }
  films: { ldap: { baseDn: "dc=films" }, groups: [family] }
${origins}
serviceTokens: { ci: { deliver: [{ file: /srv/ci.env }] }, backup: {} }
dns:
  example.dev:
    - { name: plain, type: A, content: ${address} }
    - { name: "@", type: TXT, content: "v=spf1 -all" }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${services.join('\n')}
`;
  const guards = Object.entries(states).flatMap(
    ([
      name,
      {
        guards: [outermost],
      },
    ]): readonly Guard[] => (outermost === undefined ? [] : [{ ...outermost, host: hostOf(name) }]),
  );
  return { text, guards };
}
