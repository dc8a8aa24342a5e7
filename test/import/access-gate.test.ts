import { describe, expect, it } from 'vitest';
import type { AccessApplicationSpec } from '../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { ruleKey } from '../../reconcilers/cloudflare/access/policy/rule.ts';
import type { Gate } from '../../schema/generated/config.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { Observation, Observed } from '../../src/core/objects/object.ts';
import { isReference } from '../../src/core/objects/reference.ts';
import { gateOfApplication } from '../../src/import/access/access-gate.ts';
import { ImportedTokens } from '../../src/import/access/tokens.ts';
import { expressed } from '../../src/import/terms/inexpressible.ts';
import { LiveObjects } from '../../src/import/terms/live-objects.ts';
import { compileFile } from '../desired/sample.ts';

const top = `people: { friends: { emails: [Ada@example.net], domains: [example.org] } }
networks: { home: ["203.0.113.7", "2001:db8:1::/48"] }`;

const scope = { owner: 'home', account: 'a', zones: ['example.dev'], tunnels: ['homelab'] };

/** The objects that a file asks for, as if somebody had made them without a mark. Ids are addresses. */
function liveOf(gate: string): LiveObjects {
  const { objects, refusals } = compileFile(
    `app: { host: app.example.dev, origin: app, gate: ${gate} }`,
    top,
  );
  expect(refusals).toEqual([]);
  const plain = JSON.parse(
    JSON.stringify(objects, (_key, value) => (isReference(value) ? value.$ref : value)),
  );
  return observedAs(
    plain.map(({ address, spec }: Observed) => {
      const id = addressId(address);
      return { address, id, owner: undefined, spec, attributes: { id }, uses: [] };
    }),
  );
}

function observedAs(objects: readonly Observed[]): LiveObjects {
  const kinds = [...new Set(objects.map(({ address }) => address.kind))];
  return new LiveObjects(
    scope,
    kinds.map((kind): Observation => {
      return { kind, state: 'known', objects: objects.filter(({ address }) => address.kind === kind) };
    }),
  );
}

/** The policies of the only application, in a form that is equal for equal rules. */
function policiesIn(live: LiveObjects): readonly unknown[] {
  const [application] = live.of('cloudflare/access-application');
  return (application?.spec.policies ?? []).map((id) => {
    const { decision, include, require, exclude, approval, justification, isolate } =
      live.withId('cloudflare/access-policy', id)?.spec ?? fail();
    return {
      decision,
      ...Object.fromEntries(
        Object.entries({ include, require, exclude }).map(([name, rules]) => [
          name,
          rules.map(ruleKey).sort(),
        ]),
      ),
      demands: { approval, justification, isolate },
    };
  });
}

/** The only application without the ids of its policies, and these policies. */
function settingsIn(live: LiveObjects): unknown {
  const [application] = live.of('cloudflare/access-application');
  const { policies: _ids, ...settings } = application?.spec ?? fail();
  return { settings, policies: policiesIn(live) };
}

function fail(): never {
  throw new Error('There is no such policy');
}

function importedGate(live: LiveObjects): Gate {
  const [application] = live.of('cloudflare/access-application');
  return gateOfApplication(application ?? fail(), live, new ImportedTokens(live));
}

describe('the gate that an Access application is', () => {
  it.each([
    '{ cloudflare: { emails: [me@example.dev] } }',
    '{ cloudflare: { emails: [me@example.dev], session: 90m } }',
    '{ cloudflare: { emails: [me@example.dev], session: immediate } }',
    '{ cloudflare: { emails: [me@example.dev], appearance: { launcher: false, logo: "https://example.dev/a.png", deniedMessage: No, tags: [media] } } }',
    '{ cloudflare: { emails: [me@example.dev], cookie: { sameSite: none }, cors: { origins: ["https://a.example.dev"], methods: [PUT], headers: [x-kind], credentials: true, maxAge: 1h } } }',
    '{ cloudflare: { domains: [example.dev, example.org] } }',
    '{ cloudflare: { people: [friends] } }',
    '{ cloudflare: { everyone: { reason: home } } }',
    '{ serviceToken: { tokens: [ci] } }',
    '{ cloudflare: { emails: [me@example.dev], tokens: [ci] } }',
    '{ cloudflare: { tokens: [ci], require: { networks: [home] } } }',
    '{ cloudflare: { emails: [me@example.dev], require: { countries: [FR] } } }',
    '{ cloudflare: { emails: [me@example.dev], require: { countries: [FR, BE] } } }',
    '{ cloudflare: { emails: [me@example.dev], exclude: { countries: [FR], emails: [you@example.dev] } } }',
    '{ cloudflare: { everyone: { reason: home }, require: { networks: [home] } } }',
    '{ cloudflare: { emails: [me@example.dev], require: { authenticationMethod: mfa } } }',
    '{ cloudflare: { emails: [me@example.dev], require: { identityProviders: [GitHub] } } }',
    '{ cloudflare: { emails: [me@example.dev], require: { devicePosture: [Disk, Screen], warp: true } } }',
    '{ cloudflare: { emails: [me@example.dev], require: { certificate: true, commonNames: [laptop] } } }',
    '{ cloudflare: { people: [friends], require: { countries: [FR, BE], networks: [home] } } }',
    '{ cloudflare: { emails: [me@example.dev], approval: { approvers: [ada@example.dev, ben@example.dev], needed: 2 } } }',
    '{ cloudflare: { emails: [me@example.dev], tokens: [ci], approval: { approvers: [ada@example.dev] }, justification: { prompt: Why? } } }',
    '{ cloudflare: { anyOf: [{ emails: [me@example.dev], approval: { approvers: [ada@example.dev] } }, { domains: [example.org], justification: true, isolate: true }] } }',
    '{ cloudflare: { anyOf: [{ emails: [me@example.dev] }, { people: [friends], require: { countries: [FR] } }, { tokens: [ci], exclude: { networks: [home] } }] } }',
  ])('has the same settings and policies as %s', (gate) => {
    const live = liveOf(gate);
    const imported = importedGate(live);
    expect(settingsIn(liveOf(JSON.stringify(imported)))).toEqual(settingsIn(live));
  });

  it.each([
    '{ cloudflare: { emails: [a@example.dev, b@example.dev], require: { countries: [BE, FR] } } }',
    '{ cloudflare: { emails: [a@example.dev], require: { countries: [BE, FR], networks: ["192.0.2.0/24", "203.0.113.7"] } } }',
    '{ cloudflare: { emails: [a@example.dev, b@example.dev], require: { countries: [BE, DE, FR], networks: ["192.0.2.0/24", "203.0.113.7"] } } }',
    '{ cloudflare: { domains: [example.dev, example.org], require: { countries: [BE, FR] }, exclude: { emails: [b@example.dev] } } }',
  ])('is one rule for the policies that gates makes of %s', (gate) => {
    const { cloudflare } = importedGate(liveOf(gate));
    expect(cloudflare).not.toHaveProperty('anyOf');
    expect(policiesIn(liveOf(JSON.stringify({ cloudflare })))).toEqual(policiesIn(liveOf(gate)));
  });

  it.each([
    '{ cloudflare: { anyOf: [{ emails: [a@example.dev] }, { emails: [b@example.dev] }] } }',
    '{ cloudflare: { anyOf: [{ emails: [a@example.dev], require: { countries: [BE] } }, { emails: [a@example.dev], require: { countries: [FR] } }] } }',
    '{ cloudflare: { anyOf: [{ everyone: { reason: home }, require: { devicePosture: [Disk] } }, { everyone: { reason: home }, require: { devicePosture: [Screen] } }] } }',
  ])('keeps rules apart for which gates makes fewer policies, or others, if they are joined: %s', (gate) => {
    expect(importedGate(liveOf(gate)).cloudflare?.anyOf).toHaveLength(2);
  });

  it('is the plain gate for plain policies', () => {
    expect(
      importedGate(
        liveOf('{ cloudflare: { emails: [b@example.dev, a@example.dev], tokens: [ci], session: 48h } }'),
      ),
    ).toEqual({
      cloudflare: { emails: ['a@example.dev', 'b@example.dev'], tokens: ['ci'], session: '48h' },
    });
  });
});

type Policy = Pick<AccessPolicySpec, 'decision' | 'include'> & Partial<AccessPolicySpec>;

/** An application with these policies, in order. */
function applicationWith(...policies: readonly Policy[]): LiveObjects {
  const base = { owner: undefined, uses: [] };
  const rows = policies.map((policy, place): Observed => {
    const spec = { require: [], exclude: [], ...policy };
    return {
      ...base,
      address: { kind: 'cloudflare/access-policy', key: `${place}` },
      id: `${place}`,
      spec,
      attributes: { id: `${place}` },
    };
  });
  const spec: AccessApplicationSpec = {
    ...{ name: 'App', destinations: ['app.example.dev'], policies: rows.map(({ id }) => id) },
    ...{ bypass: false, waysAround: [] },
  };
  const address = { kind: 'cloudflare/access-application', key: 'app.example.dev' } as const;
  return observedAs([...rows, { ...base, address, id: 'app', spec, attributes: { id: 'app' } }]);
}

const me = { email: { email: 'me@example.dev' } };
const everyone = { everyone: {} };
const inFrance = { geo: { country_code: 'FR' } };
const inBelgium = { geo: { country_code: 'BE' } };

describe('policies that a person made', () => {
  it.each<{ name: string; policies: readonly Policy[]; gate: Gate }>([
    {
      name: 'people beside everybody in a country are two rules',
      policies: [{ decision: 'allow', include: [me, inFrance] }],
      gate: {
        cloudflare: {
          anyOf: [
            { emails: ['me@example.dev'] },
            { everyone: { reason: 'imported: everybody who can log in' }, require: { countries: ['FR'] } },
          ],
        },
      },
    },
    {
      name: 'a denial at the end refuses nobody else',
      policies: [
        { decision: 'allow', include: [me] },
        { decision: 'deny', include: [everyone] },
      ],
      gate: { cloudflare: { emails: ['me@example.dev'] } },
    },
    {
      name: 'people whom a policy blocks are excluded from the rules behind it, and machines from none',
      policies: [
        { decision: 'allow', include: [{ email: { email: 'first@example.dev' } }] },
        { decision: 'deny', include: [me, inFrance] },
        { decision: 'allow', include: [{ email_domain: { domain: 'example.dev' } }], exclude: [inBelgium] },
      ],
      gate: {
        cloudflare: {
          anyOf: [
            { emails: ['first@example.dev'] },
            { domains: ['example.dev'], exclude: { countries: ['BE', 'FR'], emails: ['me@example.dev'] } },
          ],
        },
      },
    },
    {
      name: 'a bypass for everybody is public',
      policies: [{ decision: 'bypass', include: [everyone] }],
      gate: { public: { reason: 'imported: Access application "App" admits everybody' } },
    },
  ])('$name', ({ policies, gate }) => {
    expect(importedGate(applicationWith(...policies))).toEqual(gate);
  });

  it.each<{ reason: string; policies: readonly Policy[] }>([
    {
      reason: 'a Block policy with conditions stands before',
      policies: [
        { decision: 'deny', include: [me], require: [inFrance] },
        { decision: 'allow', include: [everyone] },
      ],
    },
    {
      reason: 'a condition of a policy is everybody',
      policies: [
        { decision: 'deny', include: [everyone] },
        { decision: 'allow', include: [me] },
      ],
    },
    { reason: 'a Bypass policy admits only some', policies: [{ decision: 'bypass', include: [inFrance] }] },
    {
      reason: 'two values of `countries` at once',
      policies: [{ decision: 'allow', include: [me], require: [inFrance, inBelgium] }],
    },
    {
      reason: 'a rule group of Access',
      policies: [{ decision: 'allow', include: [{ group: { id: 'g' } }] }],
    },
    {
      reason: '`github-organization`',
      policies: [{ decision: 'allow', include: [{ 'github-organization': { name: 'o' } }] }],
    },
    {
      reason: 'a service token that was not found',
      policies: [{ decision: 'non_identity', include: [{ service_token: { token_id: 't' } }] }],
    },
    {
      reason: 'machines without a service token',
      policies: [{ decision: 'non_identity', include: [inFrance] }],
    },
    { reason: 'no policy that admits anybody', policies: [] },
    {
      reason: 'a policy with approval stands before one without',
      policies: [
        { decision: 'allow', include: [me], approval: [{ needed: 1, emails: ['ada@example.dev'] }] },
        { decision: 'allow', include: [everyone] },
      ],
    },
    {
      reason: 'the approval of several groups, or of a list',
      policies: [
        { decision: 'allow', include: [me], approval: [{ needed: 1, emails: ['a@x.dev'], list: 'l' }] },
      ],
    },
  ])('cannot be expressed: $reason', ({ reason, policies }) => {
    expect(expressed(() => importedGate(applicationWith(...policies)))).toEqual({
      reason: expect.stringContaining(reason),
    });
  });
});
