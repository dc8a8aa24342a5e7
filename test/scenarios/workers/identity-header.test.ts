import { describe, expect, it } from 'vitest';
import {
  foreignWorkers,
  IdentityHome,
  identityHost,
  identityStates as states,
} from '../homes/identity-home.ts';
import { askAdmin } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

describe('`identityHeader`', () => {
  it('tells the application who has logged in, whatever the visitor writes', async () => {
    const home = await IdentityHome.open();
    await home.guard('X-User');
    await home.settle(states.user);
    expect(await home.visit('me@example.dev', { 'X-User': 'root', x_user: 'root' })).toMatchObject({
      'x-user': 'me@example.dev',
    });
    expect(await home.visit('me@example.dev', { x_user: 'root' })).not.toHaveProperty('x_user');
    expect([...home.forged()]).toEqual([]);
    expect(home.workers()).toEqual({ ours: 2, theirs: foreignWorkers });
  });

  it('covers the host before the Worker, and uncovers it after a check has seen the Worker', async () => {
    const home = await IdentityHome.open();
    await home.settle(states.plain);
    const shapeOf = async (service: string | undefined) => {
      const { report, sorts } = await home.run(service);
      expect(unfinished(report)).toEqual([]);
      return sorts
        .map((sort) =>
          sort.replace(/^(\S+) cloudflare .*\/(apps|scripts|routes|revoke_tokens)\b.*$/, '$1 $2'),
        )
        .filter(isOfHost);
    };
    const change = ['PUT apps', 'PUT scripts', 'PUT apps'];
    expect(await shapeOf(states.user)).toEqual(['PUT apps', 'PUT scripts', 'POST routes', 'PUT apps']);
    expect(await shapeOf(states.remote)).toEqual(change);
    expect(await shapeOf(states.plain)).toEqual(['PUT apps', 'DELETE routes', 'PUT apps', 'DELETE scripts']);
    expect(home.workers()).toEqual({ ours: 0, theirs: foreignWorkers });
    expect((await home.run(states.plain)).writes).toBe(0);
  });

  it('removes the Worker with the service, once the host is closed', async () => {
    const home = await IdentityHome.open();
    await home.guard('X-User');
    await home.settle(states.user);
    await home.settle(states.absent);
    expect([...home.forged()]).toEqual([]);
    expect(home.workers()).toEqual({ ours: 0, theirs: foreignWorkers });
  });

  it('removes the Worker where the host is to admit everybody', async () => {
    const home = await IdentityHome.open();
    await home.settle(states.user);
    await home.settle(states.open);
    expect(home.workers()).toEqual({ ours: 0, theirs: foreignWorkers });
  });

  it.each([
    [
      'a route of somebody else at the host',
      { pattern: `${identityHost}/*` },
      'is not ours, stands at the host',
    ],
    [
      'a route without a Worker at a path',
      { pattern: `${identityHost}/api/*` },
      'is not ours, stands at the host',
    ],
    ['a wildcard for a path', { pattern: '*.example.dev/api/*', script: 'theirs' }, 'is not ours'],
    ['a wildcard of one scheme', { pattern: 'http://*.example.dev/*', script: 'theirs' }, 'is not ours'],
    ['a route of another scheme', { pattern: `https://${identityHost}/*`, script: 'theirs' }, 'is not ours'],
  ])('refuses the service beside %s, and leaves that untouched', async (_, route, reason) => {
    const home = await IdentityHome.open();
    await home.settle(states.plain);
    const path = `/zones/${home.sandbox.zones[0]?.id}/workers/routes`;
    await askAdmin(home.sandbox, 'POST', '/edit', {
      actor: 'eve',
      system: 'cloudflare',
      method: 'POST',
      path,
      body: route,
    });
    const before = home.workers();
    const { report, sorts } = await home.run(states.user);
    expect([sorts.filter(isOfHost), home.workers()]).toEqual([[], before]);
    expect(
      report?.plan?.changes.flatMap(({ verb, reason: said }) => (verb === 'refuse' ? [said] : [])),
    ).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ['Workers', /\/workers\/scripts$/],
    ['routes', /\/workers\/routes$/],
  ])(
    'refuses the service while the token may not read the %s, and changes nothing at the host',
    async (_, list) => {
      for (const before of [states.absent, states.plain, states.user]) {
        const home = await IdentityHome.open();
        await home.settle(before);
        const known = (await home.run(states.user, 'dry run')).reads.map(({ read }) => read);
        const read = known.find((each) => list.test(each)) ?? '';
        await home.guard('X-User');
        const workers = home.workers();
        const { report, sorts } = await home.run(states.remote, { read, from: 1 });
        expect([sorts.filter(isOfHost), home.workers()]).toEqual([[], workers]);
        expect(JSON.stringify(report?.plan)).toContain(
          'gates could not read the Workers of mine.example.dev',
        );
      }
    },
  );

  it.each([
    [
      'somebody removed the route',
      'DELETE',
      (home: IdentityHome, id: string) => `${routesOf(home)}/${id}`,
      undefined,
    ],
    [
      'somebody let visitors past the Worker beyond the limit',
      'PUT',
      (home: IdentityHome, id: string) => `${routesOf(home)}/${id}`,
      { request_limit_fail_open: true },
    ],
  ] as const)('repairs the Worker under cover where %s', async (_, method, path, change) => {
    const home = await IdentityHome.open();
    await home.settle(states.user);
    const stored = JSON.parse(home.sandbox.snapshot()) as {
      zoneExtras: Record<string, { workersRoutes: { id: string; pattern: string; script?: string }[] }>;
    };
    const {
      id = '',
      pattern = '',
      script = '',
    } = Object.values(stored.zoneExtras)
      .flatMap(({ workersRoutes }) => workersRoutes)
      .find((route) => route.script?.startsWith('gates-home-') === true) ?? {};
    const body = change && { pattern, script, ...change };
    await askAdmin(home.sandbox, 'POST', '/edit', {
      actor: 'eve',
      system: 'cloudflare',
      method,
      path: path(home, id),
      body,
    });
    await home.guard('X-User');
    const { report, sorts } = await home.run(states.user);
    expect(unfinished(report)).toEqual([]);
    expect(sorts[0]).toMatch(/^PUT cloudflare .*\/access\/apps\/:id$/);
    await home.guard('X-User');
    await home.settle(states.user);
    expect([...home.forged()]).toEqual([]);
  });
});

function routesOf({ sandbox }: IdentityHome): string {
  return `/zones/${sandbox.zones[0]?.id}/workers/routes`;
}

/** False for the probe's token and policy, which may stand without a cover. */
function isOfHost(sort: string): boolean {
  return /apps|scripts|routes|configurations|dns_records/.test(sort);
}
