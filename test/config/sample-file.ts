import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { checkedConfig } from '../../src/expect/checked-config.ts';

/** The complete example in the design: every section and every gate. */
export const designExample = readFileSync(new URL('./design-example.yaml', import.meta.url), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: mutants plant values that the types forbid.
export type Tree = any;

/** A small valid file without warnings, with one service for each sort of gate. */
export const sampleText = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev, example.org]
  tunnels: { homelab: {} }
  access:
    team: example
    identityProvider: authentik
    breakGlass: { emails: [me@example.dev], reason: Authentik may be down }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains:
    example.org: { groups: [family] }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  proxmox: { tunnel: homelab, url: "https://192.168.1.51:8006", noTLSVerify: true }
groups: { admins: {}, family: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  auth-api:
    host: auth-api.example.dev
    origin: traefik
    hostHeader: auth.example.dev
    gate: { serviceToken: { tokens: [ci] } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { groups: [admins] } }
    paths:
      /api/health: { public: { reason: uptime probe } }
      /public/**: { public: { reason: shared dashboards } }
  photos: { host: photos.example.org, origin: traefik, gate: { authentik: { mode: domain } } }
  vault: { host: vault.example.dev, origin: traefik, gate: { authentik: { mode: oidc, client: vault } } }
  proxmox: { host: proxmox.example.dev, origin: proxmox, gate: { cloudflare: { groups: [admins] } } }
  docs: { host: docs.example.dev, origin: traefik, gate: { public: { reason: documentation } } }
  api:
    host: api.example.dev
    origin: traefik
    gate: { jwt: { keys: { client: api }, audience: api, operations: ["GET /v1/items"] } }
  hooks:
    host: hooks.example.dev
    origin: traefik
    gate: { webhook: { actions: [reconcile, tidy], secret: { env: HOOK_SECRET } } }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [family] }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
serviceTokens: { ci: {} }
actions: { tidy: { run: [tidy, --all] } }
dns:
  example.dev:
    - { name: "@", type: MX, content: mail.example.net, priority: 10 }
    - { name: www, type: CNAME, content: example.dev, proxied: true }
`;

/** A copy of the sample as plain values, for a test to change. */
export function sampleTree(): Tree {
  return parse(sampleText);
}

/** The sorted codes of the errors and warnings of a file with these values; a message where there is no code. */
export function verdictOf(tree: Tree): string[] {
  const result = checkedConfig(stringify(tree, { aliasDuplicateObjects: false }));
  const mistakes = result.ok ? result.parsed.warnings : result.mistakes;
  return mistakes.map(({ code, message }) => code ?? message).sort();
}
