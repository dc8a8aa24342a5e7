import type { Guard } from './dashboard.ts';
import type { AnswerWords } from './edge-visit.ts';

/** The people of the story. The stranger is the one with whom the sandbox's oracle tries every door. */
export const people = {
  me: 'me@example.dev',
  ann: 'ann@example.dev',
  /** A person with an account at Authentik, but in no group. */
  jo: 'jo@example.dev',
  stranger: 'stranger@example.net',
};

/** The file before the first service. Its schedule is far away: here a person starts the runs. */
export const emptyHome = `version: 1
owner: home

cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels:
    homelab: {}

origins:
  traefik: { tunnel: homelab, url: http://traefik.lan, router: true }
  proxmox: { tunnel: homelab, url: https://192.168.1.51:8006, noTLSVerify: true }

reconcile:
  schedule: "0 0 1 1 *"
`;

/** Five services, each with the one gate that guards it. */
export function fiveServices(deliver: string): string {
  return `${emptyHome}
services:
  auth:
    host: auth.example.dev
    origin: traefik
    gate: { identityProvider: {} }
  proxmox:
    host: proxmox.example.dev
    origin: proxmox
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths:
      /api/health: { public: { reason: uptime probe } }
  photos:
    host: photos.example.dev
    origin: traefik
    gate: { cloudflare: { emails: [me@example.dev, ann@example.dev] } }
  api:
    host: api.example.dev
    origin: traefik
    gate: { serviceToken: { tokens: [ci] } }
  docs:
    host: docs.example.dev
    origin: traefik
    gate: { public: { reason: handbook } }

serviceTokens:
  ci: { deliver: [{ file: ${deliver} }] }
`;
}

/** Replaces one line of gates.yaml. Throws if the line does not exist, so that the story cannot become outdated. */
export function swapLine(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the story's gates.yaml has no ${from}`);
  return text.replace(from, to);
}

export const docsPublic = 'gate: { public: { reason: handbook } }';
export const docsForMe = 'gate: { cloudflare: { emails: [me@example.dev] } }  # drafts';
export const photosForTwo = 'gate: { cloudflare: { emails: [me@example.dev, ann@example.dev] } }';
export const photosMistaken = 'gate: { public: {}, cloudflare: { emials: [ann@example.dev] } }';

const onTraefik = 'traefik: { tunnel: homelab, url: http://traefik.lan, router: true }';
const traefikAsks = 'traefik: { tunnel: homelab, url: http://traefik.lan, forwardAuth: true }';
const photosForFamily = 'gate: { authentik: { mode: forwardAuth, groups: [family] } }';

/** The same home with photos behind Authentik instead of Access. */
export function withAuthentik(text: string): string {
  const moved = swapLine(swapLine(text, onTraefik, traefikAsks), photosForTwo, photosForFamily);
  return swapLine(
    moved,
    '\nservices:\n',
    `
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }

services:
`,
  );
}

/** One more host behind Authentik, with one path that is open to everybody. */
export function withGrafana(text: string): string {
  return swapLine(
    swapLine(text, 'groups: { family: {} }', 'groups: { family: {}, admins: {} }'),
    '\nserviceTokens:\n',
    `  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    paths:
      /api/health: { public: { reason: uptime probe } }

serviceTokens:
`,
  );
}

const tunnels = '  tunnels:\n    homelab: {}\n';
const accessByAuthentik = '  access: { team: example, identityProvider: authentik }\n';
const proxmoxForMe = 'gate: { cloudflare: { emails: [me@example.dev] } }\n    paths:';
const proxmoxForAdmins = 'gate: { cloudflare: { groups: [admins] } }\n    paths:';

/** Access logs people in through Authentik, and one of its hosts is for a group. */
export function withOneLogin(text: string): string {
  return swapLine(swapLine(text, tunnels, `${tunnels}${accessByAuthentik}`), proxmoxForMe, proxmoxForAdmins);
}

export const hooksHost = 'hooks.example.dev';

/** A host where signed calls start the entries of `actions`; the daemon itself is its origin. */
export function withHooks(text: string, hooksUrl: string): string {
  return swapLine(
    swapLine(text, '\nreconcile:\n', `  daemon: { tunnel: homelab, url: "${hooksUrl}" }\n\nreconcile:\n`),
    '\nserviceTokens:\n',
    `  hooks:
    host: ${hooksHost}
    origin: daemon
    gate: { webhook: { actions: [backup], secret: { env: GATES_ACTIONS_SECRET } } }

actions:
  backup: { run: [node, -p, "'the whole house'"] }

serviceTokens:
`,
  );
}

export const items = { host: 'items.example.dev', path: '/v1/items' };

/** An API whose callers have tokens; `deliver` is the file for its client's secret. */
export function withItems(text: string, deliver: string): string {
  return swapLine(
    text,
    '\nactions:\n',
    `  items:
    host: ${items.host}
    origin: traefik
    gate: { jwt: { keys: { client: items }, audience: items, operations: [GET ${items.path}] } }

clients:
  items:
    grantTypes: [client_credentials]
    signingKey: own
    everyone: { reason: machines of the house }
    deliver: [{ file: ${deliver} }]

actions:
`,
  );
}

/** The people whom each door admits according to the file; the sandbox's oracle compares every write with this. */
export const guards: readonly Guard[] = [
  { host: 'auth.example.dev', admit: { public: true } },
  { host: 'proxmox.example.dev', admit: { emails: [people.me] } },
  { host: 'proxmox.example.dev', path: '/api/health', admit: { public: true } },
  { host: 'photos.example.dev', admit: { emails: [people.me, people.ann] } },
  { host: 'api.example.dev', admit: { tokens: ['ci'] } },
  { host: 'docs.example.dev', admit: { public: true } },
];

export const docsGuard: Guard = { host: 'docs.example.dev', admit: { emails: [people.me] } };

export const photosGuard: Guard = { host: 'photos.example.dev', admit: { groups: ['family'] } };

export const grafanaGuards: readonly Guard[] = [
  { host: 'grafana.example.dev', admit: { groups: ['admins'] } },
  { host: 'grafana.example.dev', path: '/api/health', admit: { public: true } },
];

export const proxmoxGuard: Guard = { host: 'proxmox.example.dev', admit: { groups: ['admins'] } };

export const itemsGuard: Guard = {
  host: items.host,
  admit: { bearer: { client: 'items' }, operations: [`GET ${items.path}`] },
};

export const hooksGuard: Guard = { host: hooksHost, admit: { public: true } };

/** A person who logs in at Access, or a machine with a token. */
export type AdmittedByAccess = { readonly email: string } | { readonly token: 'ci' };

/** The same, or a person who logs in at Authentik. */
export type AdmittedVisitor = AdmittedByAccess | { readonly person: string };

/** A door whose answers the demo shows: to a stranger, and to a visitor whom the file admits. */
export interface DemoDoor {
  readonly host: string;
  readonly path?: string;
  readonly anybody: AnswerWords;
  readonly admitted?: AdmittedVisitor;
}

/** The doors of the five services once the first push is applied. */
export const doors = {
  auth: { host: 'auth.example.dev', anybody: '200 Authentik' },
  proxmox: {
    host: 'proxmox.example.dev',
    anybody: '302 Access login',
    admitted: { email: people.me },
  },
  health: { host: 'proxmox.example.dev', path: '/api/health', anybody: '200 the service' },
  photos: { host: 'photos.example.dev', anybody: '302 Access login', admitted: { email: people.ann } },
  api: { host: 'api.example.dev', anybody: '403 by Access', admitted: { token: 'ci' } },
  docs: { host: 'docs.example.dev', anybody: '200 the service' },
} as const satisfies Readonly<Record<string, DemoDoor>>;

/** The same door behind its new gate. */
export const docsGuarded: DemoDoor = {
  host: 'docs.example.dev',
  anybody: '302 Access login',
  admitted: { email: people.me },
};

/** Photos behind Authentik, and grafana before and after its origin asks. */
export const photosAtAuthentik: DemoDoor = {
  host: 'photos.example.dev',
  anybody: '302 Authentik login',
  admitted: { person: people.ann },
};
/** Proxmox, still behind Access, which sends people to Authentik. */
export const proxmoxAtAuthentik: DemoDoor = {
  host: 'proxmox.example.dev',
  anybody: '302 Access login',
  admitted: { person: people.me },
};
const grafana = 'grafana.example.dev';
export const grafanaCovered: readonly DemoDoor[] = [
  { host: grafana, anybody: '403 by Access' },
  { host: grafana, path: '/api/health', anybody: '403 by Access' },
];
export const grafanaOpen: readonly DemoDoor[] = [
  { host: grafana, anybody: '302 Authentik login', admitted: { person: people.me } },
  { host: grafana, path: '/api/health', anybody: '200 the service' },
];
