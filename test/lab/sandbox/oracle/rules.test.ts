import { describe, expect, it } from 'vitest';
import { login } from '../../../../src/lab/sandbox/edge/team/login.ts';
import { viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { AdmitRule, AdmitTerm } from '../../../../src/lab/sandbox/state/guard.ts';
import type { JsonObject, World } from '../../../../src/lab/sandbox/state/world.ts';
import { HOST, ruleWorld } from '../edge/access/rule-rows.ts';

const everyone: JsonObject[] = [{ everyone: {} }];
const EVERYONE: AdmitTerm[] = [{ everyone: true }];

interface Row {
  /** A rule of a policy. */
  live: JsonObject;
  /** The same in words of the intent, and others that do not mean the same. */
  term: AdmitTerm;
  others: AdmitTerm[];
  /** A visitor of the exposures if the rule is missing from a policy that has to have it. */
  caught: string;
  decision?: 'allow' | 'bypass' | 'non_identity';
}

const rows: Row[] = [
  {
    live: { email: { email: 'me@example.dev' } },
    term: { emails: ['ME@example.dev'] },
    others: [{ emails: ['you@example.dev'] }, { domains: ['example.net'] }],
    caught: 'stranger@example.net',
  },
  {
    live: { email_domain: { domain: 'example.dev' } },
    term: { domains: ['example.dev'] },
    others: [{ domains: ['sub.example.dev'] }, { emails: ['me@example.dev'] }],
    caught: 'stranger@example.net',
  },
  {
    live: { ip: { ip: '198.51.100.0/25' } },
    term: { networks: ['198.51.100.0/26', '198.51.100.64/26'] },
    others: [
      { networks: ['198.51.100.0/26'] },
      { networks: ['198.51.100.0/32'] },
      { networks: ['2001:db8::/32'] },
    ],
    caught: 'stranger@example.net',
  },
  {
    live: { ip: { ip: '2001:db8::/32' } },
    term: { networks: ['2001:db8::/33', '2001:db8:8000::/33'] },
    others: [{ networks: ['2001:db8::/33'] }],
    caught: 'anonymous',
    decision: 'bypass',
  },
  {
    live: { geo: { country_code: 'DE' } },
    term: { countries: ['de'] },
    others: [{ countries: ['FR', 'AT'] }],
    caught: 'stranger@example.net',
  },
  {
    live: { device_posture: { integration_uid: 'disk' } },
    term: { postures: ['Disk encryption'] },
    others: [{ warp: true, gateway: true }, { postures: ['In WARP'] }],
    caught: 'stranger@example.net',
  },
  {
    live: { device_posture: { integration_uid: 'in-warp' } },
    term: { warp: true },
    others: [{ gateway: true }, { postures: ['disk'] }],
    caught: 'anonymous',
    decision: 'bypass',
  },
  {
    live: { device_posture: { integration_uid: 'in-gateway' } },
    term: { gateway: true },
    others: [{ warp: true }],
    caught: 'stranger@example.net',
  },
  {
    live: { certificate: {} },
    term: { authorities: ['machines'] },
    others: [{ commonNames: ['ci'] }, { authorities: ['elsewhere'] }],
    caught: 'anonymous',
    decision: 'non_identity',
  },
  {
    live: { certificate: {} },
    term: { authorities: ['fingerprint of machines'] },
    others: [{ authorities: ['fingerprint of elsewhere'] }],
    caught: 'anonymous',
    decision: 'non_identity',
  },
  {
    live: { common_name: { common_name: 'ci' } },
    term: { commonNames: ['ci'] },
    others: [{ commonNames: ['cd'] }],
    caught: 'anonymous',
    decision: 'non_identity',
  },
  {
    live: { login_method: { id: 'github' } },
    term: { identityProviders: ['GitHub'] },
    others: [{ identityProviders: ['pin'] }],
    caught: 'stranger@example.net',
  },
  {
    live: { auth_method: { auth_method: 'mfa' } },
    term: { authenticationMethods: ['mfa'] },
    others: [{ authenticationMethods: ['hwk'] }],
    caught: 'stranger@example.net',
  },
  {
    live: { service_token: { token_id: 'ci' } },
    term: { tokens: ['ci'] },
    others: [{ tokens: ['cd'] }],
    caught: 'token stranger',
    decision: 'non_identity',
  },
  {
    live: { any_valid_service_token: {} },
    term: { anyToken: true },
    others: [{ tokens: ['ci', 'cd'] }],
    caught: 'anonymous',
    decision: 'non_identity',
  },
];

const named = rows.map((row) => ({ ...row, text: JSON.stringify(row.live) }));

/** The principals who get in by a policy although the rule does not admit them. */
function caught(
  { decision = 'allow' }: Pick<Row, 'decision'>,
  policy: Parameters<typeof ruleWorld>[0] extends infer Policy ? Omit<Policy & object, 'decision'> : never,
  rule: AdmitRule,
  changed: (world: World) => void = () => {},
): string[] {
  const world = ruleWorld({ decision, ...(policy as { include: JsonObject[] }) });
  world.guards = [
    { host: HOST, admit: { rules: [decision === 'allow' ? rule : { login: false, ...rule }] } },
  ];
  changed(world);
  return [...new Set(judge(world, 1).map(({ principal }) => principal))].sort();
}

describe('the oracle at a policy with approval', () => {
  const approvers = [{ approvals_needed: 1, email_addresses: ['boss@example.dev'] }];
  const settings = { approval_required: true, approval_groups: approvers };
  const policy = { include: everyone };
  const withApproval = { include: EVERYONE, require: [{ approved: true as const }] };

  it('finds nothing if the guard asks for the same', () => {
    expect(caught({}, { ...policy, settings }, withApproval)).toEqual([]);
  });

  it('tries people whom somebody approved, and others', () => {
    const others = { include: [{ emails: ['me@example.dev'] }] };
    expect(caught({}, { ...policy, settings }, others)).toContain('stranger@example.net, approved');
    expect(caught({}, policy, withApproval)).toContain('stranger@example.net');
  });

  it('notices a session that began before the policy asked for approval, and none that was approved', () => {
    const held = (approved?: true) =>
      caught({}, { ...policy, settings }, withApproval, (world) => {
        const [app] = world.apps;
        const [live] = world.policies;
        if (app === undefined || live === undefined) throw new Error('the world has an application');
        live.settings = {};
        const claims = login(viewOf(world), app, 'me@example.dev');
        if (claims === null) throw new Error('the policy admits everybody');
        live.settings = settings;
        world.sessions.push({ ...claims, ...(approved && { approved }) });
      });
    expect(held()).toEqual(['me@example.dev']);
    expect(held(true)).toEqual([]);
  });
});

describe('the oracle', () => {
  it.each(named)('finds nothing if a policy says the same as the guard: $text', (row) => {
    const { live, term } = row;
    expect(caught(row, { include: [live] }, { include: [term] })).toEqual([]);
    expect(
      caught(row, { include: everyone, require: [live] }, { include: EVERYONE, require: [term] }),
    ).toEqual([]);
    expect(
      caught(row, { include: everyone, exclude: [live] }, { include: EVERYONE, exclude: [term] }),
    ).toEqual([]);
  });

  it.each(named)('notices a policy that says something else than the guard: $text', (row) => {
    const { live, others } = row;
    for (const other of others) {
      expect(caught(row, { include: [live] }, { include: [other] }), JSON.stringify(other)).not.toEqual([]);
      const required = caught(
        row,
        { include: everyone, require: [live] },
        { include: EVERYONE, require: [other] },
      );
      expect(required, JSON.stringify(other)).not.toEqual([]);
    }
  });

  it.each(named)('notices a policy without the rule of the guard: $text', (row) => {
    const { term } = row;
    const wide: AdmitRule[] = [
      { include: [term] },
      { include: EVERYONE, require: [term] },
      { include: EVERYONE, exclude: [term] },
    ];
    const [included = [], required = [], excluded = []] = wide.map((rule) =>
      caught(row, { include: everyone }, rule),
    );
    expect(included.some((principal) => principal.startsWith(row.caught))).toBe(true);
    expect(required.some((principal) => principal.startsWith(row.caught))).toBe(true);
    expect(excluded).not.toEqual([]);
    expect(excluded).not.toEqual(included);
  });

  it('admits a visitor whom one of several rules admits, and names the others with their place', () => {
    const rules: AdmitRule[] = [
      { include: [{ domains: ['example.dev'] }], require: [{ countries: ['DE'] }] },
      { login: false, include: [{ networks: ['192.0.2.0/24'] }] },
    ];
    const world = ruleWorld({
      decision: 'allow',
      include: [{ email_domain: { domain: 'example.dev' } }],
    });
    world.guards = [{ host: HOST, admit: { rules } }];
    const found = judge(world, 1).map(({ principal }) => principal);
    expect(found).toContain('oracle@example.dev');
    expect(found).toContain('oracle@example.dev, in AQ');
    expect(
      found.filter((principal) => principal.includes('in DE') || principal.includes('192.0.2.')),
    ).toEqual([]);
  });

  it('takes login: true for a rule that does not say', () => {
    const world = ruleWorld({ decision: 'bypass', include: [{ ip: { ip: '192.0.2.0/24' } }] });
    const admit = (login: object) => [
      { host: HOST, admit: { rules: [{ ...login, include: [{ networks: ['192.0.2.0/24'] }] }] } },
    ];
    world.guards = admit({ login: false });
    expect(judge(world, 1)).toEqual([]);
    world.guards = admit({});
    expect(judge(world, 1).map(({ principal }) => principal)).toContain('anonymous, from 192.0.2.0');
  });

  it('never admits by a rule without terms', () => {
    for (const decision of ['allow', 'bypass'] as const) {
      const world = ruleWorld({ decision, include: everyone });
      world.guards = [{ host: HOST, admit: { rules: [{ login: false, include: [], require: EVERYONE }] } }];
      expect(judge(world, 1)).not.toEqual([]);
    }
  });

  it('tries a session that began elsewhere, after its policy became narrower', () => {
    const live = { ip: { ip: '192.0.2.0/24' } };
    const world = ruleWorld({ decision: 'allow', include: [live] });
    const narrow: AdmitRule = { include: EVERYONE, require: [{ networks: ['192.0.2.0/25'] }] };
    world.guards = [{ host: HOST, admit: { rules: [narrow] } }];
    const [policy] = world.policies;
    const [app] = world.apps;
    if (policy === undefined || app === undefined) throw new Error('the world has a policy');
    policy.include = [{ ip: { ip: '192.0.2.0/25' } }];
    expect(judge(world, 1)).toEqual([]);
    world.sessions = [
      {
        ...{
          iss: '',
          aud: [app.aud],
          iat: 0,
          nbf: 0,
          exp: 4_102_444_800,
          type: 'app',
          sub: '',
          country: 'FR',
        },
        identity_nonce: '',
        email: 'old@example.dev',
        identity: { email: 'old@example.dev', provider: 'pin', claims: {}, amr: [] },
        admission: [{ decision: 'allow', include: [live], exclude: [], require: [] }],
      },
    ];
    const found = judge(world, 1).map(({ principal }) => principal);
    expect(found).toContain('old@example.dev, from 192.0.2.255');
    expect(found).not.toContain('old@example.dev, from 192.0.2.0');
    app.revokedAt = Date.now();
    expect(judge(world, 1)).toEqual([]);
  });

  it('stays within bounds if many properties matter', () => {
    const live: JsonObject[] = [
      ...['DE', 'AT', 'CH', 'IT'].map((country_code) => ({ geo: { country_code } })),
      ...['192.0.2.0/24', '198.51.100.0/24'].map((ip) => ({ ip: { ip } })),
      ...['disk', 'in-warp', 'in-gateway'].map((integration_uid) => ({
        device_posture: { integration_uid },
      })),
      { common_name: { common_name: 'ci' } },
      { auth_method: { auth_method: 'mfa' } },
    ];
    const world = ruleWorld({ decision: 'allow', include: live });
    const terms: AdmitTerm[] = [
      { countries: ['DE', 'AT', 'CH', 'IT'] },
      { networks: ['192.0.2.0/24', '198.51.100.0/24'] },
      { postures: ['disk'], warp: true, gateway: true },
      { commonNames: ['ci'], authenticationMethods: ['mfa'] },
    ];
    world.guards = [{ host: HOST, admit: { rules: [{ include: terms }] } }];
    expect(judge(world, 1)).toEqual([]);
    for (const [at] of terms.entries()) {
      world.guards = [{ host: HOST, admit: { rules: [{ include: terms.toSpliced(at, 1) }] } }];
      expect(judge(world, 1)).not.toEqual([]);
    }
    const start = performance.now();
    for (let turn = 0; turn < 10; turn += 1) judge(world, 1);
    expect((performance.now() - start) / 10).toBeLessThan(500);
  });
});
