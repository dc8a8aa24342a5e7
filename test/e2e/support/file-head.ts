/** The beginning of the smallest gates.yaml: the sandbox's own account, zone, tunnel and team, and one origin. */
export const head = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
`;
