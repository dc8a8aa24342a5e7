/** A home with a host for each gate of people, and a record; `comment` follows the address of the record. */
export const homeFile = (comment = '') => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana: { host: grafana.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }
  proxmox: { host: proxmox.example.dev, origin: traefik, gate: { cloudflare: { emails: [me@example.dev] } } }
dns: { example.dev: [{ name: nas, type: A, content: 192.0.2.9${comment} }] }
`;
