import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from '../homes/authentik-home.ts';
import { host, Moves, type Scene, type State, union } from '../moves/moves.ts';
import { copyOf } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const [none, me, health, open, admins, oidc] = [
  ...['none', 'me', 'me, with open paths', 'public', 'admins', 'the application itself asks'],
].map((name) => [...plain, ...authentik].find((item) => item.name === name)) as [
  ...[State, State, State, State, State, State],
];

const groups = ['admins', 'family'];
const withHeader = (file: string) =>
  file.replace(
    `host: ${host}
`,
    `host: ${host}
    cache: header
`,
  );

// biome-ignore lint/suspicious/noExplicitAny: the state of a sandbox is none of the product's types
type World = any;

/** A home with a host in this state, where the groups of the file admit a person. */
async function sceneOf(before: State): Promise<{ readonly moves: Moves; readonly scene: Scene }> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const moves = new Moves(sandbox, home, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  return { moves, scene: await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), groups) };
}

/** Applies the second state's file twice, and returns warnings, undone changes, the second plan, and exposures. */
async function move(
  { moves, scene }: Awaited<ReturnType<typeof sceneOf>>,
  [before, after]: readonly [State, State],
  { change = () => {}, file = home(after) }: { change?: (world: World) => void; file?: string } = {},
) {
  const { sandbox } = moves;
  const world = JSON.parse(scene.snapshot);
  change(world);
  sandbox.restore(JSON.stringify(world));
  await moves.guard(union(before, after));
  const disk = await copyOf(scene.disk);
  const { report } = await runProcess(sandbox, disk, file);
  const again = await runProcess(sandbox, disk, file);
  return {
    warnings: report?.plan?.warnings ?? [],
    refused: (report?.plan?.changes ?? [])
      .filter(({ verb, address }) => verb === 'refuse' && address.kind === 'cloudflare/service')
      .map(({ reason }) => reason),
    left: unfinished(report),
    again: again.report?.plan?.warnings ?? [],
    writes: again.writes,
    purges: sandbox.calls().filter(({ path }) => path.includes('purge_cache')).length,
    copies: Object.values<World>(JSON.parse(sandbox.snapshot()).edgeCache ?? {}).map((copy) => copy.host),
    exposures: sandbox.exposures(),
    world: JSON.parse(sandbox.snapshot()),
  };
}

const rulesIn = (world: World) =>
  (world.rulesets ?? [])
    .filter(({ phase }: World) => phase === 'http_request_cache_settings')
    .flatMap(({ rules }: World) => rules);
const isCovered = (world: World) => world.apps.some(({ name }: World) => name === host);

/** Limits the token to all permissions but these. */
const without =
  (...lacking: readonly string[]) =>
  (world: World) => {
    const all = ['Zone', 'DNS', 'Zone WAF', 'Cloudflare Tunnel', 'Cache Settings', 'Account Settings'];
    const access = ['Apps and Policies', 'Service Tokens', 'Organizations, Identity Providers, and Groups'];
    const rights = [...all, ...access.map((name) => `Access: ${name}`)].flatMap((name) => [
      `${name} Read`,
      `${name} Write`,
    ]);
    for (const token of world.apiTokens)
      token.permissions = [...rights, 'Cache Purge'].filter((name) => !lacking.includes(name));
  };
const withoutRules = without('Cache Settings Read', 'Cache Settings Write');

describe('a host whose origin decides who gets in', () => {
  it.each([
    [none, admins],
    [none, oidc],
    [me, admins],
    [open, admins],
  ])('has a cache rule before it opens: from $name', async (before, after) => {
    const scene = await sceneOf(before);
    const { left, writes, exposures, world } = await move(scene, [before, after]);
    expect([left, writes, exposures]).toEqual([[], 0, []]);
    expect(rulesIn(world)).toMatchObject([
      { ref: 'gates_home_cache_1', action_parameters: { cache: false }, enabled: true },
    ]);
    expect(rulesIn(world)[0].expression).toContain(`"${host}"`);
  });

  it('is purged by name alone if it was served before, and once', async () => {
    const scene = await sceneOf(open);
    const stored = (world: World) => {
      const standard = { path: '/x.css', query: '', status: 200, headers: [], body: '', from: 'origin' };
      for (const of of [host, 'machines.example.dev'])
        world.edgeCache = {
          ...world.edgeCache,
          [`${of}/x.css`]: { ...standard, host: of, storedAt: 0, freshUntil: Number.MAX_SAFE_INTEGER },
        };
    };
    const { purges, copies, left } = await move(scene, [open, admins], { change: stored });
    expect([left, purges]).toEqual([[], 1]);
    expect(copies).not.toContain(host);
    expect(copies).toContain('machines.example.dev');
    expect((await move(await sceneOf(none), [none, admins])).purges).toBe(0);
  });

  it('may keep old copies if the token may not purge, and every plan says so', async () => {
    const scene = await sceneOf(me);
    const { left, again, writes } = await move(scene, [me, admins], { change: without('Cache Purge') });
    expect([left, writes]).toEqual([[], 0]);
    expect(again).toContainEqual(
      expect.stringMatching(/^services\.app: copies that Cloudflare stored before /),
    );
  });

  it('stays closed if cache rules may not be read, unless the file states the header', async () => {
    const scene = await sceneOf(none);
    const closed = await move(scene, [none, admins], { change: withoutRules });
    expect(closed.refused).toEqual([expect.stringMatching(/cache rules could not be read.*cache: header/)]);
    expect(closed.world.records.some(({ name }: World) => name === host)).toBe(false);
    const stated = await move(scene, [none, admins], {
      change: withoutRules,
      file: withHeader(home(admins)),
    });
    expect([stated.refused, stated.left]).toEqual([[], []]);
    expect(stated.warnings).toContainEqual(
      expect.stringMatching(/^services\.app: no cache rule keeps .* assumes/),
    );
    expect(isCovered(stated.world)).toBe(false);
  });

  it('stays open and is reported, and can still be narrowed, if it is open and rules may not be read', async () => {
    const scene = await sceneOf(open);
    const { refused, warnings, world } = await move(scene, [open, admins], { change: withoutRules });
    expect(refused).toEqual([]);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^services\.app: app.* is open and has no cache rule/),
    );
    expect(isCovered(world)).toBe(false);
    expect(rulesIn(world).flatMap(({ expression }: World) => expression)).not.toContain(host);
  });

  it('is refused by name if the zone has no cache rule left', async () => {
    const scene = await sceneOf(none);
    const full = (world: World) => {
      const [ruleset] = world.rulesets.filter(({ phase }: World) => phase === 'http_request_cache_settings');
      const [own] = ruleset.rules;
      const rules = Array.from({ length: 10 }, (_, n) => {
        const expression = `http.request.uri.path eq "/${n}"`;
        return { ...own, id: `foreign${n}`, ref: `foreign${n}`, expression };
      });
      Object.assign(ruleset, { rules });
    };
    const { refused, exposures } = await move(scene, [none, admins], { change: full });
    expect(refused).toEqual([expect.stringMatching(/the plan of example\.dev allows 10 cache rules/)]);
    expect(exposures).toEqual([]);
  });

  it('has its rule moved behind a foreign one that stores', async () => {
    const scene = await sceneOf(admins);
    const change = (world: World) => {
      const [ruleset] = world.rulesets.filter(({ phase }: World) => phase === 'http_request_cache_settings');
      const foreign = { id: 'theirs', ref: 'theirs', action_parameters: { cache: true }, expression: 'true' };
      ruleset.rules.push({ ...ruleset.rules[0], ...foreign });
    };
    const { left, world } = await move(scene, [admins, admins], { change });
    expect(left).toEqual([]);
    expect(rulesIn(world).map(({ ref }: World) => ref)).toEqual(['theirs', 'gates_home_cache_1']);
  });
});

describe('a host that Access guards around an exact path', () => {
  it.each([none, me])(
    'has a cache rule, and is purged if it was served before: from $name',
    async (before) => {
      const { left, writes, purges, exposures, world } = await move(await sceneOf(before), [before, health]);
      expect([left, writes, exposures]).toEqual([[], 0, []]);
      expect(rulesIn(world)[0].expression).toContain(`"${host}"`);
      expect(purges).toBe(before === me ? 1 : 0);
    },
  );

  it('is purged if the host itself is public, and only a path around that one is guarded', async () => {
    const paths = `    paths:
      /admin/**: { cloudflare: { emails: [me@example.dev] } }
      /admin/health: { public: { reason: test } }
`;
    const after = { ...open, service: `${open.service}\n${paths}` };
    const { left, writes, purges, world } = await move(await sceneOf(open), [open, after]);
    expect([left, writes, purges]).toEqual([[], 0, 1]);
    expect(rulesIn(world)[0].expression).toContain(`"${host}"`);
  });

  it('has none if the path includes everything below it, since nothing is released', async () => {
    const scene = await sceneOf(none);
    const subtree = home(health).replace('/health', '/health/**');
    const { left, world } = await move(scene, [none, health], { file: subtree });
    expect(left).toEqual([]);
    expect(JSON.stringify(rulesIn(world))).not.toContain(host);
  });

  it('stays closed while it is new, and with a warning once it is served, if rules may not be read', async () => {
    const fresh = await move(await sceneOf(none), [none, health], { change: withoutRules });
    expect(fresh.refused).toEqual([expect.stringMatching(/cache rules could not be read.*cache: header/)]);
    const served = await move(await sceneOf(me), [me, health], { change: withoutRules });
    expect([served.refused, served.exposures]).toEqual([[], []]);
    expect(served.warnings).toContainEqual(
      expect.stringMatching(/^services\.app: app.* is open and has no cache rule/),
    );
    expect(served.world.apps.map(({ name }: World) => name)).toContain(`${host}/health`);
  });
});
