import { describe, expect, it } from 'vitest';
import { type Outline, outline } from '../../schema/generated/validate.js';
import { checkRequestsAt } from '../../src/desired/gate-checks.ts';
import { gateRowNamed, normalizeGate } from '../../src/gates/index.ts';
import { configOf } from '../desired/sample.ts';

const gates = Object.entries(outline.$defs.gate?.properties ?? {});

/** The sections whose names a setting may contain, by the key of the setting. */
const sections: Readonly<Record<string, string>> = {
  groups: 'groups',
  client: 'clients',
  tokens: 'serviceTokens',
  actions: 'actions',
  people: 'people',
  networks: 'networks',
  certificateAuthorities: 'certificateAuthorities',
};

describe('the table of gates', () => {
  it.each(gates)('has a row for %s of the schema, with an example of it', (name) => {
    expect(gateRowNamed(name)?.example).toMatch(new RegExp(`^${name}: \\{`));
  });

  it('has no row for another name', () => {
    expect(gateRowNamed('oauth')).toBeUndefined();
    expect(gateRowNamed('constructor')).toBeUndefined();
  });

  it.each(gates)('resolves every name that %s uses from another section', (name, shape) => {
    const named = namesBelow(shape, []).map(({ section, keys }) => `${section} at ${keys.join('.')}`);
    const resolved = gateRowNamed(name)?.references ?? [];
    expect(resolved.map(({ section, keys }) => `${section} at ${keys.join('.')}`).sort()).toEqual(
      named.sort(),
    );
  });
});

/** The settings that contain names of another section, with the keys that lead to each. */
function namesBelow(
  shape: Outline,
  keys: readonly string[],
): readonly { section: string; keys: readonly string[] }[] {
  const target = shape.$ref === undefined ? shape : outline.$defs[shape.$ref.replace('#/$defs/', '')];
  const section = sections[keys.at(-1) ?? ''];
  if (section !== undefined) return [{ section, keys }];
  const inner = target?.items === undefined ? [] : namesBelow(target.items, [...keys, '*']);
  const properties = Object.entries(target?.properties ?? {});
  return [...inner, ...properties.flatMap(([key, value]) => namesBelow(value, [...keys, key]))];
}

describe('a normal form', () => {
  it('admits nobody for a gate that names no mechanism', () => {
    expect(normalizeGate({})).toMatchObject({ enforcedBy: 'access', tokens: [], visitors: 'machines' });
  });

  it('has the name of the mode', () => {
    expect(normalizeGate({ authentik: { mode: 'proxy' } }).name).toBe('authentik (proxy)');
    expect(normalizeGate({ cloudflare: {} }).name).toBe('cloudflare');
  });

  it.each([
    { gate: { public: { reason: 'open' } }, enforcedBy: 'nobody' },
    { gate: { identityProvider: {} }, enforcedBy: 'nobody' },
    { gate: { cloudflare: {} }, enforcedBy: 'access' },
    { gate: { serviceToken: { tokens: ['ci'] } }, enforcedBy: 'access' },
    { gate: { webhook: { actions: [], secret: { env: 'S' }, tokens: ['ci'] } }, enforcedBy: 'access' },
    { gate: { webhook: { actions: [], secret: { env: 'S' } } }, enforcedBy: 'daemon' },
    { gate: { authentik: {} }, enforcedBy: 'origin' },
    { gate: { authentik: { mode: 'domain' as const } }, enforcedBy: 'origin' },
    { gate: { authentik: { mode: 'proxy' as const } }, enforcedBy: 'outpost' },
    { gate: { authentik: { mode: 'oidc' as const, client: 'vault' } }, enforcedBy: 'application' },
    { gate: { authentik: { mode: 'saml' as const, client: 'gitlab' } }, enforcedBy: 'application' },
    { gate: { authentik: { mode: 'ldap' as const, client: 'films' } }, enforcedBy: 'application' },
  ])('of $gate is enforced by $enforcedBy', ({ gate, enforcedBy }) => {
    expect(normalizeGate(gate).enforcedBy).toBe(enforcedBy);
  });

  it.each([
    { at: 'edge' as const, enforcedBy: 'shield' },
    { at: 'origin' as const, enforcedBy: 'origin' },
  ])('of a jwt at the $at is enforced by $enforcedBy', ({ at, enforcedBy }) => {
    const jwt = { at, keys: { client: 'api' }, audience: 'api', operations: ['GET /'] };
    expect(normalizeGate({ jwt })).toMatchObject({ enforcedBy, keys: { client: 'api' } });
  });
});

describe('a webhook with service tokens', () => {
  it('is checked through Access, which asks before the daemon does', () => {
    const gate = '{ webhook: { actions: [reconcile], secret: { env: SECRET }, tokens: [ci] } }';
    const service = configOf(`a: { host: a.example.dev, origin: app, gate: ${gate} }`).services.get('a');
    expect(service && checkRequestsAt(service)).toEqual([{ path: '/' }]);
  });
});
