import { describe, expect, it } from 'vitest';
import { admittedTexts } from '../../src/config/model/file-door.ts';
import { doorsIn } from './doors-in.ts';

const HEAD = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access:
    identityProvider: authentik
    breakGlass: { emails: [ada@example.dev, lin@example.dev], reason: Authentik may be down }
authentik:
  url: http://authentik.lan:9000
  service: auth
  ldapOutpost: directory
  domains: { example.dev: { groups: [family] } }
origins:
  traefik: { tunnel: homelab, url: http://traefik.lan:80, forwardAuth: true }
  apps: { tunnel: homelab, url: http://apps.lan:80, router: true }
groups: { admins: {}, family: {} }
clients:
  vault: { redirectUris: ["https://app.example.dev/signed-in"], groups: [family] }
  gitlab: { saml: { acsUrl: "https://app.example.dev/acs" }, groups: [family] }
  films: { ldap: { baseDn: "dc=films" }, groups: [family] }
  notes: { redirectUris: ["https://app.example.dev/notes"], users: [ada], flow: mfa, policies: [office] }
  wiki: { redirectUris: ["https://app.example.dev/wiki"], everyone: { reason: guests } }
serviceTokens: { ci: {}, backup: {} }
actions: { deploy: { run: [/usr/local/bin/deploy] } }
services:
  auth: { host: auth.example.dev, origin: apps, gate: { identityProvider: {} } }
`;

function doorOf(gate: string, origin = 'apps') {
  const doors = doorsIn(`${HEAD}  app: { host: app.example.dev, origin: ${origin}, gate: { ${gate} } }\n`);
  const door = doors.find(({ host }) => host === 'app.example.dev');
  if (door === undefined) throw new Error('the file has this door');
  const said = (addresses: boolean) => admittedTexts(door.admits, { addresses });
  return { ...door, counted: said(false), named: said(true) };
}

describe('a door of the page', () => {
  const emergency = '2 people in an emergency';

  it.each([
    { gate: 'public: { reason: documentation }', name: 'None', who: ['everyone'], isOpen: true },
    {
      gate: 'cloudflare: { emails: [me@example.dev, you@example.dev, us@example.dev], groups: [admins] }',
      name: 'Cloudflare Access',
      who: ['3 people', 'group admins', emergency],
    },
    {
      gate: 'cloudflare: { everyone: { reason: all of us } }',
      name: 'Cloudflare Access',
      who: ['everyone who can log in', emergency],
    },
    {
      gate: 'serviceToken: { tokens: [ci, backup] }',
      name: 'Cloudflare Access',
      who: ['service tokens ci, backup'],
    },
    {
      gate: 'authentik: { mode: proxy, groups: [admins], users: [ada], flow: mfa }',
      name: 'Authentik',
      who: ['group admins, only those who pass the flow mfa', 'user ada, only those who pass the flow mfa'],
    },
    {
      gate: 'authentik: { mode: proxy, groups: [admins], policies: [office, trusted] }',
      name: 'Authentik',
      who: ['group admins, only those who pass the policy office and those who pass the policy trusted'],
    },
    {
      gate: 'authentik: { mode: oidc, client: vault, groups: [admins] }',
      name: 'Authentik',
      who: ['groups admins, family'],
    },
    { gate: 'authentik: { mode: saml, client: gitlab }', name: 'Authentik', who: ['group family'] },
    { gate: 'authentik: { mode: ldap, client: films }', name: 'Authentik', who: ['group family'] },
    { gate: 'authentik: { mode: domain }', origin: 'traefik', name: 'Authentik', who: ['group family'] },
    {
      gate: 'webhook: { actions: [deploy], secret: { env: HOOK }, tokens: [ci] }',
      name: 'Webhook',
      who: ['callers who sign with the secret, for deploy', 'service token ci'],
    },
    {
      gate: 'jwt: { at: origin, keys: { client: vault }, audience: vault, operations: ["GET /**"], from: [{ header: authorization }] }',
      origin: 'traefik',
      name: 'JWT',
      who: ['callers with a token for vault'],
    },
  ])('says who gets in through $gate', ({ gate, origin, name, who, isOpen = false }) => {
    const door = doorOf(gate, origin);
    expect([door.gate.name, door.counted, door.isOpen]).toEqual([name, who, isOpen]);
  });

  it.each([
    { gate: 'groups: [admins]', how: 'asked by the origin' },
    { gate: 'mode: domain', how: 'one login for the domain' },
    { gate: 'mode: proxy, groups: [admins]', how: 'through its outpost' },
    { gate: 'mode: oidc, client: vault', how: 'asked by the application' },
    { gate: 'mode: saml, client: gitlab', how: 'asked by the application' },
    { gate: 'mode: ldap, client: films', how: 'asked by the application' },
  ])('of Authentik says who asks: $gate', ({ gate, how }) => {
    expect(doorOf(`authentik: { ${gate} }`, 'traefik').gate).toEqual({ name: 'Authentik', how });
  });

  it.each([
    { gate: 'identityProvider: {}', name: 'None', how: 'login page', isOpen: true, who: ['everyone'] },
    {
      gate: 'cloudflare: { emails: [me@example.dev] }',
      name: 'Cloudflare Access',
      how: 'login',
      isOpen: false,
      who: ['1 person', emergency],
    },
    {
      gate: 'cloudflare: { anyOf: [{ emails: [me@example.dev] }, { tokens: [ci] }] }',
      name: 'Cloudflare Access',
      how: 'login',
      isOpen: false,
      who: ['1 person', 'service token ci', emergency],
    },
    {
      gate: 'jwt: { keys: { url: "https://keys.example.net/jwks" }, audience: vault, operations: ["GET /a"] }',
      name: 'JWT',
      how: 'checked at the edge',
      isOpen: false,
      who: ['callers with a token for vault'],
    },
    {
      gate: 'jwt: { keys: { url: "https://keys.example.net/jwks" }, audience: vault, operations: ["GET /a"], action: log, reason: trial }',
      name: 'JWT',
      how: 'only logged at the edge',
      isOpen: true,
      who: ['everyone: bad tokens are only logged'],
    },
  ])('says how the gate works: $gate', ({ gate, name, how, isOpen, who }) => {
    const door = doorOf(gate);
    expect([door.gate, door.isOpen, door.counted]).toEqual([{ name, how }, isOpen, who]);
  });

  it('names everyone whom the client admits, and its flow and policies', () => {
    expect(doorOf('authentik: { mode: oidc, client: notes }').counted).toEqual([
      'user ada, only those who pass the flow mfa and those who pass the policy office',
    ]);
    const open = doorOf('authentik: { mode: oidc, client: wiki }');
    expect([open.counted, open.reason]).toEqual([['everyone who can log in'], 'guests']);
  });

  it('contains addresses only on request', () => {
    const door = doorOf('cloudflare: { emails: [me@example.dev] }');
    expect(door.counted).toEqual(['1 person', emergency]);
    expect(door.named).toEqual(['me@example.dev', 'ada@example.dev, lin@example.dev in an emergency']);
  });

  it('contains the reason why everyone gets in', () => {
    expect(doorOf('public: { reason: documentation }').reason).toBe('documentation');
    expect(doorOf('cloudflare: { everyone: { reason: all of us } }').reason).toBe('all of us');
  });

  it('may be a path, after its host', () => {
    const doors = doorsIn(`${HEAD}  app:
    host: app.example.dev
    origin: apps
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths: { /health: { public: { reason: uptime probe } } }
`);
    expect(
      doors.filter(({ service }) => service === 'app').map(({ path, isOpen }) => [path, isOpen]),
    ).toEqual([
      [undefined, false],
      ['/health', true],
    ]);
  });
});
