import { beforeEach, describe, expect, it } from 'vitest';
import { VISITOR_IP } from '../../../../src/lab/sandbox/edge/view/circumstances.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { RulesetRule, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addGate } from '../authentik/gate.ts';
import { addApp, addPolicy, addRecord, guardedRule, newWorld, setIngress } from '../edge/scene.ts';

const HOST = 'app.example.dev';
const FILE = 'anonymous, from the cache /x.css';

let world: World;

beforeEach(() => {
  world = newWorld();
  world.playsCache = true;
  addRecord(world, { name: HOST });
});

function caught(): string[] {
  return [...new Set(judge(world, 7).map(({ principal, path }) => `${principal} ${path}`))].sort();
}

/** A host whose Traefik asks Authentik, which admits jo. */
async function authentikHost(responseHeaders: Record<string, string> = {}): Promise<void> {
  await addGate(world, 'app', { members: ['jo'] });
  setIngress(world, [{ hostname: HOST, service: 'http://traefik.lan' }]);
  world.origins = [
    {
      url: 'http://traefik.lan',
      kind: 'traefik',
      forwardAuth: 'all',
      trustForwarded: false,
      responseHeaders,
    },
  ];
  world.guards = [{ host: HOST, admit: { groups: ['app people'] } }];
}

function bypassRule(expression = `http.host in {"${HOST}"}`, cache = false): void {
  const rule: RulesetRule = {
    ...{ id: 'r', ref: 'r', version: '1', last_updated: '', description: '', enabled: true },
    ...{ action: 'set_cache_settings', action_parameters: { cache }, expression },
  };
  world.rulesets = [
    {
      ...{ id: 'c', zoneId: world.zones[0]?.id ?? '', phase: 'http_request_cache_settings', name: 'default' },
      ...{ description: '', version: 1, lastUpdated: '', rules: [rule] },
    },
  ];
}

describe('the oracle finds a copy that a stranger gets', () => {
  it('of a file that a person fetched through Authentik', async () => {
    await authentikHost();
    expect(caught()).toEqual([FILE]);
    expect(world.exposures).toContainEqual({
      ...{ n: 7, host: HOST, path: '/x.css', principal: 'anonymous, from the cache', servedBy: 'origin' },
    });
    world.playsCache = false;
    expect(caught()).toEqual([]);
  });

  it('not if a rule bypasses the cache, and of every page if one caches everything', async () => {
    await authentikHost();
    bypassRule();
    expect(caught()).toEqual([]);
    expect(world.edgeCache).toBeUndefined();
    bypassRule('ssl', true);
    const found = caught();
    expect(found).toEqual(expect.arrayContaining(['anonymous, from the cache /', FILE]));
    expect(found).not.toContain('anonymous /');
  });

  it('of a file that somebody fetched whom no guard admits', async () => {
    await authentikHost();
    world.guards = [{ host: HOST, admit: { groups: ['other people'] } }];
    expect(caught()).toContain(FILE);
  });

  it('not if the proxy forbids Cloudflare to cache', async () => {
    await authentikHost({ 'cloudflare-cdn-cache-control': 'no-store' });
    expect(caught()).toEqual([]);
  });

  it('of a file that was fetched while the host was public, until it is purged or expired', async () => {
    setIngress(world, [{ hostname: HOST, service: 'http://app.lan' }]);
    world.guards = [{ host: HOST, admit: { public: true } }];
    expect(caught()).toEqual([]);
    await authentikHost();
    world.authentik.users = [];
    expect(caught()).toEqual([FILE]);
    world.clockOffset += 2 * 3600_000;
    expect(caught()).toEqual([]);
  });

  it('below a path with its own guard', async () => {
    await authentikHost();
    bypassRule('http.request.uri.path eq "/x.css"');
    world.guards.push({ host: HOST, path: '/a/**', admit: { groups: ['app people'] } });
    expect(caught()).toEqual([
      'anonymous, from the cache /a/x.css',
      'token stranger, from the cache /a/x.css',
    ]);
    world.guards.push({ host: HOST, path: '/a/**', admit: { public: true } });
    world.guards.splice(1, 1);
    expect(caught()).toEqual([]);
  });

  it('at a host whose application logs people in itself', () => {
    setIngress(world, [{ hostname: HOST, service: 'http://app.lan' }]);
    world.guards = [{ host: HOST, client: 'wiki', admit: { groups: ['wiki people'] } }];
    expect(caught()).toEqual([FILE]);
    bypassRule();
    expect(caught()).toEqual([]);
  });

  it('not while Access asks before the cache, but once it asks no more', () => {
    const app = addApp(world, [HOST], [addPolicy(world, 'allow', [{ email: { email: 'me@example.dev' } }])]);
    setIngress(world, [guardedRule(HOST, app)]);
    world.guards = [{ host: HOST, admit: { emails: ['me@example.dev'] } }];
    expect(caught()).toEqual([]);
    expect(Object.keys(world.edgeCache ?? {})).toEqual([`${HOST}/x.css`]);
    world.apps = [];
    expect(caught()).toEqual([FILE]);
  });

  it('once Access lets everybody past from elsewhere than the usual network', () => {
    const policy = addPolicy(world, 'allow', [{ email: { email: 'me@example.dev' } }]);
    const app = addApp(world, [HOST], [policy]);
    setIngress(world, [guardedRule(HOST, app)]);
    world.guards = [{ host: HOST, admit: { emails: ['me@example.dev'] } }];
    expect(caught()).toEqual([]);
    policy.decision = 'bypass';
    Object.assign(policy, { include: [{ everyone: {} }], exclude: [{ ip: { ip: `${VISITOR_IP}/32` } }] });
    expect(caught()).toEqual([expect.stringMatching(/^anonymous, from [\d.]+, from the cache \/x\.css$/)]);
  });

  it('of a real origin, without leaving its own inventions there', () => {
    setIngress(world, [{ hostname: HOST, service: 'http://127.0.0.1:1' }]);
    world.guards = [{ host: HOST, client: 'wiki', admit: { groups: ['wiki people'] } }];
    expect(caught()).toEqual([FILE]);
    expect(world.edgeCache).toEqual({});
  });
});
