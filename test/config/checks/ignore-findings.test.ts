import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';

const fileOf = (record: string, client = '[name]', service = '[name]') => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  open: { host: open.example.dev, origin: app, ignore: ${service}, gate: { cloudflare: { emails: [me@example.dev] } } }
clients: { vault: { redirectUris: ["https://vault.example.net/"], groups: [admins], ignore: ${client} } }
dns: { example.dev: [{ name: www, type: A, content: 192.0.2.1, ignore: ${record} }] }
`;

function mistakesOf(text: string): readonly string[] {
  const read = parseConfig(text);
  return read.ok ? [] : read.mistakes.map(({ line, message, hint }) => `${line}: ${message}; ${hint}`);
}

describe('ignore', () => {
  it('may name fields that decide nothing about a door', () => {
    expect(mistakesOf(fileOf('[ttl, comment, tags]'))).toEqual([]);
  });

  it.each([
    ['proxied', 'decides whether a request passes Cloudflare'],
    ['content', 'decides where a request goes'],
    ['settings', 'is no field that gates writes'],
    ['constructor', 'is no field that gates writes'],
  ])('of a record refuses %s, with the names that it can have', (field, reason) => {
    expect(mistakesOf(fileOf(`[ttl, ${field}]`))).toEqual([
      `15: "${field}" ${reason}; take it out: \`ignore\` can name \`ttl\`, \`comment\`, \`tags\` here`,
    ]);
  });

  it('stands beside `manage`, which the login page cannot have as report', () => {
    const text = fileOf('[]').replace('auth: { host', 'auth: { manage: report, host');
    expect(mistakesOf(text)).toEqual([
      '12: the login page cannot be only watched: other gates depend on it; take `manage` out',
    ]);
  });

  it('of a client or a service refuses what decides who gets in', () => {
    expect(mistakesOf(fileOf('[]', '[redirectUris]', '[gate, cache]'))).toEqual([
      '13: "gate" decides who gets in; take it out: `ignore` can name `name` here',
      '13: "cache" decides what is cached; take it out: `ignore` can name `name` here',
      '14: "redirectUris" decides where a login goes; take it out: `ignore` can name `name` here',
    ]);
  });
});
