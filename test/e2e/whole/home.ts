/**
 * A home with both gates: the file of the design's third chapter, without the parts that this version does not build.
 * `deliver` is the folder for secrets.
 */
export function home(deliver: string): string {
  return `version: 1
owner: home

cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels:
    homelab: {}
  access:
    team: example

authentik:
  url: http://authentik.lan:9000
  service: auth
  outpost: authentik Embedded Outpost
  outpostUrl: http://authentik.lan:9000
  flows: { authorization: default-provider-authorization-implicit-consent, invalidation: default-provider-invalidation-flow }

origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  proxmox: { tunnel: homelab, url: "https://192.168.1.51:8006", noTLSVerify: true }

groups:
  admins: {}
  family: {}

services:
  auth:
    host: auth.example.dev
    origin: traefik
    gate: { identityProvider: {} }
  auth-api:
    host: auth-api.example.dev
    origin: traefik
    hostHeader: auth.example.dev
    gate: { serviceToken: { tokens: [ci] } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    paths:
      /api/health: { public: { reason: "uptime probe" } }
      /public/**: { public: { reason: "shared dashboards" } }
  vault:
    host: vault.example.dev
    origin: traefik
    gate: { authentik: { mode: oidc, client: vault } }
  proxmox:
    host: proxmox.example.dev
    origin: proxmox
    gate: { cloudflare: { emails: [me@example.dev], session: 24h } }
  docs:
    host: docs.example.dev
    origin: traefik
    gate: { public: { reason: "documentation" } }

clients:
  vault: { redirectUris: ["https://vault.example.dev/identity/connect/oidc-signin"], groups: [family], deliver: [ { file: ${JSON.stringify(`${deliver}/vault.env`)} } ] }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }

serviceTokens:
  ci:
    duration: 8760h
    deliver: [ { file: ${JSON.stringify(`${deliver}/ci.env`)} } ]

dns:
  example.dev:
    - { name: "@", type: MX, content: aspmx1.example.net, priority: 10, ttl: 3600 }
    - { name: www, type: CNAME, content: example.dev, proxied: true }

reconcile:
  schedule: "*/5 * * * *"
  timezone: Europe/Paris
`;
}

/** The settings of Traefik by a person: `grafana` goes through the outpost, and a client's own headers are removed. */
export const traefik = {
  url: 'http://traefik.lan:80',
  kind: 'traefik',
  forwardAuth: ['grafana.example.dev'],
};

/** The visitors whom the file admits, as guards for the sandbox's oracle, which does not read the file. */
export const homeGuards = [
  { host: 'auth.example.dev', admit: { public: true } },
  { host: 'auth-api.example.dev', admit: { tokens: ['ci'] } },
  { host: 'grafana.example.dev', admit: { groups: ['admins'] } },
  { host: 'grafana.example.dev', path: '/api/health', admit: { public: true } },
  { host: 'grafana.example.dev', path: '/public/**', admit: { public: true } },
  { host: 'proxmox.example.dev', admit: { emails: ['me@example.dev'] } },
  { host: 'docs.example.dev', admit: { public: true } },
] as const;
