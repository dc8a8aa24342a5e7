import { describe, expect, it } from 'vitest';
import type { TokenConfigurationSpec } from '../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { absentKeySet, type KeySetSpec } from '../../reconcilers/shared/key-set.ts';
import type { SigningKey } from '../../reconcilers/shared/signing-key.ts';
import { readKeySet } from '../../reconcilers/shared/signing-key.ts';
import type { Observation } from '../../src/core/objects/object.ts';
import { compile } from '../../src/desired/compile.ts';
import { withKeys } from '../../src/desired/live/keys.ts';
import { curveKey, rsaKey } from '../reconcilers/cloudflare/api-shield.ts';
import { configOf } from './sample.ts';

const host = 'api.example.dev';
const url = 'https://keys.example/jwks';
const service = `api:
  host: ${host}
  origin: app
  gate: { jwt: { keys: { url: "${url}" }, audience: api, operations: ["GET /v1"] } }
`;
const now = new Date('2026-11-25T12:00:00.250Z');
/** The time a day and a minute after `now`. */
const end = '2026-11-26T12:01:00Z';

const known = (
  kind: Observation['kind'],
  key: string,
  owner: string | undefined,
  spec: object,
): Observation => ({
  kind,
  state: 'known',
  objects: [{ address: { kind, key }, id: key, owner, spec, attributes: {}, uses: [] }],
});

/** The desired keys of the configuration, for a key set and a live configuration. */
function desiredKeys(set: Partial<KeySetSpec>, have?: Partial<TokenConfigurationSpec>, owner = 'home') {
  const observations = [
    known('edge/key-set', url, undefined, { keys: [], left: [], ...set }),
    ...(have === undefined
      ? []
      : [known('cloudflare/token-configuration', host, owner, { keySet: url, leaving: {}, ...have })]),
  ];
  const config = configOf(service);
  const { objects, warnings } = withKeys(compile(config).objects, { config, observations, now });
  const found = objects.find(({ address }) => address.kind === 'cloudflare/token-configuration');
  const { keys, leaving } = (found?.spec ?? {}) as Partial<TokenConfigurationSpec>;
  return { keys: keys?.map(({ kid }) => kid), leaving, warnings };
}

describe('the keys of a token configuration', () => {
  it.each([
    ['the first are taken as they are', { keys: [rsaKey] }, undefined, ['2011-04-29'], {}],
    ['equal ones stay', { keys: [rsaKey] }, { keys: [rsaKey] }, ['2011-04-29'], {}],
    [
      'a new one comes beside the one before, whose tokens are still about',
      { keys: [curveKey] },
      { keys: [rsaKey] },
      ['1', '2011-04-29'],
      { '2011-04-29': end },
    ],
    [
      'an end that is written down stays as it is',
      { keys: [curveKey] },
      { keys: [curveKey, rsaKey], leaving: { '2011-04-29': '2026-11-25T13:00:00Z' } },
      ['1', '2011-04-29'],
      { '2011-04-29': '2026-11-25T13:00:00Z' },
    ],
    [
      'after its end it goes',
      { keys: [curveKey] },
      { keys: [curveKey, rsaKey], leaving: { '2011-04-29': '2026-11-25T12:00:00Z' } },
      ['1'],
      {},
    ],
    [
      'one that comes back is not leaving any more',
      { keys: [curveKey, rsaKey] },
      { keys: [curveKey, rsaKey], leaving: { '2011-04-29': end } },
      ['1', '2011-04-29'],
      {},
    ],
    [
      'those of another issuer go at once',
      { keys: [curveKey] },
      { keys: [rsaKey], keySet: 'https://other.example/jwks' },
      ['1'],
      {},
    ],
  ] as const)('%s', (_, set, have, keys, leaving) => {
    expect(desiredKeys(set, have)).toEqual({ keys, leaving, warnings: [] });
  });

  it.each([
    ['cannot be read', { problem: 'it does not answer' }],
    ['is empty', { problem: 'it has no key that API Shield takes' }],
    ['is gone', { problem: absentKeySet }],
  ])('stay unchanged when the set %s, with a warning', (_, set) => {
    const { keys, leaving, warnings } = desiredKeys(set, { keys: [rsaKey] });
    expect({ keys, leaving }).toEqual({});
    expect(warnings).toEqual([`keys of ${url}: ${set.problem}; the keys that stand stay`]);
  });

  it('are not required while the client that signs has yet to be created', () => {
    expect(desiredKeys({ problem: absentKeySet }).warnings).toEqual([]);
  });

  it('of a foreign configuration are not adopted', () => {
    expect(desiredKeys({ keys: [curveKey] }, { keys: [rsaKey] }, 'lab').keys).toEqual(['1']);
  });

  it('are at most 16: those whose tokens last longest', () => {
    const many = (count: number, name: string) =>
      Array.from({ length: count }, (_, n): SigningKey => ({ ...curveKey, kid: `${name}${n}` }));
    const leaving = Object.fromEntries(many(10, 'old').map(({ kid }, n) => [kid, `2026-11-26T0${n}:00:00Z`]));
    const { keys } = desiredKeys({ keys: many(14, 'new') }, { keys: many(10, 'old'), leaving });
    expect(keys?.slice(14)).toEqual(['old9', 'old8']);
  });
});

describe('a key of a JWKS document', () => {
  it.each([
    [
      { kty: 'oct', kid: 'a', alg: 'HS256', k: 'x' },
      'a: API Shield takes RSA and EC keys, not shared secrets',
    ],
    [{ ...rsaKey, use: 'enc' }, '2011-04-29: it encrypts and signs nothing'],
    [{ ...rsaKey, kid: undefined }, 'a key without a name: a token could not say that it is meant'],
    [
      { ...rsaKey, n: rsaKey.n?.slice(0, 171) },
      '2011-04-29: API Shield takes RSA keys from 2048 bits on, with RS or PS algorithms',
    ],
    [
      { ...curveKey, crv: 'P-521', alg: 'ES512' },
      '1: API Shield takes the curves P-256 (ES256) and P-384 (ES384)',
    ],
    [{ kty: 'OKP', kid: 'ed', crv: 'Ed25519', x: 'x' }, 'ed: API Shield takes RSA and EC keys, not OKP'],
  ])('is skipped: %j', (key, reason) => {
    expect(readKeySet({ keys: [key] })).toEqual({ keys: [], left: [reason] });
  });

  it('loses members that Cloudflare strips, and has RS256 as its default algorithm', () => {
    const { alg: _, ...plain } = rsaKey;
    const document = { keys: [{ ...plain, use: 'sig', x5c: ['…'], 'x5t#S256': '…' }] };
    expect(readKeySet(document)).toEqual({ keys: [rsaKey], left: [] });
  });

  it.each([{}, { keys: null }, null, 'keys', []])('does not exist in %j', (document) => {
    expect(readKeySet(document)).toEqual({ keys: [], left: [] });
  });
});
