import type { Guard } from './dashboard.ts';
import type { EdgeAnswer } from './edge-visit.ts';

/** Everybody in the story. The stranger is one whom the sandbox's oracle tries at every door. */
export const people = { me: 'me@example.dev', ann: 'ann@example.dev', stranger: 'stranger@example.net' };

/** The file before the first service. The schedule is out of the way: here a person calls. */
export const emptyHome = `version: 1
owner: home

cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels:
    homelab: {}

origins:
  traefik: { tunnel: homelab, url: http://traefik.lan:80 }
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

/** One line of gates.yaml for another. Throws when the line is not there, so that the story cannot drift. */
export function swapLine(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the story's gates.yaml has no ${from}`);
  return text.replace(from, to);
}

export const docsPublic = 'gate: { public: { reason: handbook } }';
export const docsForMe = 'gate: { cloudflare: { emails: [me@example.dev] } }  # drafts';
export const photosForTwo = 'gate: { cloudflare: { emails: [me@example.dev, ann@example.dev] } }';
export const photosMistaken = 'gate: { public: {}, cloudflare: { emials: [ann@example.dev] } }';

/** Who gets through which door while the file says so; the sandbox's oracle holds every write against it. */
export const guards: readonly Guard[] = [
  { host: 'auth.example.dev', admit: { public: true } },
  { host: 'proxmox.example.dev', admit: { emails: [people.me] } },
  { host: 'proxmox.example.dev', path: '/api/health', admit: { public: true } },
  { host: 'photos.example.dev', admit: { emails: [people.me, people.ann] } },
  { host: 'api.example.dev', admit: { tokens: ['ci'] } },
  { host: 'docs.example.dev', admit: { public: true } },
];

export const docsGuard: Guard = { host: 'docs.example.dev', admit: { emails: [people.me] } };

export type Admitted = { readonly email: string } | { readonly token: 'ci' };

/** What the edge answers at one door: to anybody, and to one whom the file admits. */
export interface Door {
  readonly host: string;
  readonly path?: string;
  readonly anybody: EdgeAnswer;
  readonly admitted?: Admitted;
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
} as const satisfies Readonly<Record<string, Door>>;

/** The same door behind its new gate. */
export const docsGuarded: Door = {
  host: 'docs.example.dev',
  anybody: '302 Access login',
  admitted: { email: people.me },
};
