import { expect, it } from 'vitest';
import { addressId } from '../../src/core/objects/address.ts';
import { isReference } from '../../src/core/objects/reference.ts';
import { compileFile } from './sample.ts';

/** An object as prose: its address, its spec with references as `‹kind:key›`, and the services that ask for it. */
function prose(value: unknown): string {
  if (isReference(value)) return `‹${value.$ref.replace('cloudflare/', '')}›`;
  if (Array.isArray(value)) return `[${value.map(prose).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([field, item]) => `${field}: ${prose(item)}`)
    .join(', ')}}`;
}

const services = `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
auth-api: { host: auth-api.example.dev, origin: app, hostHeader: auth.example.dev, gate: { serviceToken: { tokens: [ci] } } }
grafana:
  host: grafana.example.dev
  origin: app
  gate: { cloudflare: { emails: [me@example.dev], session: 12h } }
  paths:
    /api/health: { public: { reason: "uptime probe" } }
    /public/**: { public: { reason: "shared dashboards" } }
docs:
  host: docs.example.dev
  origin: app
  gate: { public: { reason: "documentation" } }
  paths:
    /admin/**: { serviceToken: { tokens: [ci, backup] } }`;

const dns = `authentik: { url: "http://authentik.lan:9000", service: auth }
dns:
  example.dev:
    - { name: "@", type: TXT, content: "v=spf1 -all", comment: mail }`;

it('a file of four gates compiles into these objects', () => {
  const desired = compileFile(services, dns);
  const lines = desired.objects.map(({ address, spec, because }) => {
    const line = `${addressId(address).replace('cloudflare/', '')} ${prose(spec)} ← ${because}`;
    return line.replaceAll(/\(\/\[\^.*?\]\)\*/g, '(/…)*');
  });
  expect([...lines].sort()).toMatchInlineSnapshot(`
    [
      "access-application:auth-api.example.dev {name: auth-api.example.dev, destinations: [auth-api.example.dev], policies: [‹access-policy:auth-api.example.dev›], bypass: false, waysAround: []} ← services.auth-api",
      "access-application:docs.example.dev/admin {name: docs.example.dev/admin, destinations: [docs.example.dev/admin, docs.example.dev/admin/*], policies: [‹access-policy:docs.example.dev/admin›], bypass: false, waysAround: []} ← services.docs.paths./admin/**",
      "access-application:grafana.example.dev {name: grafana.example.dev, destinations: [grafana.example.dev, grafana.example.dev/api/health/*], policies: [‹access-policy:grafana.example.dev›], bypass: false, waysAround: [], sessionDuration: 12h} ← services.grafana",
      "access-application:grafana.example.dev/api/health {name: grafana.example.dev/api/health, destinations: [grafana.example.dev/api/health], policies: [‹access-policy:public›], bypass: true, waysAround: []} ← services.grafana.paths./api/health",
      "access-application:grafana.example.dev/public {name: grafana.example.dev/public, destinations: [grafana.example.dev/public, grafana.example.dev/public/*], policies: [‹access-policy:public›], bypass: true, waysAround: []} ← services.grafana.paths./public/**",
      "access-policy:auth-api.example.dev {decision: non_identity, include: [{service_token: {token_id: ‹service-token:ci›}}], require: [], exclude: []} ← services.auth-api",
      "access-policy:docs.example.dev/admin {decision: non_identity, include: [{service_token: {token_id: ‹service-token:backup›}}, {service_token: {token_id: ‹service-token:ci›}}], require: [], exclude: []} ← services.docs.paths./admin/**",
      "access-policy:grafana.example.dev {decision: allow, include: [{email: {email: me@example.dev}}], require: [], exclude: [], sessionDuration: 12h, approval: [], justification: false, isolate: false} ← services.grafana",
      "access-policy:public {decision: bypass, include: [{everyone: {}}], require: [], exclude: []} ← services",
      "access-tag:gates-home {name: gates-home} ← services",
      "account:0123456789abcdef0123456789abcdef {} ← cloudflare.account",
      "cache-rule:grafana.example.dev {zone: example.dev, zoneId: ‹zone:example.dev›, host: grafana.example.dev, action: set_cache_settings, enabled: true, intact: true, overruled: false} ← services.grafana",
      "dns-record:CNAME auth-api.example.dev {zone: example.dev, zoneId: ‹zone:example.dev›, type: CNAME, name: auth-api.example.dev, content: ‹tunnel:homelab›, ttl: 1, proxied: true} ← services.auth-api",
      "dns-record:CNAME auth.example.dev {zone: example.dev, zoneId: ‹zone:example.dev›, type: CNAME, name: auth.example.dev, content: ‹tunnel:homelab›, ttl: 1, proxied: true} ← services.auth",
      "dns-record:CNAME docs.example.dev {zone: example.dev, zoneId: ‹zone:example.dev›, type: CNAME, name: docs.example.dev, content: ‹tunnel:homelab›, ttl: 1, proxied: true} ← services.docs",
      "dns-record:CNAME grafana.example.dev {zone: example.dev, zoneId: ‹zone:example.dev›, type: CNAME, name: grafana.example.dev, content: ‹tunnel:homelab›, ttl: 1, proxied: true} ← services.grafana",
      "dns-record:TXT example.dev v=spf1 -all {zone: example.dev, zoneId: ‹zone:example.dev›, type: TXT, name: example.dev, content: v=spf1 -all, ttl: 1, proxied: false, comment: mail} ← dns.example.dev",
      "ingress-rule:homelab/auth-api.example.dev {tunnel: homelab, hostname: auth-api.example.dev, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {httpHostHeader: auth.example.dev, access: {required: true, teamName: ‹organization:account›, audTag: [‹access-application:auth-api.example.dev›]}}} ← services.auth-api",
      "ingress-rule:homelab/auth.example.dev {tunnel: homelab, hostname: auth.example.dev, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {}} ← services.auth",
      "ingress-rule:homelab/docs.example.dev (?i)^/admin(/…)*(/)?$ {tunnel: homelab, hostname: docs.example.dev, path: (?i)^/admin(/…)*(/)?$, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {access: {required: true, teamName: ‹organization:account›, audTag: [‹access-application:docs.example.dev/admin›]}}} ← services.docs.paths./admin/**",
      "ingress-rule:homelab/docs.example.dev //|[\\\\%;\\x00-\\x1f\\x7f]|[. ](/|$) {tunnel: homelab, hostname: docs.example.dev, path: //|[\\\\%;\\x00-\\x1f\\x7f]|[. ](/|$), tunnelId: ‹tunnel:homelab›, service: http_status:400, originRequest: {}} ← services.docs",
      "ingress-rule:homelab/docs.example.dev {tunnel: homelab, hostname: docs.example.dev, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {}} ← services.docs",
      "ingress-rule:homelab/grafana.example.dev ^/api/health$ {tunnel: homelab, hostname: grafana.example.dev, path: ^/api/health$, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {}} ← services.grafana.paths./api/health",
      "ingress-rule:homelab/grafana.example.dev ^/public(/…)*(/)?$ {tunnel: homelab, hostname: grafana.example.dev, path: ^/public(/…)*(/)?$, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {}} ← services.grafana.paths./public/**",
      "ingress-rule:homelab/grafana.example.dev {tunnel: homelab, hostname: grafana.example.dev, tunnelId: ‹tunnel:homelab›, service: http://app.lan:80, originRequest: {access: {required: true, teamName: ‹organization:account›, audTag: [‹access-application:grafana.example.dev›]}}} ← services.grafana",
      "organization:account {team: example} ← cloudflare.access",
      "service-token:backup {duration: 8760h, enabled: true, secret: kept, deliver: []} ← serviceTokens.backup",
      "service-token:ci {duration: 8760h, enabled: true, secret: kept, deliver: []} ← serviceTokens.ci",
      "tunnel:homelab {name: homelab, configSource: cloudflare} ← cloudflare.tunnels.homelab",
      "zone:example.dev {status: active} ← cloudflare.zones",
    ]
  `);
  expect(desired.refusals).toEqual([]);
  expect(desired.warnings).toEqual([]);
});
