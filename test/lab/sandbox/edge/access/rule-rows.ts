import { route } from '../../../../../src/lab/sandbox/edge/routing/route.ts';
import { login } from '../../../../../src/lab/sandbox/edge/team/login.ts';
import { type Circumstances, contextAt } from '../../../../../src/lab/sandbox/edge/view/circumstances.ts';
import { viewOf } from '../../../../../src/lab/sandbox/edge/view/view.ts';
import type {
  AccessPolicy,
  JsonObject,
  ServiceToken,
  World,
} from '../../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, addToken, newWorld, setIngress } from '../scene.ts';

export const HOST = 'app.example.dev';
const BORN = '2026-01-01T00:00:00.000Z';

/** A visitor of the host. */
export interface RuleVisitor {
  /** Absent: nobody who can log in. */
  email?: string;
  provider?: string;
  amr?: string[];
  from?: Circumstances;
  /** The name of a service token. */
  token?: string;
}

/** A rule of Access, and visitors for whom it holds and does not hold. */
export interface RuleRow {
  rule: JsonObject;
  inside: RuleVisitor;
  outside: RuleVisitor[];
  /** True if Access judges it again with every request. */
  isContinuous?: true;
  /** The decisions that may have it; all three by default. */
  decisions?: readonly AccessPolicy['decision'][];
}

const ME = { email: 'me@example.dev' };

/** The rules that the sandbox decides. The ids are those of `ruleWorld`. */
export const RULE_ROWS: readonly RuleRow[] = [
  {
    rule: { email: { email: 'me@example.dev' } },
    inside: ME,
    outside: [{ email: 'you@example.dev' }, {}],
    decisions: ['allow'],
  },
  {
    rule: { email_domain: { domain: 'example.dev' } },
    inside: ME,
    outside: [{ email: 'me@notexample.dev' }, { email: 'me@sub.example.dev' }],
    decisions: ['allow'],
  },
  {
    rule: { ip: { ip: '198.51.100.0/25' } },
    inside: { ...ME, from: { ip: '198.51.100.127' } },
    outside: [ME, { ...ME, from: { ip: '198.51.100.128' } }, { ...ME, from: { ip: '2001:db8::1' } }],
    isContinuous: true,
  },
  {
    rule: { ip: { ip: '2001:db8:1::/48' } },
    inside: { ...ME, from: { ip: '2001:db8:1:ffff::1' } },
    outside: [ME, { ...ME, from: { ip: '2001:db8:2::1' } }],
    isContinuous: true,
  },
  {
    rule: { geo: { country_code: 'DE' } },
    inside: { ...ME, from: { country: 'DE' } },
    outside: [ME, { ...ME, from: { country: 'AT' } }],
    isContinuous: true,
  },
  {
    rule: { device_posture: { integration_uid: 'disk' } },
    inside: { ...ME, from: { device: ['Disk encryption', 'warp'] } },
    outside: [ME, { ...ME, from: { device: ['warp', 'gateway'] } }],
    isContinuous: true,
  },
  {
    rule: { device_posture: { integration_uid: 'in-warp' } },
    inside: { ...ME, from: { device: ['warp'] } },
    outside: [ME, { ...ME, from: { device: ['gateway', 'disk'] } }],
    isContinuous: true,
  },
  {
    rule: { device_posture: { integration_uid: 'in-gateway' } },
    inside: { ...ME, from: { device: ['gateway'] } },
    outside: [ME, { ...ME, from: { device: ['warp'] } }],
    isContinuous: true,
  },
  {
    rule: { certificate: {} },
    inside: { ...ME, from: { certificate: { commonName: 'any', authority: 'machines' } } },
    outside: [
      ME,
      { ...ME, from: { certificate: { commonName: 'any', authority: 'elsewhere' } } },
      { ...ME, from: { certificate: { commonName: 'any', authority: 'unknown' } } },
    ],
    isContinuous: true,
  },
  {
    rule: { common_name: { common_name: 'ci' } },
    inside: { ...ME, from: { certificate: { commonName: 'ci', authority: 'machines' } } },
    outside: [
      ME,
      { ...ME, from: { certificate: { commonName: 'cd', authority: 'machines' } } },
      { ...ME, from: { certificate: { commonName: 'ci', authority: 'elsewhere' } } },
    ],
    isContinuous: true,
  },
  {
    rule: { login_method: { id: 'github' } },
    inside: { ...ME, provider: 'github' },
    outside: [{ ...ME, provider: 'pin' }],
    decisions: ['allow'],
  },
  {
    rule: { auth_method: { auth_method: 'mfa' } },
    inside: { ...ME, provider: 'github', amr: ['pwd', 'mfa'] },
    outside: [
      { ...ME, provider: 'github', amr: ['pwd'] },
      { ...ME, provider: 'pin', amr: ['mfa'] },
    ],
    decisions: ['allow'],
  },
  {
    rule: { service_token: { token_id: 'ci' } },
    inside: { token: 'ci' },
    outside: [{ token: 'cd' }, ME, {}],
    decisions: ['non_identity'],
  },
  {
    rule: { any_valid_service_token: {} },
    inside: { token: 'cd' },
    outside: [ME, {}],
    decisions: ['non_identity'],
  },
];

/** A host behind one policy, with two providers, two tokens, three posture checks and two authorities. */
export function ruleWorld(policy: Partial<AccessPolicy> & Pick<AccessPolicy, 'decision' | 'include'>): World {
  const world = newWorld();
  addRecord(world, { name: HOST });
  setIngress(world, [{ hostname: HOST, service: 'http://app.lan' }]);
  world.identityProviders = [
    { id: 'github', name: 'GitHub', type: 'github', config: {} },
    { id: 'pin', name: 'PIN', type: 'onetimepin', config: {} },
  ];
  for (const name of ['ci', 'cd']) addToken(world, name).id = name;
  world.postureRules = [
    { id: 'disk', name: 'Disk encryption', type: 'disk_encryption', settings: {} },
    { id: 'in-warp', name: 'In WARP', type: 'warp', settings: {} },
    { id: 'in-gateway', name: 'Through Gateway', type: 'gateway', settings: {} },
  ];
  world.accessCertificates = [authority('machines', [HOST]), authority('elsewhere', ['other.example.dev'])];
  addApp(world, [HOST], [addPolicy(world, policy.decision, policy.include, policy)]);
  return world;
}

function authority(name: string, hostnames: string[]): NonNullable<World['accessCertificates']>[number] {
  return {
    ...{ id: `id of ${name}`, name, hostnames, certificate: '', fingerprint: `fingerprint of ${name}` },
    ...{ expiresOn: BORN, createdAt: BORN, updatedAt: BORN },
  };
}

/** True if a visitor reaches the origin, after a login in `begun` if it is another place. */
export function reaches(world: World, visitor: RuleVisitor, begun: RuleVisitor = visitor): boolean {
  const view = viewOf(world);
  const [app] = world.apps;
  if (app === undefined) throw new Error('the world has an application');
  const { email, token } = visitor;
  const held = world.serviceTokens.find(({ name }) => name === token);
  const context = contextAt(world, HOST, begun.from);
  const by = {
    ...(begun.provider === undefined ? {} : { provider: begun.provider }),
    ...(begun.amr === undefined ? {} : { amr: begun.amr }),
  };
  const claims = email === undefined ? null : login(view, app, email, undefined, { context, by });
  const { verdict } = route(view, {
    ...{ method: 'GET', host: HOST, path: '/', query: '', body: null, assertion: null },
    headers: held === undefined ? [] : headersOf(held),
    sessions: claims === null ? [] : [{ claims }],
    ...(visitor.from === undefined ? {} : { from: visitor.from }),
  });
  return verdict.kind === 'delivery';
}

function headersOf({ clientId, secret }: ServiceToken): (readonly [string, string])[] {
  return [
    ['cf-access-client-id', clientId],
    ['cf-access-client-secret', secret],
  ];
}

/** The sentences in which an edge contradicts a row; none if it decides the rule in each decision and each part. */
export function contradictions(row: RuleRow, changed: (world: World) => void = () => {}): string[] {
  const { rule, inside, outside, decisions = ['allow', 'bypass', 'non_identity'] } = row;
  const found: string[] = [];
  for (const decision of decisions) {
    const everyone: JsonObject[] = [{ everyone: {} }];
    const forms: {
      part: string;
      policy: Partial<AccessPolicy> & { include: JsonObject[] };
      admitsInside: boolean;
    }[] = [
      { part: 'include', policy: { include: [rule] }, admitsInside: true },
      { part: 'require', policy: { include: everyone, require: [rule] }, admitsInside: true },
      { part: 'exclude', policy: { include: everyone, exclude: [rule] }, admitsInside: false },
    ];
    for (const { part, policy, admitsInside } of forms) {
      const world = ruleWorld({ decision, ...policy });
      changed(world);
      const check = (visitor: RuleVisitor, expected: boolean) => {
        const known = decision !== 'allow' || visitor.email !== undefined;
        if (reaches(world, visitor) !== (expected && known)) {
          found.push(`${decision}, ${part}: ${JSON.stringify(visitor)}`);
        }
      };
      check(inside, admitsInside);
      for (const visitor of outside) check(visitor, !admitsInside);
    }
  }
  return found;
}
