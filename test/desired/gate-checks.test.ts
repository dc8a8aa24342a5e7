import { describe, expect, it } from 'vitest';
import type { CheckRequest } from '../../reconcilers/edge/finding.ts';
import type { Config, Service } from '../../src/config/model/config.ts';
import type { GateCheck } from '../../src/core/objects/object.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { checkRequestsAt, gateChecksOf } from '../../src/desired/gate-checks.ts';
import { doorAt } from '../../src/desired/terms/doors.ts';
import { configOf } from './sample.ts';

/** A file with a host behind the outpost, with these exceptions. */
function fileWith(
  paths: Readonly<Record<string, string>> = {},
  gate = '{ authentik: { groups: [admins] } }',
): Config {
  const entries = Object.entries(paths).map(([path, of]) => `${path}: ${of}`);
  return configOf(
    `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
app: { host: app.example.dev, origin: app, gate: ${gate}, paths: { ${entries.join(', ')} } }
docs: { host: docs.example.dev, origin: app, gate: { public: { reason: test } } }`,
    'authentik: { url: "http://authentik.lan:9000" }\ngroups: { admins: {} }',
  );
}

function serviceOf(config: Config, name = 'app'): Service {
  const service = config.services.get(name);
  if (service === undefined) throw new Error(`the file of this test has no service ${name}`);
  return service;
}

const open = '{ public: { reason: test } }';
const machine = '{ serviceToken: { tokens: [ci] } }';
const at = (paths: Readonly<Record<string, string>>): readonly CheckRequest[] =>
  checkRequestsAt(serviceOf(fileWith(paths)));
const pathsOf = (looks: readonly CheckRequest[]) =>
  looks.filter(({ headers }) => headers === undefined).map(({ path }) => path);
const headersOf = (looks: readonly CheckRequest[]) =>
  looks.flatMap(({ headers }) => (headers === undefined ? [] : [headers]));

describe('the requests of a proof', () => {
  it('are for the host itself if Access asks: no path of it has another door', () => {
    const gate = '{ cloudflare: { emails: [me@example.dev] } }';
    expect(checkRequestsAt(serviceOf(fileWith({ '/public/**': open }, gate)))).toEqual([{ path: '/' }]);
  });

  it('are a call of an action and a push if the daemon asks: at paths that have no other gate', () => {
    const gate = '{ webhook: { actions: [reconcile, sync-jwks], secret: { env: SECRET } } }';
    const calls = (paths: Readonly<Record<string, string>>) =>
      checkRequestsAt(serviceOf(fileWith(paths, gate)));
    expect(calls({})).toEqual([
      { path: '/' },
      { path: '/hooks/actions/reconcile', method: 'POST' },
      { path: '/hooks/git', method: 'POST' },
    ]);
    expect(calls({ '/hooks/actions/reconcile': machine, '/hooks/git': machine })).toEqual([
      { path: '/' },
      { path: '/hooks/actions/sync-jwks', method: 'POST' },
    ]);
    expect(calls({ '/hooks/**': machine })).toEqual([{ path: '/' }]);
  });

  it('are for an operation without a token and with garbage in each place, and claim to have a token', () => {
    const gate =
      '{ jwt: { at: origin, keys: { url: "https://keys.example.net/jwks" }, audience: api, from: [ { header: authorization }, { cookie: t } ], operations: ["GET /v1/{id}"] } }';
    const looks = checkRequestsAt(serviceOf(fileWith({}, gate)));
    expect(looks).toEqual([
      { path: '/' },
      { path: '/v1/gates-probe' },
      { path: '/v1/gates-probe', headers: { authorization: 'Bearer gates-probe' } },
      { path: '/v1/gates-probe', headers: { cookie: 't=gates-probe' } },
      { path: '/gates-probe', headers: { 'X-Forwarded-Host': 'gates-probe.invalid' } },
      { path: '/gates-probe', headers: { 'X-Forwarded-Method': 'OPTIONS' } },
      { path: '/gates-probe', headers: { 'X-Forwarded-Uri': '/v1/gates-probe' } },
    ]);
  });

  it('begin with the host itself, since what guards it guards the rest', () => {
    expect(at({ '/api/health': open })[0]).toEqual({ path: '/' });
  });

  it('have the headers that a stranger may send, even without an exception', () => {
    const looks = at({});
    expect(pathsOf(looks.filter(({ outpost }) => outpost !== true))).toEqual(['/']);
    expect(headersOf(looks)).toEqual([
      { 'X-Forwarded-Host': 'gates-probe.invalid' },
      { 'X-Forwarded-Method': 'OPTIONS' },
      { 'X-Original-URI': '/outpost.goauthentik.io/gates-probe' },
    ]);
    expect(looks.every(({ path, headers }) => headers === undefined || path === '/')).toBe(true);
  });

  it('lead out of the path that the outpost claims for itself, even without an exception', () => {
    expect(at({}).filter(({ outpost }) => outpost === true)).toEqual([
      { path: '/outpost.goauthentik.io/../gates-probe', outpost: true },
      { path: '/outpost.goauthentik.io%2F..%2Fgates-probe', outpost: true, encoded: true },
    ]);
  });

  it('use the name of each exception: exactly, and below a subtree', () => {
    expect(headersOf(at({ '/api/health': open, '/public/**': open, '/hook/**': machine }))).toEqual(
      expect.arrayContaining([
        { 'X-Forwarded-Uri': '/api/health' },
        { 'X-Forwarded-Uri': '/public/x' },
        { 'X-Forwarded-Uri': '/hook/x' },
      ]),
    );
  });

  it.each([
    { because: 'a longer name is another path', path: '/api/healthz' },
    { because: 'the outpost compares by letter', path: '/API/HEALTH' },
    { because: 'dots lead out again', path: '/api/health/../gates-probe' },
    { because: 'an encoded slash is none to everybody', path: '/api%2Fhealth' },
    { because: 'encoded dots lead out for whoever decodes', path: '/api/health%2F..%2Fgates-probe' },
  ])('include paths next to an exact exception: $because', ({ path }) => {
    expect(pathsOf(at({ '/api/health': open }))).toContain(path);
  });

  it('mark what the origin may refuse for its spelling', () => {
    const looks = at({ '/public/**': open, '/api/health': open });
    expect(looks.filter(({ encoded }) => encoded === true).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/public%2Fgates-probe', '/api%2Fhealth']),
    );
    expect(looks.filter(({ path, encoded }) => encoded === undefined && path.includes('%2F'))).toEqual([]);
  });

  it('use no spelling that only the outpost decodes, if the outpost itself forwards the request', () => {
    const config = fileWith({ '/api/health': open }, '{ authentik: { mode: proxy, groups: [admins] } }');
    const looks = checkRequestsAt(serviceOf(config));
    expect(pathsOf(looks)).not.toContain('/api%2Fhealth');
    expect(headersOf(looks)).toEqual([]);
    expect(looks.filter(({ outpost }) => outpost === true)).toEqual([]);
  });

  it('never match an exception itself', () => {
    const config = fileWith({ '/a/**': open, '/a/inner': machine, '/az': open, '/A': open });
    const service = serviceOf(config);
    const paths = checkRequestsAt(service)
      .filter(({ headers, encoded }) => headers === undefined && encoded === undefined)
      .map(({ path }) => path);
    expect(paths).not.toContain('/az');
    expect(paths).not.toContain('/A');
    for (const path of paths) {
      const door = doorAt(service, path);
      expect(door === 'refused' ? path : door.path).toBeUndefined();
    }
  });

  it('never match an exception around it, even if somebody decodes its slashes and resolves its dots', () => {
    const paths = pathsOf(at({ '/api/**': open, '/api/v1/**': open }));
    expect(paths.filter((path) => path.startsWith('/api/v1'))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(['/api/../gates-probe', '/api%2F..%2Fgates-probe']));
  });

  it('avoid paths that the tunnel refuses: on a host with a path behind Access, all paths that are not plain', () => {
    const paths = pathsOf(at({ '/hook/**': machine, '/public/**': open }));
    expect(paths.filter((path) => /%2F\.\.|\.\./.test(path))).toEqual([]);
    expect(paths.filter((path) => path.startsWith('/hook%2F'))).toEqual([]);
    expect(paths).toContain('/publicz');
  });
});

describe('the proofs of a file', () => {
  const made = () => {
    const config = fileWith({ '/api/health': open });
    const { proofs, objects } = gateChecksOf([...config.services.values()], config);
    return { config, objects, proofs: proofs as readonly [GateCheck] };
  };

  it('are for the gates that gates can check, and no others', () => {
    expect(made().proofs.map(({ host }) => host)).toEqual(['app.example.dev']);
  });

  it('name the expected answer, the objects of the gate, and its services', () => {
    const [proof] = made().proofs;
    expect(proof).toMatchObject({
      address: { kind: 'edge/proof', key: 'app.example.dev' },
      step: 'prove',
      because: 'services.app',
      spec: {
        expect: {
          type: 'authentik',
          login: 'https://auth.example.dev',
          clientId: ref('authentik/proxy-provider:app-example-dev', '{clientId}'),
          callback: 'app.example.dev',
        },
      },
    });
    expect(proof.needs).toContain('authentik/provider-link:app-example-dev');
  });

  it('cover the complete host with an application that admits the probe alone', () => {
    const [proof] = made().proofs;
    expect(proof.cover).toMatchObject({
      address: { kind: 'cloudflare/access-application', key: 'app.example.dev' },
      spec: {
        destinations: ['app.example.dev'],
        policies: [ref('cloudflare/access-policy:probe')],
        bypass: false,
        waysAround: [],
      },
      needs: ['cloudflare/access-tag:gates-home'],
      because: 'services.app',
    });
  });

  it('come with the token of the probe and a policy that admits nothing else', () => {
    const { objects } = made();
    expect(objects.map(({ address: { kind, key } }) => `${kind}:${key}`)).toEqual([
      'cloudflare/service-token:probe',
      'cloudflare/access-policy:probe',
    ]);
    expect(objects[1]?.spec).toMatchObject({
      decision: 'non_identity',
      include: [{ service_token: { token_id: ref('cloudflare/service-token:probe') } }],
      require: [],
      exclude: [],
    });
  });

  it('need no token if nothing is covered', () => {
    const { config } = made();
    expect(gateChecksOf([serviceOf(config, 'docs')], config)).toEqual({ proofs: [], objects: [] });
  });
});
