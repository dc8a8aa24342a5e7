/**
 * The complete file of the design's third chapter: every section and every gate of version 1. `secrets` is the folder
 * for secrets, `topic` the topic for notices.
 */
export function wholeFile(secrets: string, topic: string): string {
  return `# yaml-language-server: $schema=./schema/gates.schema.json
version: 1
owner: home                        # ^[a-z][a-z0-9-]{0,15}$ ; written on every object; two owners can share a zone

cloudflare:
  account: 0123456789abcdef0123456789abcdef   # id, or the exact name
  zones: [example.dev]
  tunnels:
    homelab: {}                    # exists already; \`create: true\` makes it and delivers its token
  access:
    team: example                  # example.cloudflareaccess.com
    identityProvider: authentik    # optional: Access logs people in through Authentik; both ends are managed

authentik:
  url: http://authentik.lan:9000   # the API as the daemon reaches it: inside the LAN, never through the tunnel
  service: auth                    # the service below that is Authentik's public face
  outpost: authentik Embedded Outpost
  outpostUrl: http://authentik.lan:9000        # as cloudflared reaches the outpost (mode proxy); default: url
  domains:                         # only for mode: domain; one provider, one set of groups for all its hosts
    example.dev: { groups: [family] }
  flows: { authorization: default-provider-authorization-implicit-consent, invalidation: default-provider-invalidation-flow }

origins:
  traefik: { tunnel: homelab, url: http://traefik.lan:80, forwardAuth: true }   # can send a host through the outpost; per host never assumed, always proved
  proxmox: { tunnel: homelab, url: https://192.168.1.51:8006, noTLSVerify: true }  # keys as cloudflared's originRequest
  daemon: { tunnel: homelab, url: http://gates.lan:8421 }      # the hooks listener as cloudflared reaches it

groups:                            # Authentik groups; members are never touched
  admins: {}
  family: {}

services:
  auth:
    host: auth.example.dev
    origin: traefik
    gate: { identityProvider: {} }
  auth-api:                        # what CI uses; never a path on the login host (G105)
    host: auth-api.example.dev
    origin: traefik
    hostHeader: auth.example.dev
    gate: { serviceToken: { tokens: [ci] } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    paths:
      /api/health: { public: { reason: "uptime probe" } }        # exact
      /public/**: { public: { reason: "shared dashboards" } }    # subtree
  vault:
    host: vault.example.dev
    origin: traefik
    gate: { authentik: { mode: oidc, client: vault } }            # the application's own login is the gate
  proxmox:
    host: proxmox.example.dev
    origin: proxmox
    gate: { cloudflare: { emails: [me@example.dev], session: 24h } }   # emails OR groups
  docs:
    host: docs.example.dev
    origin: traefik
    gate: { public: { reason: "documentation" } }
  api:
    host: api.example.dev
    origin: traefik
    gate:
      jwt:
        at: edge                   # API Shield; or \`origin\`: the daemon's /verify behind Traefik, for plans without it
        keys: { client: api }      # the JWKS of that client; or { url: https://… }
        audience: api
        from: [ { header: authorization } ]
        operations: [ "GET /v1/items", "GET /v1/items/{id}", "POST /v1/items" ]
        action: block              # log leaves the door open: treated as public, needs a reason
  hooks:
    host: hooks.example.dev
    origin: daemon
    gate: { webhook: { actions: [reconcile, sync-jwks, terraform-authentik], secret: { env: GATES_ACTIONS_SECRET } } }

clients:                           # OIDC clients in Authentik; also for an application behind another gate (same Authentik session: one login)
  vault: { redirectUris: ["https://vault.example.dev/identity/connect/oidc-signin"], groups: [family], deliver: [ { file: ${secrets}/vault.env } ] }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }

serviceTokens:
  ci:
    duration: 8760h
    rotate: { every: 90d, overlap: 7d }
    deliver: [ { file: ${secrets}/ci.env } ]

actions:
  terraform-authentik: { run: [terraform, -chdir=/srv/authentik, apply, -auto-approve], timeout: 10m }

dns:                               # plain records beside the services
  example.dev:
    - { name: "@", type: MX, content: aspmx1.example.net, priority: 10, ttl: 3600 }
    - { name: "@", type: TXT, content: "v=spf1 include:spf.example.net -all", comment: mail }
    - { name: www, type: CNAME, content: example.dev, proxied: true }
    - { name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 993, target: imap.example.net } }

waf:
  skip: { hosts: [auth-api.example.dev], products: [securityLevel, bic], phases: [http_request_sbfm] }

reconcile:
  schedule: "*/5 * * * *"
  timezone: Europe/Paris
  drift: repair                    # or report
  prune: true
  limits: { change: 30%, prune: 30%, floor: 5 }

notify:
  - { ntfy: { url: ${topic} } }
`;
}
