import { beforeEach, describe, expect, it } from 'vitest';
import { personClaims, signClaims } from '../../../../../src/lab/sandbox/edge/access/access-token.ts';
import { login } from '../../../../../src/lab/sandbox/edge/team/login.ts';
import { viewOf } from '../../../../../src/lab/sandbox/edge/view/view.ts';
import type { AccessApp, World } from '../../../../../src/lab/sandbox/state/world.ts';
import {
  addApp,
  addPolicy,
  addRecord,
  guardedRule,
  newWorld,
  setIngress,
  visit,
  visitRaw,
} from '../scene.ts';

const HOST = 'app.example.dev';

describe('the tunnel', () => {
  let world: World;

  beforeEach(() => {
    world = newWorld();
    addRecord(world, { name: HOST });
    addRecord(world, { name: 'a.b.example.dev' });
  });

  it('answers 530 without a connector, and after its deletion', async () => {
    const [tunnel] = world.tunnels;
    setIngress(world, [{ service: 'http://app.lan' }]);
    const connectors = tunnel?.connectors ?? [];
    if (tunnel) tunnel.connectors = [];
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 530, servedBy: 'edge' });
    if (tunnel) Object.assign(tunnel, { connectors, deletedAt: '2026-01-01T00:00:00Z' });
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 530, servedBy: 'edge' });
  });

  it('answers 503 before it has a configuration, and with a local one', async () => {
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 503, servedBy: 'edge' });
    setIngress(world, [{ service: 'http://app.lan' }]);
    for (const tunnel of world.tunnels) tunnel.configSrc = 'local';
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 503, servedBy: 'edge' });
  });

  it.each([
    { rule: { hostname: HOST }, path: '/', reached: true, because: 'the hostname is equal' },
    { rule: { hostname: 'other.example.dev' }, path: '/', reached: false, because: 'it is not' },
    { rule: { hostname: '*.example.dev' }, path: '/', reached: true, because: 'a wildcard covers it' },
    { rule: {}, path: '/', reached: true, because: 'no hostname is every hostname' },
    { rule: { path: '/b' }, path: '/a/b/c', reached: true, because: 'the expression is not anchored' },
    { rule: { path: '^/b' }, path: '/a/b', reached: false, because: 'it is where it says so' },
    { rule: { path: '^/a/b$' }, path: '/a%2Fb', reached: true, because: 'the path is decoded, slashes too' },
    { rule: { path: '^/a$' }, path: '/x/../a', reached: false, because: 'dots are left alone' },
    { rule: { path: '^/a/' }, path: '/a/../b', reached: true, because: 'so a subtree may be left again' },
    { rule: { path: '^/a$' }, path: '//a', reached: false, because: 'slashes are left alone' },
    { rule: { path: '(?i)^/A$' }, path: '/a', reached: true, because: 'Go writes flags in front' },
    { rule: { path: '\\A/a\\z' }, path: '/a', reached: true, because: 'Go has anchors of its own' },
    { rule: { path: '^/[[:alpha:]]+$' }, path: '/abc', reached: true, because: 'classes have names' },
    {
      rule: { path: '^/[[:alpha:]]+$' },
      path: '/:]',
      reached: false,
      because: 'they are no sets of letters',
    },
    { rule: { path: '^/\\pL+$' }, path: '/%C3%A9', reached: true, because: 'Unicode has classes' },
    { rule: { path: '^/\\p{Greek}$' }, path: '/%CE%A9', reached: true, because: 'and scripts' },
    { rule: { path: '^/\\Qa.b\\E$' }, path: '/a.b', reached: true, because: 'text may be quoted' },
    { rule: { path: '^/\\x{61}$' }, path: '/a', reached: true, because: 'characters have numbers' },
    { rule: { path: '^/\\141$' }, path: '/a', reached: true, because: 'also in octal' },
    { rule: { path: '^/[]a]$' }, path: '/]', reached: true, because: 'a bracket in front is one of the set' },
    { rule: { path: '^/[^]a]$' }, path: '/]', reached: false, because: 'also where the set is turned round' },
    {
      rule: { path: '^/.$' },
      path: '/%0D',
      reached: true,
      because: 'a dot is any character but a line feed',
    },
    { rule: { path: '^/.$' }, path: '/%E2%80%A8', reached: true, because: 'a line separator too' },
    { rule: { path: '^/.$' }, path: '/%F0%9F%98%80', reached: true, because: 'also beyond the BMP' },
    { rule: { path: '^/.$' }, path: '/%0A', reached: false, because: 'a line feed is not' },
    { rule: { path: '^/\\s$' }, path: '/%C2%A0', reached: false, because: 'spaces are those of ASCII' },
    { rule: { path: '^/(?i:admin)' }, path: '/Admin', reached: true, because: 'a group may have flags' },
    { rule: { path: '/(?i)api' }, path: '/API', reached: true, because: 'flags may stand inside' },
    { rule: { path: '(' }, path: '/(', reached: false, because: 'what does not compile matches nothing' },
  ])('$rule at $path: $reached, because $because', async ({ rule, path, reached }) => {
    setIngress(world, [{ ...rule, service: 'http://app.lan' }]);
    const seen = await visitRaw(world, HOST, path);
    expect(seen).toMatchObject(
      reached ? { status: 200, servedBy: 'origin' } : { status: 404, servedBy: 'edge' },
    );
  });

  it.each([
    { hostname: 'bücher.example.dev', host: 'xn--bcher-kva.example.dev', reached: true, because: 'IDNA' },
    { hostname: 'BÜCHER.example.dev', host: 'xn--bcher-kva.example.dev', reached: true, because: 'IDNA' },
    {
      hostname: 'xn--bcher-kva.example.dev',
      host: 'xn--bcher-kva.example.dev',
      reached: true,
      because: 'equal',
    },
    { hostname: 'APP.Example.dev', host: HOST, reached: true, because: 'IDNA maps to lower case' },
    { hostname: '*.Example.dev', host: HOST, reached: false, because: 'IDNA knows no wildcard' },
    { hostname: '_APP.example.dev', host: '_app.example.dev', reached: false, because: 'nor underscores' },
    { hostname: '_app.example.dev', host: '_app.example.dev', reached: true, because: 'equal' },
    { hostname: `${HOST}.`, host: HOST, reached: false, because: 'a dot at the end is part of the text' },
    { hostname: HOST, host: HOST.toUpperCase(), reached: true, because: 'the edge hands on lower case' },
  ])('sends $host to a rule for $hostname: $reached ($because)', async ({ hostname, host, reached }) => {
    addRecord(world, { name: host.toLowerCase() });
    setIngress(world, [{ hostname, service: 'http://app.lan' }, { service: 'http_status:404' }]);
    expect(await visit(world, `https://${host}/`)).toMatchObject({ status: reached ? 200 : 404 });
  });

  it('matches more than one label by a wildcard, unlike Access', async () => {
    setIngress(world, [{ hostname: '*.example.dev', service: 'http://app.lan' }]);
    expect(await visit(world, 'https://a.b.example.dev/')).toMatchObject({ status: 200 });
  });

  it('uses the first matching rule, and answers statuses itself', async () => {
    setIngress(world, [
      { hostname: HOST, service: 'http_status:503' },
      { hostname: HOST, service: 'http://app.lan' },
    ]);
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 503, servedBy: 'edge' });
  });

  it('rejects a broken escape', async () => {
    setIngress(world, [{ service: 'http://app.lan' }]);
    expect(await visitRaw(world, HOST, '/%zz')).toMatchObject({ status: 400, servedBy: 'edge' });
  });

  it('runs the configuration that its connectors have loaded, not the newest one', async () => {
    world.settle = 1000;
    setIngress(world, [{ service: 'http_status:418' }], Date.now() - 5000);
    setIngress(world, [{ service: 'http://app.lan' }], Date.now());
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 418 });
    world.clockOffset = 1001;
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 200 });
  });
});

describe('access.required, without Access in front', () => {
  let world: World;
  let app: AccessApp;
  let other: AccessApp;

  beforeEach(() => {
    world = newWorld();
    addRecord(world, { name: HOST });
    const policy = addPolicy(world, 'allow', [{ everyone: {} }]);
    app = addApp(world, ['elsewhere.example.dev'], [policy]);
    other = addApp(world, ['other.example.dev'], [policy]);
    setIngress(world, [guardedRule(HOST, app)]);
  });

  async function withJwtOf(from: AccessApp): Promise<Record<string, string>> {
    return { 'Cf-Access-Jwt-Assertion': await signClaims(personClaims(world, from, 'me@example.dev', null)) };
  }

  it('rejects a visitor without a JWT, and with one of another application', async () => {
    for (const headers of [{}, await withJwtOf(other)]) {
      const seen = await visit(world, `https://${HOST}/`, headers);
      expect(seen).toMatchObject({ status: 403, servedBy: 'edge' });
    }
  });

  it('fails on a JWT that does not verify, has expired, or is of another team', async () => {
    const late = personClaims(world, app, 'me@example.dev', '1m');
    const expired = { ...late, iat: late.iat - 3600, nbf: late.nbf - 3600, exp: late.exp - 3600 };
    const tokens = [
      'x',
      await signClaims(expired),
      await signClaims({ ...late, iss: 'https://other.example' }),
    ];
    for (const token of tokens) {
      const seen = await visit(world, `https://${HOST}/`, { 'Cf-Access-Jwt-Assertion': token });
      expect(seen).toMatchObject({ status: 502, servedBy: 'edge' });
    }
  });

  it('admits the right JWT, revoked or not, since the connector cannot know', async () => {
    const headers = await withJwtOf(app);
    app.revokedAt = Date.now();
    expect(await visit(world, `https://${HOST}/`, headers)).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
  });

  it('fails on the right JWT if the rule names another team', async () => {
    setIngress(world, [
      {
        ...guardedRule(HOST, app),
        originRequest: { access: { required: true, teamName: 'wrong', audTag: [app.aud] } },
      },
    ]);
    expect(await visit(world, `https://${HOST}/`, await withJwtOf(app))).toMatchObject({ status: 502 });
  });

  it('has no effect when it is false, or outside the rules', async () => {
    const tunnel = world.tunnels[0];
    setIngress(world, [
      {
        hostname: HOST,
        service: 'http://app.lan',
        originRequest: { access: { teamName: 'example', audTag: [app.aud] } },
      },
    ]);
    const config = tunnel?.versions.at(-1)?.config;
    if (config) config.originRequest = { access: { required: true, teamName: 'example', audTag: [app.aud] } };
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 200 });
  });

  it('rejects a session of another application even when Access itself admitted it', async () => {
    addApp(world, [HOST], [addPolicy(world, 'allow', [{ everyone: {} }])]);
    const front = world.apps.at(-1) ?? app;
    const claims = login(viewOf(world), front, 'me@example.dev');
    const raw = claims ? await signClaims(claims) : '';
    const seen = await visit(world, `https://${HOST}/`, { cookie: `CF_Authorization=${raw}` });
    expect(seen).toMatchObject({ status: 403, servedBy: 'edge' });
  });
});
