/** Two accounts, each with an Authentik, and entries that only their use assigns. */
export const twoAccounts = `version: 1
owner: home
cloudflare:
  lan:
    owner: home
    account: mine
    zones: [example.dev]
    tunnels: { homelab: {} }
    authentik: one
  work:
    account: theirs
    zones: [example.net, lab.example.dev]
    tunnels: { homelab: {}, office: {} }
    authentik: two
authentik:
  one: { url: "http://one.lan:9000" }
  two: { url: "http://two.lan:9000" }
origins:
  both: { tunnel: homelab, url: "http://app.lan:80", forwardAuth: true }
  office: { tunnel: office, url: "http://office.lan:80" }
groups: { admins: {}, staff: {} }
people: { us: { emails: [me@example.dev], groups: [staff] } }
services:
  auth: { host: auth.example.dev, origin: both, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: both, gate: { authentik: { mode: forwardAuth, groups: [admins] } } }
  nas: { host: nas.lab.example.dev, origin: both, gate: { public: { reason: open } } }
  ci: { host: ci.example.net, origin: office, gate: { serviceToken: { tokens: [ci] } } }
clients: { app: { account: work, redirectUris: ["https://app.example.net/"], groups: [staff] } }
serviceTokens: { ci: {} }
dns: { example.dev: [{ name: a, type: A, content: 192.0.2.1 }], example.net: [{ name: b, type: A, content: 192.0.2.2 }] }
waf: { skip: { hosts: [ci.example.net, auth.example.dev], products: [bic] } }
expect:
  - { url: "https://ci.example.net/", as: anonymous, verdict: deny }
  - { url: "https://auth.example.dev/", as: anonymous, verdict: allow }
`;
