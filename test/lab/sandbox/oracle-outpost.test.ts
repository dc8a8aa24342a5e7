import { beforeEach, describe, expect, it } from 'vitest';
import { judge } from '../../../src/lab/sandbox/oracle/oracle.ts';
import type { World } from '../../../src/lab/sandbox/state/world.ts';
import { addGate, addGroup, call } from './authentik/gate.ts';
import { addApp, addPolicy, addRecord, addToken, newWorld, setIngress } from './edge/scene.ts';

let world: World;

/** Each visitor who got in, with the place, once. */
function caught(): string[] {
  return [...new Set(judge(world, 7).map(({ principal, path }) => `${principal} ${path}`))].sort();
}

describe('the oracle at a host behind the outpost', () => {
  const WIKI = 'wiki.example.dev';

  beforeEach(() => {
    world = newWorld();
    // No world here has a cache rule; oracle-cache.test.ts judges the copies.
    world.playsCache = false;
    addRecord(world, { name: WIKI });
    addRecord(world, { name: 'auth.example.dev' });
    setIngress(world, [{ service: 'http://traefik.lan' }]);
    believing(false);
    world.guards = [{ host: WIKI, admit: { groups: ['wiki people'] } }];
  });

  function believing(trustForwarded: boolean): void {
    world.origins = [{ url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'all', trustForwarded }];
  }

  it('finds nothing if the application admits one group, though its people get in', async () => {
    await addGate(world, 'wiki', { members: ['jo'] });
    expect(caught()).toEqual([]);
    world.guards = [{ host: WIKI, admit: { groups: ['others'] } }];
    expect(caught()).toEqual(['jo@example.dev /', 'jo@example.dev /below']);
  });

  it('knows the groups within groups', async () => {
    const { group } = await addGate(world, 'wiki');
    const inner = await addGroup(world, 'inner', ['jo']);
    await call(world, 'PATCH', `/core/groups/${inner}/`, { parents: [group] });
    expect(caught()).toEqual([]);
    world.guards = [{ host: WIKI, admit: { groups: ['nobody'] } }];
    expect(caught()).toContain('jo@example.dev /');
    for (const { admit, admitsInner } of [
      { admit: { members: ['wiki people'] }, admitsInner: false },
      { admit: { members: ['inner'] }, admitsInner: true },
      { admit: { rules: [{ include: [{ members: ['wiki people'] }] }] }, admitsInner: false },
      { admit: { rules: [{ include: [{ members: ['inner'] }] }] }, admitsInner: true },
    ]) {
      world.guards = [{ host: WIKI, admit }];
      expect(caught().includes('jo@example.dev /'), JSON.stringify(admit)).toBe(!admitsInner);
    }
  });

  it.each<{ because: string; plant: () => Promise<unknown>; who: string }>([
    {
      because: 'an application without bindings lets everybody in',
      plant: () => addGate(world, 'wiki', { bound: false }),
      who: 'stranger@example.net /',
    },
    {
      because: 'the group of a binding was deleted, and the binding with it',
      plant: async () => {
        const { group } = await addGate(world, 'wiki');
        await call(world, 'DELETE', `/core/groups/${group}/`);
      },
      who: 'admin@example.dev /',
    },
    {
      because: 'a path is skipped that no guard excepts',
      plant: () => addGate(world, 'wiki', { provider: { skip_path_regex: '^/api/health$' } }),
      who: 'anonymous /api/health',
    },
    {
      because: 'an exception is wider than it says',
      plant: () => {
        world.guards.push({ host: WIKI, path: '/api/health', admit: { public: true } });
        return addGate(world, 'wiki', { provider: { skip_path_regex: '/api/health' } });
      },
      who: 'anonymous /api/health-beside',
    },
    {
      because: 'an exception does not say where a path begins',
      plant: () => {
        world.guards.push({ host: WIKI, path: '/api/health', admit: { public: true } });
        return addGate(world, 'wiki', { provider: { skip_path_regex: '/api/health$' } });
      },
      who: 'anonymous /above/api/health',
    },
    {
      because: 'an exception of a whole URL is found in a query',
      plant: () => {
        world.guards.push({ host: WIKI, path: '/api/health', admit: { public: true } });
        return addGate(world, 'wiki', {
          provider: {
            mode: 'forward_domain',
            external_host: 'https://auth.example.dev',
            cookie_domain: 'example.dev',
            skip_path_regex: 'https://wiki\\.example\\.dev/api/health$',
          },
        });
      },
      who: 'anonymous, query ?x=https://wiki.example.dev/api/health /',
    },
    {
      because: 'Traefik does not ask the outpost',
      plant: () => {
        world.origins = [];
        return addGate(world, 'wiki');
      },
      who: 'anonymous /',
    },
    {
      because: 'Traefik believes a visitor who names the exception',
      plant: () => {
        believing(true);
        world.guards.push({ host: WIKI, path: '/api/health', admit: { public: true } });
        return addGate(world, 'wiki', { provider: { skip_path_regex: '^/api/health$' } });
      },
      who: 'anonymous, x-forwarded-uri: /api/health /',
    },
    {
      because: "Traefik believes a visitor who names another host's exception",
      plant: async () => {
        believing(true);
        await addGate(world, 'open', { provider: { skip_path_regex: '^/all$' } });
        await addGate(world, 'wiki');
      },
      who: 'anonymous, x-forwarded-host: open.example.dev, x-forwarded-uri: /all /',
    },
    {
      because: 'Traefik believes a person who is let in elsewhere',
      plant: async () => {
        believing(true);
        await addGate(world, 'open', { members: ['jo'] });
        await addGate(world, 'wiki');
      },
      who: 'jo@example.dev, x-forwarded-host: open.example.dev /',
    },
    {
      because: 'the provider of a whole domain answers for the host',
      plant: () =>
        addGate(world, 'domain', {
          members: ['jo'],
          provider: {
            mode: 'forward_domain',
            external_host: 'https://auth.example.dev',
            cookie_domain: 'example.dev',
          },
        }),
      who: 'jo@example.dev /',
    },
    {
      because: 'a listed token is let through to an application',
      plant: async () => {
        const token = addToken(world, 'ci');
        const include = [{ service_token: { token_id: token.id } }];
        addApp(world, [WIKI], [addPolicy(world, 'non_identity', include)]);
        world.origins = [];
      },
      who: 'token ci /',
    },
  ])('catches $who, because $because', async ({ plant, who }) => {
    await plant();
    expect(caught()).toContain(who);
  });

  it('does not judge the token that checks a gate under its cover', async () => {
    const token = addToken(world, 'gates:home/probe');
    addApp(world, [WIKI], [addPolicy(world, 'non_identity', [{ service_token: { token_id: token.id } }])]);
    world.origins = [];
    expect(caught()).toEqual([]);
    world.guards = [{ host: WIKI, admit: { tokens: ['probe'] } }];
    expect(caught()).toEqual([]);
  });

  it('finds nothing if Traefik drops visitors’ claims', async () => {
    await addGate(world, 'open', { members: ['jo'], provider: { skip_path_regex: '^/all$' } });
    await addGate(world, 'wiki');
    expect(caught()).toEqual([]);
  });

  describe('in mode proxy', () => {
    /** Jo and the administrator get in. Only Jo may reach the application at `by`. */
    const onlyJo = async (by: string) => {
      setIngress(world, [{ service: 'http://authentik.lan:9000' }]);
      const provider = { mode: 'proxy', internal_host: 'http://Wiki.lan:80/' };
      await addGate(world, 'wiki', { members: ['jo', 'akadmin'], provider });
      await addGate(world, 'people', { members: ['jo'], served: false });
      const served = [{ by, admit: { groups: ['people people'] } }];
      world.guards = [{ host: WIKI, admit: { groups: ['wiki people'] }, served }];
    };

    it('catches people at the application of others, to which the outpost leads', async () => {
      await onlyJo('http://wiki.lan');
      expect(caught()).toContain('admin@example.dev /');
      expect(caught().filter((who) => !who.startsWith('admin@'))).toEqual([]);
    });

    it('catches them once the outpost leads there', async () => {
      await onlyJo('http://next.lan');
      expect(caught()).toEqual([]);
      const provider = world.authentik.providers.find(({ name }) => name === 'wiki');
      const body = { mode: 'proxy', internal_host: 'http://next.lan' };
      await call(world, 'PATCH', `/providers/proxy/${provider?.pk}/`, body);
      expect(caught()).toContain('admin@example.dev /');
    });

    it.each(['http://authentik.lan:9000', 'http://next.lan'])(
      'does not take the application for %s',
      async (by) => {
        await onlyJo(by);
        expect(caught()).toEqual([]);
      },
    );
  });

  it('checks at Authentik who may get a code, if the application itself logs people in', async () => {
    world.guards = [{ host: WIKI, client: 'wiki', admit: { groups: ['wiki people'] } }];
    world.origins = [];
    const { group } = await addGate(world, 'wiki', { members: ['jo'] });
    expect(caught()).toEqual([]);
    await call(world, 'DELETE', `/core/groups/${group}/`);
    expect(caught()).toEqual([
      'admin@example.dev /application/o/authorize/',
      'jo@example.dev /application/o/authorize/',
      'stranger@example.net /application/o/authorize/',
    ]);
    await call(world, 'PATCH', '/core/applications/wiki/', { provider: null });
    expect(caught()).toEqual([]);
  });
});
