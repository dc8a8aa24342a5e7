import { beforeEach, describe, expect, it } from 'vitest';
import { personClaims } from '../../../../src/lab/sandbox/edge/access/access-token.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { AccessApp, IngressRule, JsonObject, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, addToken, guardedRule, newWorld, setIngress } from '../edge/scene.ts';

const HOST = 'app.example.dev';
const ME = 'me@example.dev';
const named: JsonObject[] = [{ email: { email: ME } }];
const everyone: JsonObject[] = [{ everyone: {} }];
const open: IngressRule = { hostname: HOST, service: 'http://app.lan' };

let world: World;
let app: AccessApp;

beforeEach(() => {
  world = newWorld();
  addRecord(world, { name: HOST });
  app = addApp(world, [HOST], [addPolicy(world, 'allow', named)]);
  setIngress(world, [guardedRule(HOST, app)]);
  world.guards = [{ host: HOST, admit: { emails: [ME] } }];
});

/** Each visitor who got in, with the place, once. */
function caught(): string[] {
  return [...new Set(judge(world, 7).map(({ principal, path }) => `${principal} ${path}`))].sort();
}

describe('the oracle', () => {
  it('finds nothing if the gate holds', () => {
    expect(caught()).toEqual([]);
    expect(world.exposures).toEqual([]);
  });

  it('notes an exposure with the call, the door, the principal and who answered', () => {
    world.apps = [];
    setIngress(world, [open]);
    judge(world, 7);
    expect(world.exposures).toContainEqual({
      n: 7,
      host: HOST,
      path: '/',
      principal: 'anonymous',
      servedBy: 'origin',
    });
  });

  it('knows an origin that a visitor may not reach, though the guard admits them', () => {
    const you = 'you@example.dev';
    app.policies = [
      { id: addPolicy(world, 'allow', [...named, { email: { email: you } }]).id, precedence: 1 },
    ];
    const guard = { host: HOST, admit: { emails: [ME, you] } };
    const servedBy = (by: string) => [{ ...guard, served: [{ by, admit: { emails: [ME] } }] }];
    world.guards = [guard];
    expect(caught()).toEqual([]);
    world.guards = servedBy('http://other.lan');
    expect(caught()).toEqual([]);
    world.guards = servedBy('http://app.lan:80');
    const found = caught();
    expect(found).toContain(`${you} /`);
    expect(found.filter((who) => !who.startsWith(you))).toEqual([]);
  });

  it('knows an origin for few people at a host that admits everybody', () => {
    world.apps = [];
    setIngress(world, [open]);
    const servedBy = (by: string, admit: object) => [
      { host: HOST, admit: { public: true }, served: [{ by, admit }] },
    ];
    world.guards = servedBy('http://app.lan', { emails: [ME] });
    expect(caught()).toContain('anonymous /');
    expect(caught().filter((who) => who.startsWith(ME))).toEqual([]);
    world.guards = servedBy('http://app.lan', { public: true });
    expect(caught()).toEqual([]);
    world.guards = servedBy('http://other.lan', { emails: [ME] });
    expect(caught()).toEqual([]);
  });

  it.each<{ because: string; plant: () => void; who: string }>([
    {
      because: 'the application is gone and the tunnel asks for nothing',
      plant: () => {
        world.apps = [];
        setIngress(world, [open]);
      },
      who: 'anonymous /',
    },
    {
      because: 'the record leads around the edge',
      plant: () => {
        world.records = [];
        addRecord(world, { name: HOST, type: 'A', content: '198.51.100.1', proxied: false });
      },
      who: 'anonymous /',
    },
    {
      because: 'the policy lets everybody in',
      plant: () => {
        app.policies = [{ id: addPolicy(world, 'allow', everyone).id, precedence: 1 }];
      },
      who: 'stranger@example.net /',
    },
    {
      because: 'a policy lets any token in',
      plant: () => {
        const policy = addPolicy(world, 'non_identity', [{ any_valid_service_token: {} }]);
        app.policies = [{ id: policy.id, precedence: 1 }];
      },
      who: 'token stranger /',
    },
    {
      because: 'a bypass opens a path that no guard excepts',
      plant: () => {
        addApp(world, [`${HOST}/api/*`], [addPolicy(world, 'bypass', everyone)]);
        setIngress(world, [{ ...open, path: '^/api' }, guardedRule(HOST, app)]);
      },
      who: 'anonymous /api/below',
    },
    {
      because: 'a bypass opens a path where the tunnel asks for nothing',
      plant: () => {
        addApp(world, [`${HOST}/api/*`], [addPolicy(world, 'bypass', everyone)]);
        setIngress(world, [open]);
      },
      who: 'anonymous /api/below',
    },
    {
      because: 'a rule of the tunnel leaves a path open after the application went',
      plant: () => {
        world.apps = [];
        setIngress(world, [{ ...open, path: '^/admin' }, guardedRule(HOST, app)]);
      },
      who: 'anonymous /admin',
    },
    {
      because: 'an exception is wider than it says',
      plant: () => {
        addApp(world, [`${HOST}/health*`], [addPolicy(world, 'bypass', everyone)]);
        setIngress(world, [{ ...open, path: '/health' }, guardedRule(HOST, app)]);
        world.guards.push({ host: HOST, path: '/health', admit: { public: true } });
      },
      who: 'anonymous /health-beside',
    },
    {
      because: 'an exact path belongs to its own guard and not to the subtree around it',
      plant: () => {
        addApp(world, [`${HOST}/api/*`], [addPolicy(world, 'bypass', everyone)]);
        setIngress(world, [{ ...open, path: '^/api' }, guardedRule(HOST, app)]);
        world.guards.push({ host: HOST, path: '/api/**', admit: { public: true } });
        world.guards.push({ host: HOST, path: '/api/x', admit: { emails: [ME] } });
      },
      who: 'anonymous /api/x',
    },
    {
      because: 'a person of another door is let in here',
      plant: () => {
        app.policies = [
          { id: addPolicy(world, 'allow', [{ email_domain: { domain: 'example.dev' } }]).id, precedence: 1 },
        ];
        world.guards.push({ host: 'b.example.dev', admit: { emails: ['you@example.dev'] } });
      },
      who: 'you@example.dev /',
    },
    {
      because: "the tunnel takes another application's JWT once Access is out of the way",
      plant: () => {
        const lax = addApp(world, ['lax.example.dev'], [addPolicy(world, 'allow', everyone)]);
        world.apps = world.apps.filter(({ id }) => id !== app.id);
        const access = { required: true, teamName: 'example', audTag: [app.aud, lax.aud] };
        setIngress(world, [{ ...open, originRequest: { access } }]);
      },
      who: 'stranger@example.net /',
    },
    {
      because: 'Authentik itself answers on a host that it should guard',
      plant: () => {
        world.apps = [];
        setIngress(world, [{ hostname: HOST, service: 'http://authentik.lan' }]);
      },
      who: 'anonymous /',
    },
  ])('catches $who, because $because', ({ plant, who }) => {
    plant();
    expect(caught()).toContain(who);
  });

  it('remembers who holds a session, and catches them until it is revoked', () => {
    world.sessions = [personClaims(world, app, 'left@example.dev', null)];
    expect(caught()).toContain('left@example.dev /');
    app.revokedAt = Date.now();
    expect(caught()).toEqual([]);
  });

  it.each<{ because: string; plant: () => void }>([
    {
      because: 'a public door admits anybody',
      plant: () => {
        world.guards = [{ host: HOST, admit: { public: true } }];
        world.apps = [];
        setIngress(world, [open]);
      },
    },
    {
      because: 'a host that does not resolve shows nothing',
      plant: () => {
        world.records = [];
        world.apps = [];
        setIngress(world, [open]);
      },
    },
    {
      because: 'a closing rule answers for itself',
      plant: () => {
        world.apps = [];
        setIngress(world, [{ hostname: HOST, service: 'http_status:503' }, open]);
      },
    },
    {
      because: 'the outpost sends a visitor to log in',
      plant: () => {
        world.apps = [];
        world.guards = [{ host: HOST, admit: { groups: ['admins'] } }];
        world.origins = [
          { url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'all', trustForwarded: false },
        ];
        setIngress(world, [{ hostname: HOST, service: 'http://traefik.lan' }]);
      },
    },
    {
      because: 'a public path admits anybody, and only there',
      plant: () => {
        addApp(world, [`${HOST}/public`, `${HOST}/public/*`], [addPolicy(world, 'bypass', everyone)]);
        setIngress(world, [{ ...open, path: '^/public(/.*)?$' }, guardedRule(HOST, app)]);
        world.guards.push({ host: HOST, path: '/public/**', admit: { public: true } });
      },
    },
  ])('finds nothing, because $because', ({ plant }) => {
    plant();
    expect(caught()).toEqual([]);
  });

  it('knows the tokens of a guard, by name, short name and id, and catches the others', () => {
    const ci = addToken(world, 'gates:home/ci#2');
    const other = addToken(world, 'gates:home/other');
    const policy = addPolicy(world, 'non_identity', [
      { service_token: { token_id: ci.id } },
      { service_token: { token_id: other.id } },
    ]);
    app.policies = [{ id: policy.id, precedence: 1 }];
    for (const name of ['ci', 'gates:home/ci', ci.id, ci.clientId]) {
      world.guards = [{ host: HOST, admit: { tokens: [name] } }];
      expect(caught()).toContain('token gates:home/other /');
      expect(caught()).not.toContain('token gates:home/ci#2 /');
    }
    world.guards = [{ host: HOST, admit: { tokens: ['ci', 'other'] } }];
    expect(caught()).toEqual([]);
  });
});
