import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { proxyAsked } from '../../../src/cli/origins/proxy-asked.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { formatCaddy } from '../../../src/report/outputs/outputs-caddy.ts';
import { formatNginx } from '../../../src/report/outputs/outputs-nginx.ts';
import { formatTraefik } from '../../../src/report/outputs/outputs-traefik-text.ts';
import { ambiguous, type ProxyAsked, patternOf } from '../../../src/report/outputs/proxied-hosts.ts';

const services = `
  auth: { host: auth.example.dev, origin: proxy, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: proxy
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
  wiki:
    host: wiki.example.dev
    origin: proxy
    gate: { cloudflare: { emails: [me@example.dev], tokens: [ci] } }
    paths:
      /admin/**: { serviceToken: { tokens: [ci] } }
      /feed.xml: { public: { reason: feed } }
  proxmox: { host: proxmox.example.dev, origin: proxmox, gate: { cloudflare: { emails: [me@example.dev] } } }
  shell: { host: shell.example.dev, origin: shell, gate: { cloudflare: { emails: [me@example.dev] } } }
`;

function askedOf(only?: string, { proxy = 'http://proxy.lan:80', more = services } = {}): ProxyAsked {
  const text = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik:
  url: "http://authentik.lan:9000"
  service: auth
  domains: { example.dev: { groups: [admins] } }
groups: { admins: {} }
serviceTokens: { ci: { deliver: [ { file: /var/lib/gates/ci.env } ] } }
origins:
  proxy: { tunnel: homelab, url: "${proxy}", forwardAuth: true }
  proxmox: { tunnel: homelab, url: "https://192.168.1.51:8006" }
  shell: { tunnel: homelab, url: "ssh://nas.lan:22" }
services:${more}`;
  const read = parseConfig(text);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return proxyAsked(read.parsed.config, only, 'http://gates.lan:8420/');
}

const application = 'http://grafana.lan:3000';
const formats = { nginx: formatNginx, caddy: formatCaddy };
const page = readFileSync('docs/caddy-nginx.md', 'utf8');

describe('the configuration of a proxy', () => {
  it.each([
    { format: formats.caddy, language: 'caddyfile' },
    { format: formats.nginx, language: 'nginx' },
  ])('stands on its page as it is printed: $language', ({ format, language }) => {
    const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)?.[1];
    const [, ...printed] = format(askedOf('grafana'), application).split('\n\n');
    expect(printed.join('\n\n')).toBe(block);
  });

  it('has the hosts about which an origin asks, and one behind Access if it is named', () => {
    const names = (only?: string) => askedOf(only).verified.map(({ service }) => service);
    expect(names()).toEqual(['wiki']);
    expect(names('proxmox')).toEqual(['proxmox']);
    expect(names('shell')).toEqual([]);
    expect(askedOf().hosts.map(({ service }) => service)).toEqual(['grafana']);
  });

  it.each(['nginx', 'caddy'] as const)('says that no host needs it: %s', (name) => {
    expect(formats[name](askedOf('shell'), application)).toBe(
      '# No host of this file is asked about by its origin.\n',
    );
  });

  it('asks about each door with the audience of that door, and about an open one not at all', () => {
    const [wiki] = askedOf('wiki').verified;
    expect(wiki).toMatchObject({
      question: '/verify?host=wiki.example.dev',
      identity: ['Remote-User', 'Remote-Email'],
      paths: [
        { path: '/feed.xml', question: undefined, identity: [], pattern: String.raw`^/feed\x2exml$` },
        {
          path: '/admin/**',
          question: '/verify?host=wiki.example.dev&path=/admin/**',
          identity: ['Remote-User'],
          pattern: '^/admin(/|$)',
          ignoresCase: true,
        },
      ],
    });
  });

  it('names the chain and the rule of each path to Traefik, whose names differ', () => {
    const paths = '{ /a-b: { public: { reason: x } }, /a/b: { public: { reason: x } } }';
    const more = `
  auth: { host: auth.example.dev, origin: proxy, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: proxy, gate: { cloudflare: { emails: [me@example.dev] } }, paths: ${paths} }
`;
    const text = formatTraefik(askedOf('wiki', { more }), 'file');
    expect(text).toContain('wiki.example.dev/a-b: middlewares: [gates-path-wiki_a_b@file]');
    expect(text).toContain('wiki.example.dev/a/b: middlewares: [gates-path-wiki_a_b_2@file]');
    expect(text).toContain('rule: Host(`wiki.example.dev`) && PathRegexp(`^/a/b$`)');
    expect(text).toContain('allowEncodedSlash: false');
  });

  it('listens where cloudflared reaches it, and speaks TLS if the file says so', () => {
    const nginx = (proxy: string) => formatNginx(askedOf('wiki', { proxy }), application);
    const caddy = (proxy: string) => formatCaddy(askedOf('wiki', { proxy }), application);
    expect(nginx('http://proxy.lan:8080')).toContain('    listen       8080;\n');
    expect(nginx('https://proxy.lan')).toContain('    listen       443 ssl;\n');
    expect(caddy('http://proxy.lan:8080')).toContain('\nhttp://wiki.example.dev:8080 {');
    expect(caddy('https://proxy.lan')).toContain('\nhttps://wiki.example.dev {');
  });

  it('has the login host of a domain where its logins end, without a question', () => {
    const more = `
  auth: { host: auth.example.dev, origin: proxy, gate: { identityProvider: {} } }
  docs: { host: docs.example.dev, origin: proxy, gate: { authentik: { mode: domain } } }
`;
    const [nginx, caddy] = [formatNginx, formatCaddy].map((format) =>
      format(askedOf(undefined, { more }), application),
    );
    const [, face = ''] = (nginx ?? '').split('server_name  auth.example.dev;');
    expect(face).toContain('location /outpost.goauthentik.io {');
    expect(face).toContain('proxy_pass        http://authentik.lan:9000;');
    expect(face).not.toContain('auth_request');
    const [, site = ''] = (caddy ?? '').split('http://auth.example.dev {');
    expect(site).toContain('reverse_proxy /outpost.goauthentik.io/* http://authentik.lan:9000 {');
    expect(site).not.toContain('forward_auth');
  });
});

describe('the expression of a path', () => {
  const matches = (prefix: string, form: 'exact' | 'subtree', isGuarded: boolean, path: string) =>
    new RegExp(patternOf(prefix, form, isGuarded)).test(path);

  it.each([
    { prefix: '/a', form: 'exact', guarded: false, yes: ['/a'], no: ['/a/', '/ab', '/x/a'] },
    { prefix: '/a', form: 'exact', guarded: true, yes: ['/a', '/a/'], no: ['/a/b', '/ab'] },
    { prefix: '/a', form: 'subtree', guarded: true, yes: ['/a', '/a/', '/a/b'], no: ['/ab', '/x/a'] },
    { prefix: '/a.b c"d$', form: 'exact', guarded: false, yes: ['/a.b c"d$'], no: ['/axb c"d$'] },
  ] as const)('is for $prefix, $form, guarded: $guarded', ({ prefix, form, guarded, yes, no }) => {
    for (const path of yes) expect(matches(prefix, form, guarded, path), path).toBe(true);
    for (const path of no) expect(matches(prefix, form, guarded, path), path).toBe(false);
    expect(patternOf(prefix, form, guarded)).not.toMatch(/[" ;{}`]/);
  });

  it.each(['/a%2Fb', '/a/../b', '/a/%2e%2e/b', '/a//b', '/a;b', '/a\\b', '/a./b', '/a%00', '/..', '/a%20/b'])(
    'refuses a path that two programs may read differently: %s',
    (path) => expect(new RegExp(ambiguous, 'i').test(path)).toBe(true),
  );

  it.each(['/', '/a/b.c', '/a%20b', '/a/?x=//..%2f', '/caf%C3%A9'])(
    'accepts a path that every program reads in the same way: %s',
    (path) => expect(new RegExp(ambiguous, 'i').test(path)).toBe(false),
  );
});
