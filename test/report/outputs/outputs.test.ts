import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../../schema/outputs.schema.json' with { type: 'json' };
import { UnreachableError } from '../../../src/core/errors.ts';
import type { Kind } from '../../../src/core/objects/address.ts';
import type { Observation, Observed } from '../../../src/core/objects/object.ts';
import { type OutputsAsked, outputKinds, outputsOf } from '../../../src/report/outputs/outputs.ts';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

const host = 'proxmox.example.dev';
const aud = 'a'.repeat(64);
const asked: OutputsAsked = {
  owner: 'home',
  doors: [
    { service: 'proxmox', host, path: undefined, key: host },
    { service: 'proxmox', host, path: '/admin/**', key: `${host}/admin` },
    { service: 'wiki', host: 'wiki.example.dev', path: '/edit', key: 'wiki.example.dev/edit' },
  ],
  clients: [{ name: 'vault', provider: { kind: 'authentik/oauth2-provider', key: 'vault' } }],
  authentikHost: 'auth.example.dev',
};

const organization = live('cloudflare/organization', 'account', {
  authDomain: 'example.cloudflareaccess.com',
});
const everything: readonly Observation[] = [
  known('cloudflare/organization', organization),
  known(
    'cloudflare/access-application',
    live('cloudflare/access-application', host, { aud }),
    live('cloudflare/access-application', `${host}/admin`, { aud: 'b'.repeat(64) }),
    live('cloudflare/access-application', 'wiki.example.dev/edit', { aud: 'c'.repeat(64) }),
  ),
  known('authentik/oauth2-provider', live('authentik/oauth2-provider', 'vault', { clientId: 'abc' })),
  known('authentik/application', live('authentik/application', 'vault', { slug: 'vault' })),
];

function known(kind: Kind, ...objects: readonly Observed[]): Observation {
  return { kind, state: 'known', objects };
}

function live(
  kind: Kind,
  key: string,
  attributes: Readonly<Record<string, string>>,
  more: Partial<Observed> = {},
): Observed {
  const raw = { client_secret: 'canary5f0c' };
  return {
    address: { kind, key },
    id: `id of ${key}`,
    owner: 'home',
    spec: {},
    attributes,
    uses: [],
    raw,
    ...more,
  };
}

/** The complete world, with another observation of one kind. */
function but(observation: Observation): readonly Observation[] {
  return everything.map((item) => (item.kind === observation.kind ? observation : item));
}

describe('the values that applications need', () => {
  it('from Access are team, issuer, keys, audience and header, for a path as for its host', () => {
    const { document, missing } = outputsOf(asked, everything);
    expect(missing).toEqual([]);
    const team = {
      teamDomain: 'example.cloudflareaccess.com',
      issuer: 'https://example.cloudflareaccess.com',
      certsUrl: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
      header: 'Cf-Access-Jwt-Assertion',
    };
    expect(document.services).toEqual({
      proxmox: { host, access: { ...team, aud }, paths: { '/admin/**': { ...team, aud: 'b'.repeat(64) } } },
      wiki: { host: 'wiki.example.dev', paths: { '/edit': { ...team, aud: 'c'.repeat(64) } } },
    });
  });

  it('from a client are its id and the addresses of Authentik at its public host', () => {
    expect(outputsOf(asked, everything).document.clients).toEqual({
      vault: {
        clientId: 'abc',
        issuer: 'https://auth.example.dev/application/o/vault/',
        discoveryUrl: 'https://auth.example.dev/application/o/vault/.well-known/openid-configuration',
        authorizationUrl: 'https://auth.example.dev/application/o/authorize/',
        tokenUrl: 'https://auth.example.dev/application/o/token/',
        userinfoUrl: 'https://auth.example.dev/application/o/userinfo/',
        jwksUrl: 'https://auth.example.dev/application/o/vault/jwks/',
        endSessionUrl: 'https://auth.example.dev/application/o/vault/end-session/',
      },
    });
  });

  it('follow their schema, which can reject', () => {
    const printed = JSON.parse(JSON.stringify(outputsOf(asked, everything).document));
    validate(printed);
    expect(validate.errors ?? []).toEqual([]);
    const empty = JSON.parse(JSON.stringify(outputsOf(asked, []).document));
    validate(empty);
    expect(validate.errors ?? []).toEqual([]);
    expect(
      validate({ ...printed, clients: { vault: { ...printed.clients.vault, clientSecret: 'x' } } }),
    ).toBe(false);
  });

  it('contain no replies, in which Authentik sends every secret', () => {
    expect(JSON.stringify(outputsOf(asked, everything))).not.toContain('canary5f0c');
  });
});

describe('a missing value', () => {
  const application = 'cloudflare/access-application';
  it.each([
    {
      because: 'there is no application yet',
      observations: but(known(application)),
      missing: [
        'services.proxmox: not applied yet: run `gates apply`',
        'services.proxmox.paths./admin/**: not applied yet: run `gates apply`',
        'services.wiki.paths./edit: not applied yet: run `gates apply`',
      ],
      aud: null,
    },
    {
      because: 'another owner has an application at the host, whose audience means other people',
      observations: but(
        known(
          application,
          live(application, host, { aud }, { owner: 'work' }),
          live(application, `${host}/admin`, { aud }),
          live(application, 'wiki.example.dev/edit', { aud }),
        ),
      ),
      missing: ['services.proxmox: not applied yet: run `gates apply`'],
      aud: null,
    },
    {
      because: 'a kind could not be read, which is not the same as not being there',
      observations: but({
        kind: application,
        state: 'unknown',
        error: new UnreachableError('Cloudflare does not answer', { hint: 'Try again' }),
      }),
      missing: [`${application} could not be read: Cloudflare does not answer. Try again`],
      aud: null,
    },
    {
      because: 'the account has no team',
      observations: but(known('cloudflare/organization')),
      missing: [
        'Zero Trust is not set up for this account: choose a team name in the dashboard, under Zero Trust',
      ],
      aud,
    },
  ])('is reported, because $because', ({ observations, missing, aud: told }) => {
    const outputs = outputsOf(asked, observations);
    expect(outputs.missing).toEqual(missing);
    expect(outputs.document.services.proxmox?.access?.aud).toBe(told);
  });

  it.each([
    { because: 'neither stands', gone: ['authentik/oauth2-provider', 'authentik/application'] as const },
    { because: 'the client has no application, and so no issuer', gone: ['authentik/application'] as const },
    { because: 'the application has no client', gone: ['authentik/oauth2-provider'] as const },
  ])('is reported once for a client, because $because', ({ gone }) => {
    const observations = gone.reduce<readonly Observation[]>(
      (all, kind) => all.map((item) => (item.kind === kind ? known(kind) : item)),
      everything,
    );
    expect(outputsOf(asked, observations).missing).toEqual([
      'clients.vault: not applied yet: run `gates apply`',
    ]);
  });

  it('is the address of Authentik if the file does not name its public host; the id is known', () => {
    const { document, missing } = outputsOf({ ...asked, authentikHost: undefined }, everything);
    expect(missing).toEqual([expect.stringContaining('`authentik.service`')]);
    expect(document.clients.vault).toMatchObject({ clientId: 'abc', issuer: null, tokenUrl: null });
  });

  it('is avoided for two applications of ours at one door: the oldest counts', () => {
    const twice = known(
      application,
      live(application, host, { aud: 'new' }, { createdAt: '2026-02-01T00:00:00Z' }),
      live(application, host, { aud: 'old' }, { createdAt: '2026-01-01T00:00:00Z' }),
    );
    expect(outputsOf(asked, but(twice)).document.services.proxmox?.access?.aud).toBe('old');
  });
});

describe('the kinds to read', () => {
  it.each([
    { because: 'nothing is asked for', asked: { ...asked, doors: [], clients: [] }, kinds: [] },
    {
      because: 'no client is asked for, Authentik is left alone',
      asked: { ...asked, clients: [] },
      kinds: ['cloudflare/organization', 'cloudflare/access-application'],
    },
    {
      because: 'only a client is asked for',
      asked: { ...asked, doors: [] },
      kinds: ['authentik/oauth2-provider', 'authentik/application'],
    },
  ])('are $kinds, because $because', ({ asked: only, kinds }) => {
    expect(outputKinds(only)).toEqual(kinds);
    expect(outputsOf(only, []).missing).toEqual([]);
  });
});
