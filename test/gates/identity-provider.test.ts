import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { guardsOf } from '../../src/lab/rehearsal/guards.ts';
import { configOf } from '../desired/sample.ts';

/** The kinds and places of the mistakes of a file whose login page is said to be at this service. */
function mistakesOf(service: string, wiki: string): readonly string[] {
  const read = parseConfig(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
authentik: { url: "http://authentik.lan:9000", service: ${service} }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: app, ${wiki} }
`);
  return read.ok ? [] : read.mistakes.map(({ rule, path }) => `${rule} ${path}`);
}

describe('the login page of Authentik', () => {
  const host = 'auth.example.dev';
  const config = () =>
    configOf(
      `auth: { host: ${host}, origin: app, gate: { identityProvider: {} } }`,
      'authentik: { url: "http://authentik.lan:9000", service: auth }',
    );

  it('is open to everybody, as a rehearsal expects', () => {
    expect(guardsOf(config(), [])).toEqual([{ host, admit: { public: true } }]);
  });

  it('has a gate with a name that asks nobody', () => {
    expect(config().services.get('auth')?.gate).toMatchObject({
      name: 'identityProvider',
      enforcedBy: 'nobody',
      visitors: 'everybody',
      showsLogin: true,
    });
  });

  const open = 'gate: { public: { reason: open } }';
  it.each([
    { service: 'auth', wiki: open, mistakes: [] },
    { service: 'wiki', wiki: open, mistakes: ['conflicting-keys authentik.service'] },
    { service: 'login', wiki: open, mistakes: ['undeclared-name authentik.service'] },
    { service: 'wiki', wiki: 'gate: {}', mistakes: ['one-key services.wiki.gate'] },
    { service: 'wiki', wiki: '', mistakes: ['missing-key services.wiki.gate'] },
  ])('at $service is one mistake or none: $mistakes', ({ service, wiki, mistakes }) => {
    expect(mistakesOf(service, wiki)).toEqual(mistakes);
  });
});
