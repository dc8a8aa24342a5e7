/**
 * A file of ten services with the four gates of Cloudflare, path exceptions, a token and plain records, for the
 * end-to-end tests, the interrupted runs and the benchmarks. `deliver` is the folder for the token.
 */
export function tenServices(deliver: string): string {
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

origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", router: true }
  proxmox: { tunnel: homelab, url: "https://192.168.1.51:8006", noTLSVerify: true }
  metrics: { tunnel: homelab, url: "http://metrics.lan:3000", connectTimeout: 10s, router: true }

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
  proxmox:
    host: proxmox.example.dev
    origin: proxmox
    gate: { cloudflare: { emails: [me@example.dev], session: 24h } }
  grafana:
    host: grafana.example.dev
    origin: metrics
    gate: { cloudflare: { emails: [me@example.dev, you@example.dev], session: 12h } }
    paths:
      /api/health: { public: { reason: "uptime probe" } }
      /public/**: { public: { reason: "shared dashboards" } }
  argocd:
    host: argocd.example.dev
    origin: traefik
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths:
      /api/webhook: { public: { reason: "signed by the forge" } }
      /api/v1/**: { serviceToken: { tokens: [ci] } }
  registry:
    host: registry.example.dev
    origin: traefik
    gate: { serviceToken: { tokens: [ci, backup] } }
  docs:
    host: docs.example.dev
    origin: traefik
    gate: { public: { reason: "documentation" } }
    paths:
      /drafts/**: { cloudflare: { emails: [me@example.dev] } }
  blog:
    host: example.dev
    origin: traefik
    gate: { public: { reason: "the blog" } }
  status:
    host: status.example.dev
    origin: metrics
    gate: { public: { reason: "status page" } }
  photos:
    host: photos.example.dev
    origin: traefik
    gate: { cloudflare: { emails: [me@example.dev, family@example.dev], session: 7d } }

serviceTokens:
  ci:
    duration: 8760h
    deliver: [ { file: ${JSON.stringify(`${deliver}/ci.env`)} } ]
  backup: { duration: 8760h }

dns:
  example.dev:
    - { name: "@", type: MX, content: aspmx1.example.net, priority: 10, ttl: 3600 }
    - { name: "@", type: TXT, content: "v=spf1 include:spf.example.net -all", comment: mail }
    - { name: www, type: CNAME, content: example.dev, proxied: true }
    - { name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 993, target: imap.example.net } }
`;
}

/** The visitors whom the file admits, as guards for the sandbox's oracle, which does not read the file. */
export const tenGuards = [
  { host: 'auth.example.dev', admit: { public: true } },
  { host: 'auth-api.example.dev', admit: { tokens: ['ci'] } },
  { host: 'proxmox.example.dev', admit: { emails: ['me@example.dev'] } },
  { host: 'grafana.example.dev', admit: { emails: ['me@example.dev', 'you@example.dev'] } },
  { host: 'grafana.example.dev', path: '/api/health', admit: { public: true } },
  { host: 'grafana.example.dev', path: '/public/**', admit: { public: true } },
  { host: 'argocd.example.dev', admit: { emails: ['me@example.dev'] } },
  { host: 'argocd.example.dev', path: '/api/webhook', admit: { public: true } },
  { host: 'argocd.example.dev', path: '/api/v1/**', admit: { tokens: ['ci'] } },
  { host: 'registry.example.dev', admit: { tokens: ['ci', 'backup'] } },
  { host: 'docs.example.dev', admit: { public: true } },
  { host: 'docs.example.dev', path: '/drafts/**', admit: { emails: ['me@example.dev'] } },
  { host: 'example.dev', admit: { public: true } },
  { host: 'status.example.dev', admit: { public: true } },
  { host: 'photos.example.dev', admit: { emails: ['me@example.dev', 'family@example.dev'] } },
] as const;
