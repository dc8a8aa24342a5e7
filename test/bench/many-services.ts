/** A file with this many services, a quarter behind each gate, some with a public path, plus plain records. */
export function manyServices(services: number, records = 0): string {
  const gates = [
    '{ public: { reason: "open" } }',
    '{ cloudflare: { emails: [me@example.dev] } }',
    '{ serviceToken: { tokens: [ci] } }',
    '{ cloudflare: { emails: [me@example.dev, you@example.dev], session: 12h } }',
  ];
  const service = (index: number) => {
    const path = index % 8 === 1 ? ', paths: { /health: { public: { reason: probe } } }' : '';
    return `  s${index}: { host: s${index}.example.dev, origin: app, gate: ${gates[index % gates.length]}${path} }`;
  };
  const record = (index: number) => `    - { name: r${index}, type: TXT, content: "value ${index}" }`;
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens:
  ci: { duration: 8760h }
services:
${Array.from({ length: services }, (_, index) => service(index)).join('\n')}
${records === 0 ? '' : `dns:\n  example.dev:\n${Array.from({ length: records }, (_, index) => record(index)).join('\n')}`}
`;
}

const gates = {
  access: '{ cloudflare: { emails: [me@example.dev] } }',
  forwardAuth: '{ authentik: { groups: [family] } }',
} as const;

/** A file with this many services behind forward auth, plus one service behind Access. */
export function manyForwardAuth(services: number): string {
  const beside = `  access: { host: access.example.dev, origin: traefik, gate: ${gates.access} }\n`;
  return `${home(services, 'forwardAuth')}${beside}`;
}

/** A file with this many services, all behind the same gate. */
export function home(services: number, guardedBy: keyof typeof gates): string {
  const service = (index: number) =>
    `  s${index}: { host: s${index}.example.dev, origin: traefik, gate: ${gates[guardedBy]} }`;
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${Array.from({ length: services }, (_, index) => service(index)).join('\n')}
`;
}

/** The people whom any of these gates admits, as guards of the sandbox's oracle. */
export function guardsOf(services: number, guardedBy: readonly (keyof typeof gates)[]): readonly object[] {
  const admit = {
    emails: guardedBy.includes('access') ? ['me@example.dev'] : [],
    groups: guardedBy.includes('forwardAuth') ? ['family'] : [],
  };
  return Array.from({ length: services }, (_, index) => ({ host: `s${index}.example.dev`, admit }));
}
