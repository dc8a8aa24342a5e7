import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { compileFile } from '../desired/sample.ts';
import { policiesFor, type RulePolicy, serviceWith, top } from './rule-policies.ts';

/** `allow: a@example.net, domain example.org; require FR`, short for a policy. */
function short({ decision, include, require, exclude }: RulePolicy): string {
  const list = (rules: readonly AccessRule[]) =>
    rules.map((rule) => Object.values(Object.values(rule)[0] ?? {})[0] ?? Object.keys(rule)[0]).join(', ');
  const limits = [
    ...(require.length > 0 ? [`require ${list(require)}`] : []),
    ...(exclude.length > 0 ? [`exclude ${list(exclude)}`] : []),
  ];
  return [`${decision}: ${list(include)}`, ...limits].join('; ');
}

describe('the policies of a gate', () => {
  it.each([
    {
      gate: '{ people: [friends], emails: [me@example.dev] }',
      policies: { 'app.example.dev': 'allow: me@example.dev, ada@example.net, example.org' },
      because: 'a list of people counts like its entries',
    },
    {
      gate: '{ emails: [me@example.dev], require: { countries: [FR], authenticationMethod: mfa } }',
      policies: { 'app.example.dev': 'allow: me@example.dev; require FR, mfa' },
      because: 'every key of require must hold',
    },
    {
      gate: '{ emails: [me@example.dev], require: { networks: [home], countries: [FR] } }',
      policies: { 'app.example.dev': 'allow: 2001:db8:1::/48, 203.0.113.7; require me@example.dev, FR' },
      because: 'one address of a network is enough, and only `include` means that',
    },
    {
      gate: '{ domains: [example.net, example.org], require: { countries: [FR, BE, DE] } }',
      policies: {
        'app.example.dev': 'allow: BE, DE, FR; require example.net',
        'app.example.dev part 2': 'allow: BE, DE, FR; require example.org',
      },
      because: 'two lists of alternatives need a policy for each entry of the shorter one',
    },
    {
      gate: '{ everyone: { reason: all }, require: { devicePosture: [disk, firewall] } }',
      policies: {
        'app.example.dev':
          'allow: everyone; require cloudflare/posture-check:disk, cloudflare/posture-check:firewall',
      },
      because: 'a device must pass each check',
    },
    {
      gate: '{ emails: [me@example.dev], exclude: { emails: [you@example.dev], networks: [home] } }',
      policies: {
        'app.example.dev': 'allow: me@example.dev; exclude you@example.dev, 2001:db8:1::/48, 203.0.113.7',
      },
      because: 'any exclusion is enough',
    },
    {
      gate: '{ emails: [me@example.dev], tokens: [ci], require: { countries: [FR] }, exclude: { emails: [you@example.dev], networks: [home] } }',
      policies: {
        'app.example.dev':
          'allow: me@example.dev; require FR; exclude you@example.dev, 2001:db8:1::/48, 203.0.113.7',
        'app.example.dev tokens':
          'non_identity: cloudflare/service-token:ci; require FR; exclude 2001:db8:1::/48, 203.0.113.7',
      },
      because: 'a machine has no address that could be excluded, and comes from somewhere',
    },
    {
      gate: '{ anyOf: [{ emails: [me@example.dev] }, { tokens: [ci] }, { everyone: { reason: all }, require: { warp: true } }] }',
      policies: {
        'app.example.dev rule 1': 'allow: me@example.dev',
        'app.example.dev rule 2 tokens': 'non_identity: cloudflare/service-token:ci',
        'app.example.dev rule 3': 'allow: everyone; require cloudflare/posture-check:type:warp',
      },
      because: 'each rule has policies of its own',
    },
  ])('$because', ({ gate, policies }) => {
    const found = policiesFor(gate).map(([key, policy]) => [key, short(policy)]);
    expect(Object.fromEntries(found)).toEqual(policies);
  });

  it('come last with approval, so that nobody needs one whom another rule admits', () => {
    const gate =
      '{ anyOf: [{ emails: [me@example.dev], approval: { approvers: [Ben@example.dev, ada@example.dev], needed: 2 } }, { tokens: [ci] }, { people: [friends], justification: true, isolate: true }] }';
    expect(
      policiesFor(gate).map(([key, { approval, justification, isolate }]) => [
        key,
        { approval, justification, isolate },
      ]),
    ).toEqual([
      ['app.example.dev rule 2 tokens', {}],
      ['app.example.dev rule 3', { approval: [], justification: '', isolate: true }],
      [
        'app.example.dev rule 1',
        {
          approval: [{ needed: 2, emails: ['ada@example.dev', 'ben@example.dev'] }],
          justification: '',
          isolate: false,
        },
      ],
    ]);
  });

  it.each([
    { keys: 'tokens: [ci], approval: { approvers: [ada@example.dev] }', says: '`approval` asks people' },
    { keys: 'tokens: [ci], justification: true', says: '`justification` asks people' },
    { keys: 'tokens: [ci], isolate: true', says: '`isolate` asks people' },
    {
      keys: 'emails: [me@example.dev], approval: { approvers: [ada@example.dev], needed: 2 }',
      says: '2 people must approve, and only 1 may',
    },
    { keys: 'emails: [me@example.dev], approval: { approvers: [] }', says: 'approvers' },
    { keys: 'emails: [me@example.dev], justification: false', says: 'justification' },
    {
      keys: 'anyOf: [{ emails: [me@example.dev] }], isolate: true',
      says: '`isolate` stands beside `anyOf`',
    },
  ])('are refused for {$keys}', ({ keys, says }) => {
    const read = parseConfig(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
serviceTokens: { ci: {} }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services: { wiki: { host: wiki.example.dev, origin: app, gate: { cloudflare: { ${keys} } } } }
`);
    expect(JSON.stringify(read.ok || read.mistakes)).toContain(says);
  });

  it.each([
    { require: 'certificate: true', rule: { certificate: {} } },
    { require: 'commonNames: [laptop]', rule: { common_name: { common_name: 'laptop' } } },
    { require: 'authenticationMethod: mfa', rule: { auth_method: { auth_method: 'mfa' } } },
    { require: 'networks: [198.51.100.1]', rule: { ip: { ip: '198.51.100.1' } } },
    { require: 'countries: [FR]', rule: { geo: { country_code: 'FR' } } },
    { require: 'domains: [example.org]', rule: { email_domain: { domain: 'example.org' } } },
    {
      require: 'identityProviders: [GitHub]',
      rule: { login_method: { id: 'cloudflare/access-identity-provider:GitHub' } },
    },
    {
      require: 'gateway: true',
      rule: { device_posture: { integration_uid: 'cloudflare/posture-check:type:gateway' } },
    },
  ])('ask for what the file asks for: $require', ({ require, rule }) => {
    const [[, policy] = []] = policiesFor(`{ emails: [me@example.dev], require: { ${require} } }`);
    expect(policy?.require).toEqual([rule]);
  });

  it.each([
    {
      terms: 'identityProviders: [GitHub]',
      lookup: 'cloudflare/access-identity-provider:GitHub',
      says: 'no login method GitHub',
    },
    {
      terms: 'devicePosture: [disk]',
      lookup: 'cloudflare/posture-check:disk',
      says: 'no posture check disk',
    },
    {
      terms: 'warp: true',
      lookup: 'cloudflare/posture-check:type:warp',
      says: 'no posture check of this type',
    },
    {
      terms: 'gateway: true',
      lookup: 'cloudflare/posture-check:type:gateway',
      says: 'no posture check of this type',
    },
  ])('name only what the account has, which gates never makes: $terms', ({ terms, lookup, says }) => {
    for (const key of ['require', 'exclude']) {
      const gate = `{ everyone: { reason: all }, ${key}: { ${terms} } }`;
      const lookups = compileFile(serviceWith(gate), top).objects.filter(
        ({ address }) => `${address.kind}:${address.key}` === lookup,
      );
      expect(lookups).toMatchObject([
        { spec: {}, mustExist: expect.stringContaining(says), because: 'services.app' },
      ]);
    }
  });

  it('do not depend on the order of a list', () => {
    const [one, other] = [
      '{ emails: [a@x.dev, b@x.dev], require: { countries: [FR, BE] } }',
      '{ emails: [b@x.dev, a@x.dev], require: { countries: [BE, FR] } }',
    ].map(policiesFor);
    expect(one).toEqual(other);
  });

  it('are refused if they are too many for anybody to see who gets in', () => {
    const addresses = (count: number) => Array.from({ length: count }, (_, n) => `a${n}@x.dev`).join();
    const limits =
      'countries: [FR, BE, DE, ES, IT], networks: [home, 198.51.100.1, 198.51.100.2, 198.51.100.3]';
    const gate = `{ emails: [${addresses(9)}], require: { ${limits} } }`;
    const [refusal] = compileFile(serviceWith(gate), top).refusals;
    expect(refusal?.reason).toContain('needs 25 policies');
  });
});
