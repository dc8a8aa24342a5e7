import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/model/config.ts';
import type { Kind } from '../../../src/core/objects/address.ts';
import type { Observation, Observed } from '../../../src/core/objects/object.ts';
import { leftCopies, type Unruled, unruled, withoutRules } from '../../../src/desired/live/cache.ts';
import { configOf } from '../sample.ts';
import { compiled, type GateName } from '../terms/compiled-service.ts';

const host = 'app.example.dev';
const ruleKind = 'cloudflare/cache-rule';

function objectOf(kind: Kind, key: string, spec: object, more: Partial<Observed> = {}): Observed {
  return { address: { kind, key }, id: key, owner: 'home', spec, attributes: {}, uses: [], ...more };
}
function seen(kind: Kind, ...objects: readonly Observed[]): Observation {
  return { kind, state: 'known', objects };
}
function unread(kind: Kind): Observation {
  return { kind, state: 'unknown', error: new Error('403: no permission') };
}

/** A live rule of the zone that names a host; those with the same id are one rule. */
function ruleOf(named: string, id: string, more: Partial<Observed> = {}): Observed {
  return objectOf(ruleKind, named, { zone: 'example.dev', host: named }, { attributes: { id }, ...more });
}
const foreignRules = (count: number) =>
  Array.from({ length: count }, (_, index) => ruleOf('', `foreign-${index}`, { owner: undefined }));
const zoneOf = (plan: string) =>
  seen('cloudflare/zone', objectOf('cloudflare/zone', 'example.dev', {}, { attributes: { plan } }));

/** A route of the host, and what else may ask at the edge. */
const routeOf = (spec: object = {}, more: Partial<Observed> = {}) =>
  seen(
    'cloudflare/ingress-rule',
    objectOf(
      'cloudflare/ingress-rule',
      `homelab/${host}`,
      { hostname: host, service: 'http://app.lan:80', ...spec },
      more,
    ),
  );
const application = (spec: object = {}) =>
  seen(
    'cloudflare/access-application',
    objectOf('cloudflare/access-application', host, { bypass: false, destinations: [host], ...spec }),
  );

function handled(gate: GateName, observations: readonly Observation[]): Unruled {
  const { service, desired } = compiled(gate, {});
  return unruled([service], desired, observations);
}
/** The way in which the host is handled, where gates may not read cache rules. */
function unreadRules(gate: GateName, ...observations: readonly Observation[]) {
  const { refusals, exposed } = handled(gate, [unread(ruleKind), ...observations]);
  return { refused: refusals.map((refusal) => refusal.host), open: [...exposed] };
}

describe('hosts without a cache rule', () => {
  it('are none where no gate needs one, where rules were not looked at, and where a rule fits', () => {
    const nothing = { refusals: [], exposed: new Set(), warnings: [] };
    expect(handled('people', [unread(ruleKind)])).toEqual(nothing);
    expect(handled('login', [])).toEqual(nothing);
    expect(handled('login', [seen(ruleKind)])).toEqual(nothing);
    expect(handled('login', [seen(ruleKind, ...foreignRules(9)), zoneOf('free')])).toEqual(nothing);
  });

  it('are refused, with the way out, if they are closed still', () => {
    const { refusals, warnings } = handled('login', [unread(ruleKind)]);
    expect(refusals).toEqual([
      {
        ...{ service: 'app', host, unread: ruleKind },
        reason:
          'cache rules could not be read: 403: no permission; Cloudflare may store a file that an admitted person fetched, and give it to anybody. Or have the origin send `Cloudflare-CDN-Cache-Control: no-store` with every answer, and say so: `cache: header`',
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it('are reported, and changed, if they are open already', () => {
    const { refusals, warnings } = handled('login', [
      unread(ruleKind),
      routeOf(),
      application({ bypass: true }),
    ]);
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining(
        'services.app: app.example.dev is open and has no cache rule: Cloudflare may store',
      ),
    ]);
  });

  it.each<{ because: string; live: readonly Observation[]; isOpen: boolean }>([
    {
      because: 'its route lets requests through',
      live: [routeOf(), application({ destinations: [] })],
      isOpen: true,
    },
    { because: 'an application opens it', live: [routeOf(), application({ bypass: true })], isOpen: true },
    {
      because: 'an application asks only at a path',
      live: [routeOf(), application({ destinations: [`${host}/admin`] })],
      isOpen: true,
    },
    { because: 'an application asks', live: [routeOf(), application()], isOpen: false },
    {
      because: 'nobody knows whether one asks',
      live: [routeOf(), unread('cloudflare/access-application')],
      isOpen: false,
    },
    {
      because: 'the edge checks a token',
      live: [
        ...[routeOf(), application({ destinations: [] })],
        seen('cloudflare/token-rule', objectOf('cloudflare/token-rule', host, {})),
      ],
      isOpen: false,
    },
    {
      because: 'its route answers 503',
      live: [routeOf({ service: 'http_status:503' }), application({ destinations: [] })],
      isOpen: false,
    },
    {
      because: 'only a path has a route',
      live: [routeOf({ path: '^/a$' }), application({ destinations: [] })],
      isOpen: false,
    },
    {
      because: 'the route is of another host',
      live: [routeOf({ hostname: 'b.example.dev' }), application({ destinations: [] })],
      isOpen: false,
    },
    {
      because: 'the route is not ours',
      live: [routeOf({}, { owner: undefined }), application({ destinations: [] })],
      isOpen: false,
    },
    {
      because: 'routes could not be read',
      live: [unread('cloudflare/ingress-rule'), application({ destinations: [] })],
      isOpen: false,
    },
  ])('count as open or not, because $because', ({ live, isOpen }) => {
    const expected = isOpen ? { refused: [], open: [host] } : { refused: [host], open: [] };
    expect(unreadRules('login', ...live)).toEqual(expected);
  });

  it('count as open with their route alone, if the edge decides and a path is released', () => {
    const { service, desired } = compiled('people', { '/health': 'open' });
    const { exposed } = unruled([service], desired, [unread(ruleKind), routeOf(), application()]);
    expect([...exposed]).toEqual([host]);
    const closed = unruled([service], desired, [unread(ruleKind), application()]);
    expect(closed.refusals.map((refusal) => refusal.host)).toEqual([host]);
  });
});

describe('the room for cache rules in a zone', () => {
  const left = (live: readonly Observed[], ...more: readonly Observation[]) =>
    handled('login', [seen(ruleKind, ...live), ...more]).refusals.map(({ reason }) => reason.split(';')[0]);

  it('ends where foreign rules take all that the plan allows', () => {
    const reason = (plan: number) =>
      `the plan of example.dev allows ${plan} cache rules, and ${plan} of them are not ours: remove some of those, or choose a larger plan`;
    expect(left(foreignRules(10), zoneOf('free'))).toEqual([reason(10)]);
    expect(left(foreignRules(10), zoneOf('pro'))).toEqual([]);
    expect(left(foreignRules(25), zoneOf('pro'))).toEqual([reason(25)]);
    expect(left(foreignRules(300), zoneOf('other'))).toEqual([]);
  });

  it('is that of the smallest plan if the zone could not be read', () => {
    expect(left(foreignRules(10), unread('cloudflare/zone'))).toHaveLength(1);
    expect(left(foreignRules(10))).toHaveLength(1);
  });

  it('is kept by a rule of ours, which names more hosts and those that leave', () => {
    const own = ruleOf('old.example.dev', 'ours');
    expect(left([...foreignRules(10), own], zoneOf('free'))).toEqual([]);
    const many = Array.from({ length: 200 }, (_, index) => ruleOf(`host-${index}.example.dev`, 'ours'));
    expect(left([...foreignRules(10), ...many], zoneOf('free'))).toHaveLength(1);
    expect(left([...foreignRules(9), ...many], zoneOf('free'))).toHaveLength(1);
    expect(left([...foreignRules(8), ...many], zoneOf('free'))).toEqual([]);
  });

  it('does not depend on rules of other zones', () => {
    const others = foreignRules(10).map((rule) => ({ ...rule, spec: { zone: 'other.dev', host: '' } }));
    expect(left(others, zoneOf('free'))).toEqual([]);
  });
});

describe('what hosts without a rule still ask for', () => {
  it('is all but the rule, and a check that waits for none', () => {
    const { desired } = compiled('login', {});
    const proof = desired.proofs.find((check) => check.host === host);
    if (proof === undefined) throw new Error('nothing checks the host');
    const { cache, ...spec } = proof.spec as { readonly cache?: unknown };
    expect(cache).toBeDefined();
    const other = { ...proof, host: 'b.example.dev' };
    const uncached = { refusals: [], exposed: new Set([host]), warnings: [] };
    const { objects, proofs } = withoutRules(uncached, desired.objects, [proof, other]);
    expect(
      desired.objects.filter((object) => !objects.includes(object)).map(({ address }) => address),
    ).toEqual([{ kind: ruleKind, key: host }]);
    expect(proofs).toEqual([{ ...proof, spec }, other]);
    const untouched = withoutRules({ ...uncached, exposed: new Set() }, desired.objects, [proof]);
    expect(untouched).toEqual({ objects: desired.objects, proofs: [proof] });
  });
});

describe('copies that may be left', () => {
  const since = '2026-11-01T00:00:00Z';
  const config: Config = configOf(
    `app: { host: ${host}, origin: app, gate: { authentik: { groups: [family] } } }
auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }`,
    `authentik: { url: "http://authentik.lan:9000" }
groups: { family: {} }`,
  );
  const named = (key: string, hours: number, owed = false) =>
    leftCopies(
      [...config.services.values()],
      [seen('cloudflare/cached-copies', objectOf('cloudflare/cached-copies', key, { since, owed }))],
      new Date(Date.parse(since) + hours * 60 * 60 * 1000),
    );

  it('are named as long as the origin decides, whenever they were made', () => {
    const what = `copies that Cloudflare stored before ${since} may be left: purge ${host} in the dashboard (Caching, Configuration, Custom Purge, Hostname), or give the token "Zone / Cache Purge"`;
    expect(named(host, 1000)).toEqual([`services.app: ${what}`]);
  });

  it('are named for a day of a host that has left the file', () => {
    expect(named('old.example.dev', 24)).toEqual([
      expect.stringMatching(/^old\.example\.dev has left the file: /),
    ]);
    expect(named('old.example.dev', 24.1)).toEqual([]);
  });

  it('are none that gates still removes, of a host whose answers may be stored, or if nobody knows', () => {
    expect(named(host, 1, true)).toEqual([]);
    expect(named('auth.example.dev', 1)).toEqual([]);
    expect(leftCopies([], [unread('cloudflare/cached-copies')], new Date(0))).toEqual([]);
    expect(leftCopies([], [], new Date(0))).toEqual([]);
  });
});
