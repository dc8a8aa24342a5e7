import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AccessOutputs, ClientOutputs, OutputsDocument } from '../../../src/report/outputs/outputs.ts';
import { formatOutputs } from '../../../src/report/outputs/outputs-text.ts';

const access: AccessOutputs = {
  teamDomain: 'example.cloudflareaccess.com',
  issuer: 'https://example.cloudflareaccess.com',
  certsUrl: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
  aud: 'aud1',
  header: 'Cf-Access-Jwt-Assertion',
};
const at = 'https://auth.example.dev/application/o';
const client: ClientOutputs = {
  clientId: 'abc',
  issuer: `${at}/vault/`,
  discoveryUrl: `${at}/vault/.well-known/openid-configuration`,
  authorizationUrl: `${at}/authorize/`,
  tokenUrl: `${at}/token/`,
  userinfoUrl: `${at}/userinfo/`,
  jwksUrl: `${at}/vault/jwks/`,
  endSessionUrl: `${at}/vault/end-session/`,
};
const document: OutputsDocument = {
  version: 1,
  services: {
    'my-app': { host: 'my.example.dev', access, paths: { '/admin/**': { ...access, aud: 'aud2' } } },
  },
  clients: { vault: client },
};

/** The variables of an env file. */
function variables(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

function services(...entries: readonly (readonly [name: string, ...paths: string[]])[]): OutputsDocument {
  const made = entries.map(([name, ...paths]) => [
    name,
    { host: `${name}.example.dev`, access, paths: Object.fromEntries(paths.map((path) => [path, access])) },
  ]);
  return { version: 1, services: Object.fromEntries(made), clients: {} };
}

describe('outputs as text', () => {
  it.each([
    { format: 'yaml' as const, read: parse },
    { format: 'json' as const, read: (text: string): unknown => JSON.parse(text) },
  ])('have the same values as $format', ({ format, read }) => {
    const text = formatOutputs(document, format);
    expect(read(text)).toEqual(document);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('as env: one block for each door and client, under names that an application can use', () => {
    expect(formatOutputs(document, 'env')).toBe(`# my.example.dev
MY_APP_ACCESS_TEAM_DOMAIN=example.cloudflareaccess.com
MY_APP_ACCESS_ISSUER=https://example.cloudflareaccess.com
MY_APP_ACCESS_CERTS_URL=https://example.cloudflareaccess.com/cdn-cgi/access/certs
MY_APP_ACCESS_AUD=aud1
MY_APP_ACCESS_HEADER=Cf-Access-Jwt-Assertion

# my.example.dev/admin/**
MY_APP_ADMIN_ACCESS_TEAM_DOMAIN=example.cloudflareaccess.com
MY_APP_ADMIN_ACCESS_ISSUER=https://example.cloudflareaccess.com
MY_APP_ADMIN_ACCESS_CERTS_URL=https://example.cloudflareaccess.com/cdn-cgi/access/certs
MY_APP_ADMIN_ACCESS_AUD=aud2
MY_APP_ADMIN_ACCESS_HEADER=Cf-Access-Jwt-Assertion

# client vault
VAULT_CLIENT_ID=abc
VAULT_OIDC_ISSUER=${at}/vault/
VAULT_OIDC_DISCOVERY_URL=${at}/vault/.well-known/openid-configuration
VAULT_OIDC_AUTHORIZATION_URL=${at}/authorize/
VAULT_OIDC_TOKEN_URL=${at}/token/
VAULT_OIDC_USERINFO_URL=${at}/userinfo/
VAULT_OIDC_JWKS_URL=${at}/vault/jwks/
VAULT_OIDC_END_SESSION_URL=${at}/vault/end-session/
`);
  });

  it('as env: an unknown value has no line, since an application would accept an empty value', () => {
    const unknown = { ...document, services: { a: { host: 'a', access: { ...access, aud: null } } } };
    expect(variables(formatOutputs(unknown, 'env'))).not.toHaveProperty('A_ACCESS_AUD');
    expect(variables(formatOutputs(unknown, 'env'))).toHaveProperty('A_ACCESS_ISSUER');
  });

  it('as env: a value that a shell would read differently is quoted', () => {
    const odd = { ...document, clients: { vault: { ...client, clientId: "it's $HOME" } } };
    expect(formatOutputs(odd, 'env')).toContain(`VAULT_CLIENT_ID='it'\\''s $HOME'\n`);
  });

  it('as env: no outputs give an empty file', () => {
    expect(formatOutputs({ version: 1, services: {}, clients: {} }, 'env')).toBe('');
  });

  it.each([
    { because: 'a path and a service', document: services(['a', '/b'], ['a-b']) },
    { because: 'paths that differ in case', document: services(['a', '/B', '/b']) },
    { because: 'paths that differ in a sign', document: services(['a', '/b.c', '/b/c', '/b-c/**']) },
    { because: 'services that differ in dashes', document: services(['a-b'], ['a--b'], ['a-b-']) },
    {
      because: 'a client and a service',
      document: { ...services(['vault']), clients: { vault: client } },
    },
  ])('as env: no two values have one name: $because', ({ document: both }) => {
    const text = formatOutputs(both, 'env');
    const names = text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => line.split('=')[0]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z_][A-Z0-9_]*$/);
  });

  it('as env: a name depends on what it is, not on the order of the file', () => {
    const [one, other] = [services(['a', '/b'], ['a-b']), services(['a-b'], ['a', '/b'])];
    const sorted = (text: string) => text.split('\n').sort();
    expect(sorted(formatOutputs(one, 'env'))).toEqual(sorted(formatOutputs(other, 'env')));
  });

  it('as env: a name does not begin with a digit', () => {
    expect(variables(formatOutputs(services(['2fauth']), 'env'))).toHaveProperty('_2FAUTH_ACCESS_AUD');
  });
});
