import { describe, expect, it } from 'vitest';
import { tunnel } from '../../../../reconcilers/cloudflare/account/tunnel.ts';
import { ingressRule } from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { type TestWorld, testWorld } from '../../../support/world.ts';
import { app, around, host, live, reconcilers } from './house.ts';

describe('a written configuration', () => {
  it('is awaited until every connector runs it', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const world = test.pass();
    const { version } = await live(test);
    const running = [version - 1, version - 1, version];
    const began = test.clock.now().getTime();
    await ingressRule.moments?.settle?.({
      ...world,
      cloudflare: connectors(world.cloudflare, () => running.shift() ?? version),
    });
    expect(test.clock.now().getTime()).toBeGreaterThan(began);
    expect(running).toEqual([]);
  });

  it('is awaited for a connector that does not report its version', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const world = test.pass();
    const { version } = await live(test);
    const running = [undefined, version];
    const began = test.clock.now().getTime();
    await ingressRule.moments?.settle?.({
      ...world,
      cloudflare: connectors(world.cloudflare, () => running.shift()),
    });
    expect(test.clock.now().getTime()).toBeGreaterThan(began);
    expect(running).toEqual([]);
  });

  it('is given up after a minute and a half, with where to look', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const world = test.pass();
    const began = test.clock.now().getTime();
    const settled = ingressRule.moments?.settle?.({
      ...world,
      cloudflare: connectors(world.cloudflare, () => 0),
    });
    await expect(settled).rejects.toThrow('does not run the configuration');
    const waited = test.clock.now().getTime() - began;
    expect(waited).toBeGreaterThan(80_000);
    expect(waited).toBeLessThanOrEqual(90_000);
  });

  it('is not awaited for a tunnel without connectors, which serves nothing', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const [found] = await test.read(tunnel);
    await test.edit('DELETE', `/accounts/${test.sandbox.accountId}/cfd_tunnel/${found?.id}/connections`);
    await expect(ingressRule.moments?.settle?.(test.pass())).resolves.toBeUndefined();
  });

  it('is not awaited for a connector without connections, which may be gone', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const world = test.pass();
    const gone = { id: 'gone', config_version: 0, conns: [] };
    const cloudflare: TestWire = {
      ...world.cloudflare,
      get: async (path, query) => {
        const reply = await world.cloudflare.get(path, query);
        return path.endsWith('/connections') ? [...(reply as readonly unknown[]), gone] : reply;
      },
    };
    await expect(ingressRule.moments?.settle?.({ ...world, cloudflare })).resolves.toBeUndefined();
  });

  function connectors(wire: TestWire, version: () => number | undefined): TestWire {
    return {
      ...wire,
      get: async (path, query) =>
        path.endsWith('/connections') ? [{ id: 'c', config_version: version() }] : wire.get(path, query),
    };
  }
});

type TestWire = ReturnType<TestWorld['pass']>['cloudflare'];

describe('a tunnel that reads its own config.yml', () => {
  it('has no effective rules', async () => {
    const test = await testWorld({ reconcilers, tunnels: ['homelab', 'local'] });
    await test.edit('POST', `/accounts/${test.sandbox.accountId}/cfd_tunnel`, {
      name: 'local',
      config_src: 'local',
    });
    const rules = await test.read(ingressRule);
    expect(rules.filter(({ spec }) => spec.tunnel === 'local')).toEqual([]);
  });
});
