import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Service } from '../../../src/config/model/config.ts';
import type { Desired } from '../../../src/core/objects/object.ts';
import { compile } from '../../../src/desired/compile.ts';
import { doorAt, doorKey, doorsOf, isAccessGate, isCallGate } from '../../../src/desired/terms/doors.ts';
import { edges, loggedIn, reachesOrigin } from '../request-model.ts';
import { configOf } from '../sample.ts';

const gates = {
  people: '{ cloudflare: { emails: [me@example.dev] } }',
  machine: '{ serviceToken: { tokens: [ci] } }',
  open: '{ public: { reason: test } }',
  login: '{ authentik: { groups: [admins] } }',
  proxy: '{ authentik: { mode: proxy, groups: [admins] } }',
  domain: '{ authentik: { mode: domain } }',
  calls: '{ webhook: { actions: [reconcile], secret: { env: SECRET } } }',
};
type GateName = keyof typeof gates;

interface Compiled {
  readonly service: Service;
  readonly desired: Desired;
}

function compiled(host: GateName, paths: Readonly<Record<string, GateName>>): Compiled {
  const entries = Object.entries(paths).map(([path, gate]) => `${path}: ${gates[gate]}`);
  const text = `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
app: { host: app.example.dev, origin: app, gate: ${gates[host]}, paths: { ${entries.join(', ')} } }`;
  const config = configOf(
    text,
    `authentik: { url: "http://authentik.lan:9000", domains: { example.dev: { groups: [admins] } } }
groups: { admins: {} }`,
  );
  const service = config.services.get('app');
  if (service === undefined) throw new Error('the file of this test has no service');
  return { service, desired: compile(config) };
}

/**
 * The visitors to try: one whom nobody admits, one who is logged in at Authentik, and for each door of Access one whom
 * only that door admits.
 */
function visitorsOf({ service }: Compiled): readonly (string | undefined)[] {
  return [
    undefined,
    loggedIn,
    ...doorsOf(service)
      .filter(({ gate }) => isAccessGate(gate))
      .map(doorKey),
  ];
}

/** True if the file admits the visitor to the door at the path. */
function isAdmitted({ service }: Compiled, raw: string, visitor: string | undefined): boolean {
  const door = doorAt(service, raw);
  if (door === 'refused') return false;
  if (door.gate.type === 'authentik') return visitor === loggedIn;
  // No visitor here has signed anything, and none of these paths is for calls.
  if (isCallGate(door.gate)) return false;
  return !isAccessGate(door.gate) || doorKey(door) === visitor;
}

describe('a request comes to', () => {
  const guarded = compiled('people', {
    '/public/**': 'open',
    '/public/keys/**': 'machine',
    '/health': 'open',
  });
  const open = compiled('open', { '/admin/**': 'people', '/admin/health': 'open' });
  const shut = compiled('people', { '/public/**': 'open' });
  const asked = compiled('login', { '/public/**': 'open', '/health': 'open' });

  it.each([
    { of: shut, raw: '/', door: '', because: 'nothing else is said of it' },
    { of: shut, raw: '/public/a', door: '/public', because: 'it is below' },
    { of: shut, raw: '/public/../admin', door: '', because: 'what is not plain is the host’s' },
    { of: shut, raw: '/public/%2e%2e/admin', door: '', because: 'encoded dots are dots' },
    { of: shut, raw: '/public/%252e%252e/admin', door: '', because: 'somebody may decode twice' },
    { of: shut, raw: '/public/..;/admin', door: '', because: 'somebody may drop parameters' },
    { of: shut, raw: '/public%2Fa', door: '', because: 'the edge sees no path below /public' },
    { of: shut, raw: '/public/a%2Fb', door: '/public', because: 'both readings are below' },
    { of: shut, raw: '/Public/a', door: '', because: 'an open path is open as it is written' },
    { of: shut, raw: '/%zz', door: 'refused', because: 'the tunnel cannot read it' },
    { of: guarded, raw: '/health', door: '/health', because: 'it is the path' },
    { of: guarded, raw: '/health/', door: '', because: 'exact means exact' },
    { of: guarded, raw: '/public/keys', door: '/public/keys', because: 'the longest wins' },
    { of: guarded, raw: '/public/Keys/1', door: '/public/keys', because: 'a guarded path has any case' },
    { of: guarded, raw: '/public/keys%2F1', door: 'refused', because: 'the readings differ, one is guarded' },
    { of: guarded, raw: '/public//keys', door: 'refused', because: 'the origin may merge the slashes' },
    { of: asked, raw: '/public%2Fa', door: '/public', because: 'the outpost decodes as the tunnel does' },
    {
      of: compiled('domain', { '/public/**': 'open' }),
      raw: '/public%2Fa',
      door: '',
      because: 'the outpost of a domain sees what was sent',
    },
    { of: asked, raw: '/health/', door: '', because: 'exact means exact' },
    { of: asked, raw: '/public/%2e%2e/admin', door: '', because: 'what is not plain is the host’s' },
    { of: asked, raw: '/public//a', door: '', because: 'what is not plain is asked for' },
    { of: asked, raw: '/Public/a', door: '', because: 'an open path is open as it is written' },
    { of: open, raw: '/docs', door: '', because: 'nothing else is said of it' },
    { of: open, raw: '/ADMIN/', door: '/admin', because: 'a guarded path has any case' },
    { of: open, raw: '/admin/health', door: '/admin/health', because: 'the longest wins' },
    { of: open, raw: '/docs/..%2Fadmin', door: 'refused', because: 'the origin may find /admin there' },
  ])('$raw: “$door”, because $because', ({ of, raw, door }) => {
    const found = doorAt(of.service, raw);
    expect(found === 'refused' ? found : (found.path?.prefix ?? '')).toBe(door);
  });
});

const ofPath = fc.constantFrom<GateName>('people', 'machine', 'open');
const gate = fc.constantFrom<GateName>('people', 'machine', 'open', 'login', 'proxy', 'domain', 'calls');
const prefixes = ['/a', '/a/b', '/a/b/c', '/ab', '/b', '/b/a'];
const paths = fc
  .uniqueArray(fc.record({ prefix: fc.constantFrom(...prefixes), subtree: fc.boolean(), gate: ofPath }), {
    selector: ({ prefix }) => prefix,
    maxLength: 4,
  })
  .map((all) =>
    Object.fromEntries(all.map(({ prefix, subtree, gate }) => [subtree ? `${prefix}/**` : prefix, gate])),
  );
const plainPath = fc.array(fc.constantFrom('a', 'b', 'c', 'ab', 'x'), { maxLength: 4 });
const piece = fc.constantFrom(
  ...[
    '/a',
    '/b',
    '/c',
    '/A',
    '/x',
    '/',
    '//',
    '/..',
    '/.',
    '/..;',
    '%2F',
    '%2f',
    '/%2e%2e',
    '%5C',
    '\\',
    '%25',
  ],
  ...['%252e%252e', '%2561', ';x', '.', '%20', '%00', '%C3%B6', '%61'],
);
const oddPath = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((parts) => `/${parts.join('').replace(/^\//, '')}`);

describe('the compiled objects together', () => {
  it('never admit anybody whom the file does not admit, however the path is spelled', () => {
    fc.assert(
      fc.property(
        gate,
        paths,
        fc.array(oddPath, { minLength: 20, maxLength: 20 }),
        (host, exceptions, requests) => {
          const file = compiled(host, exceptions);
          for (const raw of requests) {
            for (const visitor of visitorsOf(file).filter((item) => !isAdmitted(file, raw, item))) {
              const through = edges.filter((edge) => reachesOrigin(file.desired, raw, visitor, edge));
              expect({ raw, visitor, through }).toEqual({ raw, visitor, through: [] });
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('admit everybody whom the file admits, if the path is plain', () => {
    fc.assert(
      fc.property(
        gate,
        paths,
        fc.array(plainPath, { minLength: 20, maxLength: 20 }),
        (host, exceptions, requests) => {
          const file = compiled(host, exceptions);
          fc.pre(file.desired.refusals.length === 0);
          for (const segments of requests) {
            const raw = `/${segments.join('/')}`;
            for (const visitor of visitorsOf(file).filter((item) => isAdmitted(file, raw, item))) {
              const shut = edges.filter((edge) => !reachesOrigin(file.desired, raw, visitor, edge));
              expect({ raw, visitor, shut }).toEqual({ raw, visitor, shut: [] });
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
