import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { compileFile } from '../desired/sample.ts';
import { policiesFor, type RulePolicy, serviceWith, top } from './rule-policies.ts';

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

function policyAdmits({ decision, include, require, exclude }: RulePolicy, visitor: Visitor): boolean {
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
