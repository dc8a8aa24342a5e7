import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment, SandboxProcess } from '../support/processes.ts';

/** Three files: two accounts, each with an Authentik, and the entries of each account. */
export const twoAccounts: Readonly<Record<string, string>> = {
  'gates.yaml': `version: 1
owner: home
include: [home.yaml, work.yaml]
cloudflare:
  home:
    account: 0123456789abcdef0123456789abcdef
    zones: [example.dev]
    tunnels: { homelab: {} }
    authentik: lan
  work:
    account: Sandbox
    zones: [example.net]
    tunnels: { homelab: {} }
    authentik: office
authentik:
  lan: { url: "http://authentik.lan:9000" }
  office: { url: "http://authentik.work:9000" }
`,
  'home.yaml': `origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
groups: { admins: {} }
people: { us: { emails: [me@example.dev] } }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana: { host: grafana.example.dev, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [admins] } } }
  docs: { host: docs.example.dev, origin: traefik, gate: { public: { reason: documentation } } }
serviceTokens: { ci: {} }
`,
  'work.yaml': `services:
  sso: { host: sso.example.net, origin: traefik, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.net, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [admins] } } }
  hooks: { host: hooks.example.net, origin: traefik, gate: { serviceToken: { tokens: [ci] } } }
  nas: { host: nas.example.net, origin: traefik, gate: { cloudflare: { people: [us] } } }
dns: { example.net: [{ name: www, type: CNAME, content: example.org }] }
expect: [{ url: "https://nas.example.net/", as: anonymous, verdict: login }]
`,
};

export async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
}

/** The variables of two accounts and two servers, each played by a sandbox. */
export function environmentOf(home: SandboxProcess, work: SandboxProcess): Environment {
  return {
    ...{ GATES_EDGE_LAG: '0' },
    ...named(home.env, 'HOME', 'LAN'),
    ...named(work.env, 'WORK', 'OFFICE'),
  };
}

function named(env: Environment, account: string, server: string): Environment {
  const names: Readonly<Record<string, string>> = {
    CLOUDFLARE_API_TOKEN: account,
    CLOUDFLARE_BASE_URL: account,
    GATES_PROBE_EDGE: account,
    AUTHENTIK_TOKEN: server,
    AUTHENTIK_URL: server,
  };
  return Object.fromEntries(
    Object.entries(names).map(([variable, name]) => [`${variable}_${name}`, env[variable] ?? '']),
  );
}
