import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { compile } from '../../src/desired/compile.ts';

function fileWith(keys: string): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
services:
  wiki: { host: wiki.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev], ${keys} } } }
`;
}

function desiredOf(keys: string) {
  const read = parseConfig(fileWith(keys));
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  const { objects, warnings } = compile(read.parsed.config);
  const application = objects.find(({ address }) => address.kind === 'cloudflare/access-application');
  return { spec: application?.spec, warnings };
}

describe('the use of a host behind Access by other sites', () => {
  it('is up to people if the file says nothing', () => {
    const { spec, warnings } = desiredOf('session: 24h');
    expect(spec).not.toHaveProperty('sameSite');
    expect(spec).not.toHaveProperty('cors');
    expect(warnings).toEqual([]);
  });

  it('has defaults that carry no session', () => {
    const { spec, warnings } = desiredOf('cors: { origins: ["https://App.example.dev/"] }');
    expect(spec).toMatchObject({
      cors: {
        origins: ['https://app.example.dev'],
        methods: ['GET', 'HEAD', 'POST'],
        headers: [],
        credentials: false,
      },
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    { keys: 'cookie: { sameSite: none }', says: 'every request that another site makes' },
    {
      keys: 'cors: { origins: ["https://a.example.org"], credentials: true }',
      says: "scripts of https://a.example.org may send requests with the visitor's session",
    },
  ])('is a warning of the plan where it carries the session: $keys', ({ keys, says }) => {
    expect(desiredOf(keys).warnings).toEqual([expect.stringMatching(`^services\\.wiki: .*${says}`)]);
  });

  it.each(['cookie: { sameSite: lax }', 'cookie: { sameSite: strict }'])('is none with %s', (keys) => {
    expect(desiredOf(keys).warnings).toEqual([]);
  });

  it.each([
    'cors: {}',
    'cors: { origins: [] }',
    'cors: { origins: ["*"] }',
    'cors: { origins: ["https://a.example.dev/path"] }',
    'cors: { origins: ["https://a.example.dev"], methods: [] }',
    'cors: { origins: ["https://a.example.dev"], maxAge: 2d }',
    'cookie: {}',
    'cookie: { sameSite: None }',
  ])('is refused: %s', (keys) => {
    expect(parseConfig(fileWith(keys)).ok).toBe(false);
  });
});

describe('the session of an application', () => {
  it.each([
    { session: 'immediate', duration: '0s' },
    { session: '90s', duration: '90s' },
    { session: '24h', duration: '24h' },
  ])('lasts as long as the file says: $session', ({ session, duration }) => {
    expect(desiredOf(`session: ${session}`).spec).toMatchObject({ sessionDuration: duration });
  });
});

describe('the tags of an application', () => {
  it.each(['tags: [gates-home]', 'tags: []', 'tags: [""]'])('are refused: %s', (tags) => {
    expect(parseConfig(fileWith(`appearance: { ${tags} }`)).ok).toBe(false);
  });

  it('are those of the file', () => {
    expect(desiredOf('appearance: { tags: [media] }').spec).toMatchObject({ tags: ['media'] });
  });
});
