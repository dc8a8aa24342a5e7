import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../../reconcilers/cloudflare/access/access-policy.ts';
import type { PolicyDemands } from '../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import { admittedTexts } from '../../src/config/model/file-door.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { isReference } from '../../src/core/objects/reference.ts';
import { fileDoors } from '../../src/gates/file-doors.ts';
import { gateRow } from '../../src/gates/index.ts';
import { compileFile, configOf } from '../desired/sample.ts';

const top = `people: { friends: { emails: [Ada@example.net], domains: [example.org] } }
networks: { home: ["203.0.113.7", "2001:db8:1::/48"] }`;

const serviceWith = (gate: string) =>
  `app: { host: app.example.dev, origin: app, gate: { cloudflare: ${gate} } }`;

interface Policy extends PolicyDemands {
  readonly decision: string;
  readonly include: readonly AccessRule[];
  readonly require: readonly AccessRule[];
  readonly exclude: readonly AccessRule[];
}

/** The policies of the only application, by precedence, with each reference as the address to which it leads. */
function policiesFor(gate: string): readonly (readonly [key: string, policy: Policy])[] {
  const { objects, refusals } = compileFile(serviceWith(gate), top);
  expect(refusals).toEqual([]);
  const plain = JSON.parse(
    JSON.stringify(objects, (_key, value) => (isReference(value) ? value.$ref : value)),
  );
  const application = plain.find(({ address }: (typeof objects)[number]) =>
    address.kind.endsWith('application'),
  );
  return application.spec.policies.map((id: string) => {
    const found = plain.find(
      ({ address }: (typeof objects)[number]) => `${address.kind}:${address.key}` === id,
    );
    return [found.address.key, found.spec];
  });
}

/** `allow: a@example.net, domain example.org; require FR`, short for a policy. */
function short({ decision, include, require, exclude }: Policy): string {
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

describe('a rule in words', () => {
  it.each([
    { gate: '{ people: [friends] }', said: ['1 person', 'everyone with an address at example.org'] },
    {
      gate: '{ emails: [me@example.dev], tokens: [ci], require: { networks: [home, 198.51.100.0/24], countries: [FR] }, exclude: { emails: [you@example.dev] } }',
      said: [
        '1 person, only from 198.51.100.0/24 or home and from FR, except 1 person',
        'service token ci, only from 198.51.100.0/24 or home and from FR',
      ],
    },
    {
      gate: '{ everyone: { reason: all }, require: { devicePosture: [disk], warp: true, gateway: true, authenticationMethod: mfa, identityProviders: [GitHub], domains: [example.org] } }',
      said: [
        'everyone who can log in, only with an address at example.org and logged in by GitHub and logged in with mfa and with a device that passes disk and with WARP and through Gateway',
      ],
    },
    {
      gate: '{ people: [friends], tokens: [ci], approval: { approvers: [ada@example.dev, ben@example.dev] } }',
      said: [
        '1 person, only with the approval of 1 of 2 people',
        'everyone with an address at example.org, only with the approval of 1 of 2 people',
        'service token ci',
      ],
    },
    {
      gate: '{ emails: [me@example.dev], require: { countries: [FR] }, approval: { approvers: [ada@example.dev] } }',
      said: ['1 person, only from FR and with the approval of 1 person'],
    },
  ])('says $said', ({ gate, said }) => {
    const [door] = fileDoors(configOf(serviceWith(gate), top));
    expect(admittedTexts(door?.admits ?? [], { addresses: false })).toEqual(said);
  });
});

describe('a rehearsal', () => {
  it.each([
    {
      gate: '{ emails: [me@example.dev], tokens: [ci] }',
      guard: { emails: ['me@example.dev'], groups: [], tokens: ['ci'] },
    },
    {
      gate: '{ people: [friends], tokens: [ci], require: { networks: [home], countries: [FR] }, exclude: { emails: [you@example.dev] } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ emails: ['ada@example.net'], domains: ['example.org'] }],
            require: [{ networks: ['2001:db8:1::/48', '203.0.113.7'] }, { countries: ['FR'] }],
            exclude: [{ emails: ['you@example.dev'] }],
          },
          {
            login: false,
            include: [{ tokens: ['ci'] }],
            require: [{ networks: ['2001:db8:1::/48', '203.0.113.7'] }, { countries: ['FR'] }],
            exclude: [],
          },
        ],
      },
    },
    {
      gate: '{ everyone: { reason: all }, tokens: [ci], approval: { approvers: [ada@example.dev] } }',
      guard: {
        emails: [],
        rules: [
          { include: [{ everyone: true }], require: [{ approved: true }], exclude: [] },
          { login: false, include: [{ tokens: ['ci'] }], require: [], exclude: [] },
        ],
      },
    },
    {
      gate: '{ everyone: { reason: all }, require: { warp: true, gateway: true, certificate: true, commonNames: [laptop] } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ everyone: true }],
            require: [{ warp: true }, { gateway: true }, { certificate: true }, { commonNames: ['laptop'] }],
            exclude: [],
          },
        ],
      },
    },
    {
      gate: '{ emails: [me@example.dev], exclude: { warp: true, networks: [198.51.100.1] } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ emails: ['me@example.dev'] }],
            require: [],
            exclude: [{ networks: ['198.51.100.1'], warp: true }],
          },
        ],
      },
    },
    {
      gate: '{ domains: [example.org] }',
      guard: { emails: [], rules: [{ include: [{ domains: ['example.org'] }], require: [], exclude: [] }] },
    },
    {
      gate: '{ anyOf: [{ emails: [me@example.dev] }, { tokens: [ci] }] }',
      guard: {
        emails: [],
        rules: [
          { include: [{ emails: ['me@example.dev'] }], require: [], exclude: [] },
          { login: false, include: [{ tokens: ['ci'] }], require: [], exclude: [] },
        ],
      },
    },
    {
      gate: '{ anyOf: [{ tokens: [ci] }, { tokens: [backup] }] }',
      guard: {
        rules: [
          { login: false, include: [{ tokens: ['ci'] }], require: [], exclude: [] },
          { login: false, include: [{ tokens: ['backup'] }], require: [], exclude: [] },
        ],
      },
    },
    { gate: '{ everyone: { reason: all }, tokens: [ci] }', guard: { people: true, tokens: ['ci'] } },
    {
      gate: '{ emails: [me@example.dev], justification: true, isolate: true }',
      guard: { emails: ['me@example.dev'], groups: [] },
    },
  ])('expects $guard', ({ gate, guard }) => {
    const config = configOf(serviceWith(gate), top);
    const { gate: normal } = [...config.services.values()][0] ?? {};
    expect(normal && gateRow(normal).guard(normal as never, 'app.example.dev', config)).toEqual(guard);
  });
});

/** A visitor as a flat set: `email a@x.dev`, `geo FR`; a machine has a token and no address. */
type Visitor = ReadonlySet<string>;

const emails = ['a@x.dev', 'b@x.dev', 'c@y.dev'];
const countries = ['FR', 'BE', 'DE'];
const ranges = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
const checks = ['disk', 'firewall'];
const tokens = ['ci', 'backup'];

const some = (values: readonly string[]) => fc.subarray([...values], { minLength: 1 });
const conditions = fc.record(
  {
    emails: some(emails),
    countries: some(countries),
    networks: some(ranges),
    devicePosture: some(checks),
    authenticationMethod: fc.constant('mfa'),
  },
  { requiredKeys: [] },
);
const notEmpty = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
  arbitrary.filter((value) => Object.keys(value).length > 0);
const people = fc.record(
  {
    emails: some(emails),
    domains: some(['x.dev', 'y.dev']),
    require: notEmpty(conditions),
    exclude: notEmpty(conditions),
  },
  { requiredKeys: ['emails'] },
);
const machines = fc.record(
  {
    tokens: some(tokens),
    require: notEmpty(
      fc.record({ countries: some(countries), networks: some(ranges) }, { requiredKeys: [] }),
    ),
    exclude: notEmpty(conditions),
  },
  { requiredKeys: ['tokens'] },
);
type FileRule = Readonly<Record<string, unknown>>;
const gates: fc.Arbitrary<{ readonly anyOf: readonly FileRule[] }> = fc.record({
  anyOf: fc.array(fc.oneof(people, machines) as fc.Arbitrary<FileRule>, { minLength: 1, maxLength: 3 }),
});
const visitors: fc.Arbitrary<Visitor> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...emails).map((email) => [`email ${email}`, `domain ${email.split('@')[1]}`]),
      fc.constantFrom(...tokens).map((token) => [`token ${token}`]),
    ),
    fc.constantFrom(...countries),
    fc.constantFrom(...ranges),
    fc.subarray(checks),
    fc.boolean(),
  )
  .map(([who, country, range, passed, mfa]) => {
    const isPerson = who.length > 1;
    const login = isPerson
      ? [...passed.map((check) => `check ${check}`), ...(mfa ? ['method mfa'] : [])]
      : [];
    return new Set([...who, `country ${country}`, `network ${range}`, ...login]);
  });

/** The words of {@link Visitor} for a key of the file. */
const words: Readonly<Record<string, string>> = {
  emails: 'email',
  domains: 'domain',
  countries: 'country',
  networks: 'network',
  devicePosture: 'check',
  authenticationMethod: 'method',
};

function meets(visitor: Visitor, key: string, value: unknown): boolean {
  const each = [value].flat().map((one) => visitor.has(`${words[key]} ${one}`));
  return key === 'devicePosture' ? each.every(Boolean) : each.some(Boolean);
}

/** The rule as the documentation of the keys has it. */
function ruleAdmits(
  { tokens: named, require = {}, exclude = {}, ...who }: FileRule,
  visitor: Visitor,
): boolean {
  const admitted = [
    ...((named ?? []) as string[]).map((token) => visitor.has(`token ${token}`)),
    ...Object.entries(who).map(([key, value]) => meets(visitor, key, value)),
  ];
  const excluded = Object.entries(exclude as FileRule).some(([key, value]) =>
    [value].flat().some((one) => meets(visitor, key, [one])),
  );
  const required = Object.entries(require as FileRule).every(([key, value]) => meets(visitor, key, value));
  return admitted.some(Boolean) && required && !excluded;
}

/** The words of {@link Visitor} for a selector of Access. */
function selectorHolds(visitor: Visitor, rule: AccessRule): boolean {
  const [[name = '', fields = {}] = []] = Object.entries(rule);
  const value = String(Object.values(fields)[0]).replace(/^cloudflare\/[a-z-]+:/, '');
  const word = {
    email: 'email',
    email_domain: 'domain',
    geo: 'country',
    ip: 'network',
    device_posture: 'check',
    auth_method: 'method',
    service_token: 'token',
  }[name];
  return visitor.has(`${word} ${value}`);
}

function policyAdmits({ decision, include, require, exclude }: Policy, visitor: Visitor): boolean {
  const isMachine = ![...visitor].some((word) => word.startsWith('email'));
  return (
    (decision === 'non_identity') === isMachine &&
    include.some((rule) => selectorHolds(visitor, rule)) &&
    require.every((rule) => selectorHolds(visitor, rule)) &&
    !exclude.some((rule) => selectorHolds(visitor, rule))
  );
}

describe('the policies of any gate', () => {
  it('admit exactly the visitors whom its rules admit', () => {
    let admitted = 0;
    fc.assert(
      fc.property(gates, fc.array(visitors, { minLength: 10, maxLength: 20 }), (gate, asking) => {
        const text = JSON.stringify(gate);
        fc.pre(compileFile(serviceWith(text), top).refusals.length === 0);
        const policies = policiesFor(text);
        for (const visitor of asking) {
          const byRules = gate.anyOf.some((rule) => ruleAdmits(rule, visitor));
          admitted += byRules ? 1 : 0;
          expect(policies.some(([, policy]) => policyAdmits(policy, visitor))).toBe(byRules);
        }
      }),
      { numRuns: 150 },
    );
    expect(admitted).toBeGreaterThan(50);
  });
});
