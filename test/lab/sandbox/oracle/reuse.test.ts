import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { Exposure, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addGate, call } from '../authentik/gate.ts';
import { addApp, addPolicy, addRecord, addToken, guardedRule, newWorld, setIngress } from '../edge/scene.ts';

const DOOR = 'door.example.dev';
const WIKI = 'wiki.example.dev';
const PLAIN = 'plain.example.dev';
const HOUR = 3_600_000;
const ME = { email: { email: 'me@example.dev' } };

/** Three guarded hosts: one behind Access, one behind the outpost, one at a plain address that the edge protects. */
async function scene(): Promise<World> {
  const world = newWorld();
  for (const name of [DOOR, WIKI, 'auth.example.dev']) addRecord(world, { name });
  addRecord(world, { name: PLAIN, type: 'A', content: '192.0.2.1' });
  const app = addApp(world, [DOOR], [addPolicy(world, 'allow', [ME])]);
  addApp(
    world,
    [PLAIN, `${DOOR}/open`],
    [addPolicy(world, 'allow', [{ email: { email: 'jo@example.dev' } }])],
  );
  const token = addToken(world, 'machine');
  addPolicy(world, 'non_identity', [{ service_token: { token_id: token.id } }]);
  setIngress(world, [guardedRule(DOOR, app), { hostname: WIKI, service: 'http://traefik.lan' }]);
  const origin = { url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'all' } as const;
  world.origins = [{ ...origin, trustForwarded: false }];
  await addGate(world, 'wiki', { members: ['jo'] });
  world.guards = [
    { host: DOOR, admit: { emails: ['me@example.dev'] } },
    { host: DOOR, path: '/open/**', admit: { emails: ['me@example.dev', 'jo@example.dev'] } },
    { host: WIKI, admit: { groups: ['wiki people'] } },
    { host: PLAIN, admit: { emails: ['jo@example.dev'] } },
  ];
  return world;
}

/** Changes a world in place, as the handlers of calls do; `n` chooses among the objects. */
type Change = (world: World, n: number) => unknown;

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];

const changes: Record<string, Change> = {
  'a policy admits everybody': ({ policies }, n) => pick(policies, n)?.include.push({ everyone: {} }),
  'a policy admits by its place': ({ policies }, n) =>
    pick(policies, n)?.include.push({ ip: { ip: '198.51.100.0/24' } }),
  'a policy admits only me': ({ policies }, n) => Object.assign(pick(policies, n) ?? {}, { include: [ME] }),
  'a policy bypasses': ({ policies }, n) =>
    Object.assign(pick(policies, n) ?? {}, { decision: 'bypass', include: [{ everyone: {} }] }),
  'a policy asks people': ({ policies }, n) => Object.assign(pick(policies, n) ?? {}, { decision: 'allow' }),
  'an application gets another policy': ({ apps, policies }, n) =>
    Object.assign(pick(apps, n) ?? {}, { policies: [{ id: pick(policies, n >> 2)?.id, precedence: 1 }] }),
  'an application covers a path': ({ apps }, n) =>
    pick(apps, n)?.destinations.push({ type: 'public', uri: `${DOOR}/${n % 3}` }),
  'an application loses its last destination': ({ apps }, n) => pick(apps, n)?.destinations.pop(),
  'sessions are revoked': (world, n) =>
    Object.assign(pick(world.apps, n) ?? {}, { revokedAt: Date.now() + world.clockOffset }),
  'a name becomes plain': ({ records }, n) => Object.assign(pick(records, n) ?? {}, { proxied: false }),
  'a name is proxied': ({ records }, n) => Object.assign(pick(records, n) ?? {}, { proxied: true }),
  'a name goes': ({ records }, n) => records.splice(n % records.length, 1),
  'names come': (world) => addRecord(world, { name: '*.example.dev' }),
  'the tunnel demands no token': (world) =>
    setIngress(
      world,
      [DOOR, WIKI].map((hostname) => ({ hostname, service: 'http://traefik.lan' })),
    ),
  'the tunnel demands a token of any application': (world, n) => {
    const app = pick(world.apps, n);
    if (app !== undefined) setIngress(world, [guardedRule(DOOR, app), guardedRule(WIKI, app)]);
  },
  'a path of the tunnel leads elsewhere': (world) =>
    setIngress(world, [{ hostname: WIKI, path: '^/(api|x)$', service: 'http://other.lan' }]),
  'the proxy asks no outpost': ({ origins }) => Object.assign(origins[0] ?? {}, { forwardAuth: 'none' }),
  'the proxy asks the outpost': ({ origins }) => Object.assign(origins[0] ?? {}, { forwardAuth: 'all' }),
  'the proxy believes visitors': ({ origins }) => Object.assign(origins[0] ?? {}, { trustForwarded: true }),
  'a binding goes': ({ authentik }) => authentik.bindings.pop(),
  'a binding ends in an hour': (world) =>
    Object.assign(world.authentik.bindings.at(-1) ?? {}, {
      expires: new Date(Date.now() + world.clockOffset + HOUR).toISOString(),
    }),
  'a person joins a group': ({ authentik: { users, groups } }, n) =>
    pick(users, n)?.groups.push(pick(groups, n >> 2)?.pk ?? ''),
  'a person leaves their groups': ({ authentik: { users } }, n) =>
    Object.assign(pick(users, n) ?? {}, { groups: [] }),
  'a path of the outpost is skipped': ({ authentik: { providers } }) => {
    const proxy = providers.find((row) => row.proxy !== null)?.proxy;
    if (proxy) proxy.skip_path_regex = '^/public';
  },
  'a provider leaves the outpost': ({ authentik: { outposts } }) =>
    Object.assign(outposts[0] ?? {}, { providers: [] }),
  'a service token ends in an hour': (world) =>
    Object.assign(world.serviceTokens[0] ?? {}, {
      expiresAt: new Date(Date.now() + world.clockOffset + HOUR).toISOString(),
    }),
  'a policy admits the service token': ({ policies, serviceTokens }, n) =>
    Object.assign(pick(policies, n) ?? {}, {
      decision: 'non_identity',
      include: [{ service_token: { token_id: serviceTokens[0]?.id } }],
    }),
  'the cache is played, or not': (world) => Object.assign(world, { playsCache: world.playsCache !== true }),
  'a guard changes': ({ guards }, n) =>
    Object.assign(pick(guards, n) ?? {}, { admit: n % 2 === 0 ? {} : { people: true } }),
  'time passes': (world, n) => Object.assign(world, { clockOffset: world.clockOffset + (n % 5) * HOUR }),
  'nothing happens': () => undefined,
};

/** The exposures of a judgment without memory, and the copies that it leaves. */
function judgedAlone(world: World): { found: Exposure[]; copies: string[] } {
  const alone = structuredClone(world);
  return { found: judge(alone, 7), copies: Object.keys(alone.edgeCache ?? {}) };
}

describe('a judgment that reuses what did not change', () => {
  it('finds the same as one without memory, after any changes', async () => {
    const made = await scene();
    const tally = { exposed: 0, closed: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.nat(99)), {
          minLength: 12,
          maxLength: 24,
        }),
        (drawn) => {
          const world = structuredClone(made);
          judge(world, 1);
          for (const [name, n] of drawn) {
            changes[name]?.(world, n);
            const { found, copies } = judgedAlone(world);
            expect(judge(world, 7), name).toEqual(found);
            expect(Object.keys(world.edgeCache ?? {}), name).toEqual(copies);
            tally[found.length > 0 ? 'exposed' : 'closed'] += 1;
          }
        },
      ),
      { numRuns: 12, seed: 4 },
    );
    expect(Math.min(tally.exposed, tally.closed)).toBeGreaterThan(20);
  });

  it('notices that a moment has come, although nobody changed anything', async () => {
    const world = await scene();
    changes['a service token ends in an hour']?.(world, 0);
    changes['a policy admits the service token']?.(world, 0);
    const door = () => judge(world, 7).filter(({ principal }) => principal.startsWith('token machine'));
    expect(door()).not.toEqual([]);
    expect(door()).not.toEqual([]);
    world.clockOffset += 2 * HOUR;
    expect(door()).toEqual([]);
  });

  it('counts a session that begins after a revocation, also if it was judged in the same millisecond', async () => {
    const world = await scene();
    const [policy] = world.policies;
    policy?.include.push({ email: { email: 'jo@example.dev' } });
    const found = () => judge(world, 7).map(({ host, principal }) => `${principal} at ${host}`);
    Object.assign(world.apps[0] ?? {}, { revokedAt: Date.now() + HOUR });
    expect(found()).not.toContain(`jo@example.dev at ${DOOR}`);
    world.clockOffset += 2 * HOUR;
    expect(found()).toContain(`jo@example.dev at ${DOOR}`);
  });

  it('never writes to the world that it watches, apart from the cache and the exposures', async () => {
    const world = await scene();
    await call(world, 'POST', '/core/groups/', { name: 'others' });
    const { exposures: _, edgeCache: __, ...before } = structuredClone(world);
    judge(world, 7);
    const { exposures: ___, edgeCache: ____, ...after } = world;
    expect(after).toEqual(before);
  });
});
