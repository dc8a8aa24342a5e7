/** A file that uses every key of the schema but `manage`. Keys that exclude each other are in separate services. */
export const fullFile = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev, example.net, example.org]
  zoneTokens: { example.net: net }
  tunnels:
    homelab: { create: true, deliver: [{ file: /run/secrets/tunnel, names: { token: TOKEN } }] }
    second: {}
  access:
    team: example
    identityProvider: authentik
    openDoors: bypass
    breakGlass: { emails: [me@example.dev], reason: emergency }
  apiShield: { sync: "*/5 * * * *" }
authentik:
  url: "http://authentik.lan:9000"
  service: auth
  outpost: authentik Embedded Outpost
  ldapOutpost: directory
  outpostUrl: "http://authentik.lan:9000"
  domains: { example.dev: { groups: [family], users: [ada], flow: mfa }, example.net: { everyone: { reason: all }, policies: [office], session: 8h, basicAuth: { userAttribute: name, passwordAttribute: word }, interceptAuthorization: false } }
  flows: { authorization: login, invalidation: logout, bind: bind, unbind: unbind }
  scopes: { roles: { expression: "return {}", description: Roles } }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  app:
    tunnel: homelab
    url: "https://app.lan:443"
    router: true
    caPool: /etc/ca.pem
    connectTimeout: 10s
    disableChunkedEncoding: true
    http2Origin: true
    keepAliveConnections: 10
    keepAliveTimeout: 10s
    matchSNItoHost: true
    noHappyEyeballs: true
    noTLSVerify: true
    originServerName: app.lan
    proxyType: socks
    tcpKeepAlive: 10s
    tlsTimeout: 10s
  proxy: { tunnel: homelab, url: "http://proxy.lan:80", forwardAuth: true }
  daemon: { tunnel: homelab, url: "http://gates.lan:8421" }
groups: { admins: { parent: family }, family: {} }
people: { friends: { emails: [friend@example.net], domains: [example.net], groups: [family] }, others: { emails: [other@example.net] } }
networks: { home: [203.0.113.7] }
certificateAuthorities:
  laptops:
    pem: |
      -----BEGIN CERTIFICATE-----
      MIIBfDCCASOgAwIBAgIUB+awtx3FoWI3wUKjmyKomAeP2M0wCgYIKoZIzj0EAwIw
      EzERMA8GA1UEAwwIbWFjaGluZXMwIBcNMjYxMTI4MDc0ODM3WhgPMjEyNjExMDQw
      NzQ4MzdaMBMxETAPBgNVBAMMCG1hY2hpbmVzMFkwEwYHKoZIzj0CAQYIKoZIzj0D
      AQcDQgAEO7XDABZzaGEDr7nBnKseq5u/gSIIbsDTHI1rMZKAgwv3QhWJzpZ7oYTZ
      InEOZtYEOgd/tuKraXpi2K/czkvdIaNTMFEwHQYDVR0OBBYEFHHOwPBX4C8tMYUY
      JSJkiUPPrHdtMB8GA1UdIwQYMBaAFHHOwPBX4C8tMYUYJSJkiUPPrHdtMA8GA1Ud
      EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgHyNN9am91euSWHHkHr8qxbH+
      fKmA7Z63RKnCc+cXH10CIBwbMMjUhpUpxUbegt2pvMIYAaIDDCXdwsSBb+APg8+o
      -----END CERTIFICATE-----
  phones:
    pem: |
      -----BEGIN CERTIFICATE-----
      MIIBfjCCASWgAwIBAgIUOS/JW9dXhmq0Pphb9fHb9xLiI0EwCgYIKoZIzj0EAwIw
      FDESMBAGA1UEAwwJc3RyYW5nZXJzMCAXDTI2MTEyODA3NDgzN1oYDzIxMjYxMTA0
      MDc0ODM3WjAUMRIwEAYDVQQDDAlzdHJhbmdlcnMwWTATBgcqhkjOPQIBBggqhkjO
      PQMBBwNCAASYZ5ujxtu2y8/EcyjlObthfF0XijyLspj2he1dVxnOaPjscOBs0DxC
      kVXYN2zOzSYBYdqUCpFeDeM3CQdXrw9Po1MwUTAdBgNVHQ4EFgQU2BbocpxOZv3Q
      8GCMYRv6+0yBa7QwHwYDVR0jBBgwFoAU2BbocpxOZv3Q8GCMYRv6+0yBa7QwDwYD
      VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAz0eSBiDOC40cRwaACtnXm
      DLoWFQU5Z6jBzPDzPnKzRQIgEsM6B2Bz8oycyito7hMzC0lX0BHuWnig8Cc8a0x9
      tZY=
      -----END CERTIFICATE-----
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  face: { host: face.example.dev, origin: traefik, gate: { identityProvider: {} } }
  login: { host: login.example.dev, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [admins], users: [ada], flow: mfa, session: 12h, basicAuth: { userAttribute: name, passwordAttribute: word }, interceptAuthorization: false } } }
  all: { host: all.example.dev, origin: traefik, gate: { authentik: { everyone: { reason: all }, policies: [office] } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
  net: { host: net.example.net, origin: traefik, gate: { authentik: { mode: domain } } }
  notes: { host: notes.example.dev, origin: app, gate: { authentik: { mode: proxy, groups: [family] } } }
  vault: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
  people:
    host: people.example.dev
    origin: app
    hostHeader: other.lan
    gate: { cloudflare: { emails: [me@example.dev], groups: [admins], session: 24h, appearance: { launcher: false, logo: "https://example.dev/logo.png", deniedUrl: "https://example.dev/no", deniedMessage: Ask Ada., tags: [media] }, cookie: { sameSite: none }, cors: { origins: ["https://app.example.dev"], methods: [PUT], headers: [x-kind], credentials: true, maxAge: 1h } } }
    paths: { /health: { public: { reason: probe } } }
    cache: header
    ignore: [name]
    expect:
      - { url: "https://people.example.dev/", as: { email: me@example.dev }, method: GET, verdict: allow }
      - { url: "https://people.example.dev/", as: { groups: [admins] }, verdict: allow }
      - { url: "https://people.example.dev/", as: { token: ci }, verdict: deny }
  rule:
    host: rule.example.dev
    origin: app
    gate:
      cloudflare:
        people: [friends]
        domains: [example.dev]
        require:
          emails: [me@example.dev]
          domains: [example.dev]
          groups: [admins]
          people: [friends]
          networks: [home]
          countries: [FR]
          authenticationMethod: mfa
          devicePosture: [disk]
          warp: true
          gateway: true
          certificateAuthorities: [laptops]
          commonNames: [laptop]
        approval: { approvers: [ada@example.dev, ben@example.dev], needed: 2 }
        justification: { prompt: Which ticket? }
        isolate: true
  rules:
    host: rules.example.dev
    origin: app
    gate:
      cloudflare:
        anyOf:
          - emails: [me@example.dev]
            domains: [example.dev]
            groups: [admins]
            people: [friends]
            exclude: { emails: [you@example.dev] }
            approval: { approvers: [ada@example.dev] }
            justification: { prompt: Why? }
            isolate: true
          - { everyone: { reason: all }, require: { countries: [FR], certificate: true } }
          - { people: [others], tokens: [ci] }
  told: { host: told.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } }, identityHeader: { user: X-User, groups: X-Groups } }
  both: { host: both.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev], tokens: [ci] } } }
  anyone: { host: anyone.example.dev, origin: app, gate: { cloudflare: { everyone: { reason: all } } } }
  ci: { host: ci.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  docs: { host: docs.example.dev, origin: proxy, protect: true, alias: { reason: same }, gate: { public: { reason: open } } }
  api:
    host: api.example.dev
    origin: proxy
    gate: { jwt: { at: edge, keys: { client: api }, audience: api, from: [{ header: x-token }, { cookie: token }], operations: ["GET /v1"] } }
  logged:
    host: logged.example.dev
    origin: app
    gate: { jwt: { keys: { url: "https://keys.example.net/jwks" }, audience: api, operations: ["GET /v1"], action: log, reason: trial } }
  hooks:
    host: hooks.example.dev
    origin: daemon
    gate: { webhook: { actions: [deploy], secret: { env: HOOKS_SECRET }, tokens: [ci] } }
  filed: { host: filed.example.dev, origin: daemon, gate: { webhook: { actions: [reconcile], secret: { file: /run/secrets/hooks } } } }
expect:
  - { url: "https://people.example.dev/", as: anonymous, method: GET, verdict: login }
clients:
  vault:
    redirectUris: ["https://vault.example.dev/callback", { regex: "https://vault\\\\.example\\\\.dev/.+" }]
    logoutUris: ["https://vault.example.dev/logout", { regex: "https://vault\\\\.example\\\\.dev/out.+" }]
    scopes: [openid, roles]
    signingKey: shared
    subject: user_email
    lifetimes: { code: 1m, access: 5m, refresh: 30d }
    groups: [family]
    users: [ada]
    flow: mfa
    protect: true
    ignore: [name]
    deliver: [{ file: /run/secrets/vault, names: { id: ID, secret: SECRET } }]
  gitlab:
    saml:
      acsUrl: "https://gitlab.example.dev/acs"
      audience: "https://gitlab.example.dev"
      issuer: home
      binding: redirect
      nameId: email
      attributes: [email, groups]
      sign: both
      lifetimes: { assertion: 10m, session: 12h }
    groups: [admins]
    policies: [office]
  films:
    ldap:
      baseDn: dc=films,dc=example,dc=dev
      bindMode: cached
      searchMode: cached
      mfa: false
      uidStartNumber: 10000
      gidStartNumber: 20000
      certificate: ldap.example.dev
      tlsServerName: ldap.example.dev
    groups: [family]
  portal: { type: public, redirectUris: ["https://portal.example.dev/"], everyone: { reason: all } }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
  machine: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
serviceTokens:
  backup: {}
  ci:
    duration: 8760h
    protect: true
    rotate: { every: 90d, overlap: 7d }
    deliver: [{ file: /run/secrets/ci, names: { id: ID, secret: SECRET } }]
actions:
  deploy: { run: [deploy], directory: /srv, environment: [COLOR], timeout: 10m }
  call: { http: { url: "https://ci.example.net/", method: POST, token: { env: CI_TOKEN } } }
  filed: { http: { url: "https://ci.example.net/", token: { file: /run/secrets/token } } }
dns:
  example.dev:
    - { name: "@", type: MX, content: mx.example.net, priority: 10, ttl: 3600 }
    - { name: www, type: CNAME, content: example.net, proxied: true, comment: site, tags: ["a:b"], protect: true, ignore: [ttl] }
    - { name: lab, type: NS, content: ns.example.net }
    - { name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 993, target: imap.example.net } }
waf: { skip: { hosts: [ci.example.dev], products: [bic], phases: [http_request_sbfm] } }
reconcile:
  schedule: "*/5 * * * *"
  timezone: Europe/Paris
  drift: repair
  prune: true
  limits: { change: 30%, prune: 30%, floor: 5 }
  probe: "0 * * * *"
  jitter: 10s
  windows: [{ schedule: "0 2 * * *", duration: 2h }]
notify:
  - { ntfy: { url: "https://ntfy.example.net/t", token: { env: NTFY_TOKEN } } }
  - { ntfy: { url: "https://ntfy.example.net/t", token: { file: /run/secrets/ntfy } } }
  - { slack: { url: { env: SLACK_URL } } }
  - { slack: { url: { file: /run/secrets/slack } } }
  - { discord: { url: { env: DISCORD_URL } } }
  - { discord: { url: { file: /run/secrets/discord } } }
  - { telegram: { token: { env: TELEGRAM_TOKEN }, chat: "1" } }
  - { telegram: { token: { file: /run/secrets/telegram }, chat: "1" } }
  - { webhook: { url: "https://hooks.example.net/", secret: { env: NOTIFY_SECRET } } }
  - { webhook: { url: "https://hooks.example.net/", secret: { file: /run/secrets/notify } } }
`;

/** A file for the keys that only a file with several accounts has. */
export const severalAccounts = `version: 1
owner: home
cloudflare:
  main: { owner: first, account: one, zones: [example.dev], authentik: one }
  other: { account: two, zones: [example.net], authentik: two }
authentik:
  one: { url: "http://one.lan:9000" }
  two: { url: "http://two.lan:9000" }
groups: { family: {} }
clients: { portal: { account: main, redirectUris: ["https://portal.example.dev/"], groups: [family] } }
dns: { example.dev: [{ name: a, type: A, content: 192.0.2.1 }] }
`;
