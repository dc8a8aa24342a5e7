import { describe, expect, it } from 'vitest';
import {
  type CheckRequest,
  describeFinding,
  type EdgeFinding,
  type Expectation,
  findingOn,
  findingOnOpen,
} from '../../../reconcilers/edge/finding.ts';
import type { EdgeVerdict, LoginRequest } from '../../../reconcilers/edge/reading/verdict.ts';

const ours: LoginRequest = {
  login: 'https://auth.example.dev',
  clientId: 'ours',
  callback: 'grafana.example.dev',
};
const authentik: Expectation = { type: 'authentik', ...ours };
const access: Expectation = { type: 'access', audience: 'aud1' };

const told = (finding: EdgeFinding | undefined) => finding && describeFinding(finding);
const root: CheckRequest = { path: '/' };
const beside: CheckRequest = { path: '/api/healthz' };
const outOfOutpost: CheckRequest = { path: '/outpost.goauthentik.io/../gates-probe', outpost: true };
const spoofed = (header: string, value: string): CheckRequest => ({
  path: '/',
  headers: { [header]: value },
});
const login = (wrong: Partial<LoginRequest> = {}): EdgeVerdict => ({
  by: 'authentik',
  request: { ...ours, ...wrong },
});

describe('a gate is confirmed when', () => {
  it.each<{ because: string; look?: CheckRequest; verdict: EdgeVerdict; expected: Expectation }>([
    { because: 'the outpost asks for our own application', verdict: login(), expected: authentik },
    {
      because: 'it asks so beside an exception too',
      look: beside,
      verdict: login(),
      expected: authentik,
    },
    {
      because: 'it asks so whatever a stranger claims',
      look: spoofed('X-Forwarded-Uri', '/api/health'),
      verdict: login(),
      expected: authentik,
    },
    {
      because: 'the origin refuses a spelling that the outpost would take for an exception',
      look: { path: '/api%2Fhealth', encoded: true },
      verdict: { by: 'application', status: 400 },
      expected: authentik,
    },
    {
      because: 'the outpost itself answers what begins as a path of its own',
      look: outOfOutpost,
      verdict: { by: 'no-application' },
      expected: authentik,
    },
    {
      because: 'or somebody resolves its dots and has the visitor ask again',
      look: outOfOutpost,
      verdict: { by: 'loop' },
      expected: authentik,
    },
    {
      because: 'or refuses them',
      look: outOfOutpost,
      verdict: { by: 'application', status: 400 },
      expected: authentik,
    },
    {
      because: 'a login of ours still asks, that goes once the new one stands',
      verdict: login({ clientId: 'before' }),
      expected: { ...authentik, leaving: [{ ...ours, clientId: 'before' }] },
    },
    {
      because: 'our Access application shows its login',
      verdict: { by: 'access-login', audience: 'aud1' },
      expected: access,
    },
    {
      because: 'our Access application refuses',
      verdict: { by: 'access-refusal', audience: 'aud1', status: 403 },
      expected: access,
    },
  ])('$because', ({ look = root, verdict, expected }) => {
    expect(findingOn(look, verdict, expected)).toBeUndefined();
  });
});

interface Row {
  readonly because: string;
  readonly look?: CheckRequest;
  readonly verdict: EdgeVerdict;
  readonly weight: EdgeFinding['weight'];
  /** The answer, and then what to do. */
  readonly says: readonly [answered: string | RegExp, advice: string | RegExp];
}

const atOutpost: readonly Row[] = [
  {
    because: 'a bot challenge stops the probe and needs a person',
    verdict: { by: 'challenge' },
    weight: 'person',
    says: ['GET / met the bot challenge', 'IP Access rule'],
  },
  {
    because: 'a block is by a rule of the zone',
    verdict: { by: 'block', status: 403 },
    weight: 'passing',
    says: ['GET / was refused with 403', 'a WAF rule'],
  },
  {
    because: 'Access refuses while the cover does not know the probe',
    verdict: { by: 'access-refusal', audience: 'aud1', status: 403 },
    weight: 'passing',
    says: ['was refused by Access', 'the cover does not admit the probe'],
  },
  {
    because:
      'Access asks people where Authentik should: two logins; one that was there a moment ago may be gone soon',
    verdict: { by: 'access-login', audience: 'aud9' },
    weight: 'passing',
    says: ['was sent to the login of Access', 'people would log in twice'],
  },
  {
    because: 'the login of another provider is not ours, however alike it looks',
    verdict: login({ clientId: 'theirs' }),
    weight: 'passing',
    says: ['another application of Authentik (client theirs)', 'another provider answers for the host'],
  },
  {
    because: 'people would be sent to a place that is not the login host',
    verdict: login({ login: 'http://authentik.lan:9000' }),
    weight: 'passing',
    says: ['http://authentik.lan:9000 to log in, not to https://auth.example.dev', '`authentik_host`'],
  },
  {
    because: 'people would come back to another host',
    verdict: login({ callback: 'old.example.dev' }),
    weight: 'passing',
    says: ['come back to old.example.dev from the login, not to grafana.example.dev', 'external host'],
  },
  {
    because: 'the login page of the application itself: it was reached',
    verdict: { by: 'redirect', location: '/login' },
    weight: 'open',
    says: ['was redirected to /login', 'send the host through the outpost'],
  },
  {
    because: 'the application answers: the middleware is missing',
    verdict: { by: 'application', status: 200 },
    weight: 'open',
    says: ['got through to the application (200)', '`gates outputs --format traefik`'],
  },
  {
    because: 'a Traefik without a router for the host says 404',
    verdict: { by: 'application', status: 404 },
    weight: 'open',
    says: ['got through to the application (404)', 'has no router for the host'],
  },
  {
    because: 'beside an exception it is not the whole middleware that is missing',
    look: beside,
    verdict: { by: 'application', status: 200 },
    weight: 'open',
    says: ['GET /api/healthz got through', 'as if it were an exception'],
  },
  {
    because: 'a claimed path that is believed opens the host to whoever claims it',
    look: spoofed('X-Forwarded-Uri', '/api/health'),
    verdict: { by: 'application', status: 200 },
    weight: 'open',
    says: ['GET / with X-Forwarded-Uri: /api/health got through', 'drop the header before the forward-auth'],
  },
  {
    because: 'it was believed also where the application answers with its own login',
    look: spoofed('X-Forwarded-Method', 'OPTIONS'),
    verdict: { by: 'redirect', location: '/login' },
    weight: 'open',
    says: ['with X-Forwarded-Method: OPTIONS was redirected', "a client's X-Forwarded-Method"],
  },
  {
    because: 'a claimed host that is believed shows in the way back',
    look: spoofed('X-Forwarded-Host', 'gates-probe.invalid'),
    verdict: login({ callback: 'gates-probe.invalid' }),
    weight: 'open',
    says: ['come back to gates-probe.invalid', "a client's X-Forwarded-Host"],
  },
  {
    because: 'or in an outpost that does not know it',
    look: spoofed('X-Forwarded-Host', 'gates-probe.invalid'),
    verdict: { by: 'no-application' },
    weight: 'open',
    says: ['knows no application', "a client's X-Forwarded-Host"],
  },
  {
    because: 'or in an origin that can do nothing with what that outpost says',
    look: spoofed('X-Forwarded-Host', 'gates-probe.invalid'),
    verdict: { by: 'origin-error', status: 500 },
    weight: 'passing',
    says: ['was answered with 500', "a client's X-Forwarded-Host"],
  },
  {
    because: 'what leads out of the path of the outpost is no path of its own',
    look: outOfOutpost,
    verdict: { by: 'application', status: 404 },
    weight: 'open',
    says: ['got through to the application (404)', 'its own path'],
  },
  {
    because: 'nor is it where the application answers with its own login',
    look: outOfOutpost,
    verdict: { by: 'redirect', location: '/login' },
    weight: 'open',
    says: ['was redirected to /login', 'send the host through the outpost'],
  },
  {
    because: 'an outpost that does not know the host at all is only late',
    verdict: { by: 'no-application' },
    weight: 'passing',
    says: ['knows no application for the host', 'has not loaded the provider yet'],
  },
  {
    because: 'an origin that cannot ask the outpost is not open',
    verdict: { by: 'origin-error', status: 500 },
    weight: 'passing',
    says: ['was answered with 500 by the origin', 'could not ask the outpost'],
  },
  {
    because: 'a tunnel without a connector may come back',
    verdict: { by: 'edge-error', status: 530 },
    weight: 'passing',
    says: ["Cloudflare's error 530", 'start cloudflared'],
  },
  {
    because: '503 is that of a closed host',
    verdict: { by: 'closed' },
    weight: 'passing',
    says: ['was answered with 503', 'closed still'],
  },
  {
    because: 'a redirect to https by the origin never ends',
    verdict: { by: 'loop' },
    weight: 'person',
    says: ['redirected to where it came from', 'X-Forwarded-Proto: https'],
  },
  {
    because: 'the start of a login has to lead to one',
    verdict: { by: 'authentik-start', path: '/outpost.goauthentik.io/start' },
    weight: 'passing',
    says: ['leads nowhere', 'log of the outpost'],
  },
  {
    because: 'an answer from elsewhere may be the last of the record before',
    verdict: { by: 'elsewhere' },
    weight: 'passing',
    says: ['was not answered by Cloudflare', 'GATES_PROBE_EDGE'],
  },
];

const atAccess: readonly Row[] = [
  {
    because: 'another application of Access is not ours',
    verdict: { by: 'access-login', audience: 'aud9' },
    weight: 'passing',
    says: ['another application of Access than ours', 'take the host out of it'],
  },
  {
    because: 'one that does not say which it is is not ours either',
    verdict: { by: 'access-refusal', audience: undefined, status: 403 },
    weight: 'passing',
    says: ['another application of Access than ours', 'remove that'],
  },
  {
    because: 'the application answers',
    verdict: { by: 'application', status: 200 },
    weight: 'open',
    says: ['got through Access to the application (200)', 'a bypass policy'],
  },
  {
    because: 'it answers also where it fails',
    verdict: { by: 'origin-error', status: 500 },
    weight: 'open',
    says: ['got through Access to the application (500)', 'a bypass policy'],
  },
  {
    because: 'it answers also with a login of its own',
    verdict: { by: 'redirect', location: '/login' },
    weight: 'open',
    says: ['the application, which redirects to /login', 'a bypass policy'],
  },
  {
    because: 'a redirect to https is the answer of what stands behind Access',
    verdict: { by: 'loop' },
    weight: 'open',
    says: ['redirects to where it came from', 'a bypass policy'],
  },
  {
    because: 'the login of Authentik stands behind Access',
    verdict: login(),
    weight: 'open',
    says: ['got through Access to Authentik', 'a bypass policy'],
  },
  {
    because: 'so does an outpost that knows nothing',
    verdict: { by: 'no-application' },
    weight: 'open',
    says: ['got through Access to Authentik', 'a bypass policy'],
  },
  {
    because: 'cloudflared, which demands a token, lets nobody through',
    verdict: { by: 'block', status: 403 },
    weight: 'passing',
    says: ['was refused with 403', 'the tunnel does not run the newest rules'],
  },
];

const call: CheckRequest = { path: '/hooks/actions/reconcile', method: 'POST' };
const hooks: Expectation = { type: 'hooks', within: '^/hooks/git$' };

const atHooks: readonly Row[] = [
  {
    because: 'an application takes a call that nobody signed',
    look: call,
    verdict: { by: 'application', status: 202 },
    weight: 'open',
    says: [
      'POST /hooks/actions/reconcile without a signature got through to the application (202)',
      'GATES_',
    ],
  },
  {
    because: 'it sends the call elsewhere',
    look: call,
    verdict: { by: 'redirect', location: '/login' },
    weight: 'open',
    says: ['got through to an application, which redirects', 'another program'],
  },
  {
    because: 'Authentik takes it',
    look: call,
    verdict: { by: 'no-application' },
    weight: 'open',
    says: ['got through to Authentik', 'another program'],
  },
  {
    because: 'a program that refuses by itself is not the listener: it may take another call',
    look: call,
    verdict: { by: 'block', status: 401 },
    weight: 'passing',
    says: ['refused with 401, and not by the hooks listener', 'the origin is another program'],
  },
  {
    because: 'the daemon has no such file yet',
    look: call,
    verdict: { by: 'application', status: 404 },
    weight: 'passing',
    says: ['answered with 404', 'has not applied a file with a webhook gate yet'],
  },
  {
    because: 'another rule of the tunnel leads all else somewhere',
    verdict: { by: 'application', status: 200 },
    weight: 'open',
    says: ['GET / got through to the application, though nothing but calls should', 'another rule'],
  },
  {
    because: 'it leads all else to a login',
    verdict: login(),
    weight: 'open',
    says: ['GET / got through to Authentik', 'another rule'],
  },
  {
    because: 'it leads all else to the listener as well',
    verdict: { by: 'hooks' },
    weight: 'open',
    says: ['GET / got through to the hooks listener', 'another rule'],
  },
  {
    because: 'it redirects all else',
    verdict: { by: 'loop' },
    weight: 'open',
    says: ['GET / got through to an application, which redirects', 'another rule'],
  },
  {
    because: 'something refuses all else, where nothing should be',
    verdict: { by: 'block', status: 403 },
    weight: 'passing',
    says: ['refused with 403, and not by the tunnel', 'a WAF rule'],
  },
  {
    because: 'the origin fails',
    look: call,
    verdict: { by: 'origin-error', status: 500 },
    weight: 'passing',
    says: ['answered with 500 by the origin', 'look at its log'],
  },
  {
    because: 'the cover does not know the probe yet',
    verdict: { by: 'access-refusal', audience: 'aud1', status: 403 },
    weight: 'passing',
    says: ['was refused by Access', 'the cover does not admit'],
  },
  {
    because: 'another application of Access asks',
    verdict: { by: 'access-login', audience: 'aud9' },
    weight: 'passing',
    says: ['was sent to the login of Access', 'another Access application'],
  },
  {
    because: 'the host is closed still',
    verdict: { by: 'closed' },
    weight: 'passing',
    says: ['answered with 503', 'closed still'],
  },
];

const bearers: Expectation = { type: 'verify', host: 'api.example.dev' };
const claiming: CheckRequest = { path: '/x', headers: { 'X-Forwarded-Uri': '/v1' } };
const judgedAs = (asked: string, of = 'api.example.dev'): EdgeVerdict => ({ by: 'verify', host: of, asked });

const atVerify: readonly Row[] = [
  {
    because: 'nobody asks before the application answers',
    verdict: { by: 'application', status: 404 },
    weight: 'open',
    says: ['GET / without a token got through to the application (404)', 'gates outputs --format traefik'],
  },
  {
    because: 'the application redirects',
    verdict: { by: 'redirect', location: '/login' },
    weight: 'open',
    says: ['got through to the application, which redirects', 'does not ask'],
  },
  {
    because: 'the hooks listener answers',
    verdict: { by: 'hooks' },
    weight: 'open',
    says: ['got through to the hooks listener', 'does not ask'],
  },
  {
    because: 'the middleware names another host',
    verdict: judgedAs('GET /', 'other.example.dev'),
    weight: 'open',
    says: ['judged as a request for other.example.dev', 'names another host'],
  },
  {
    because: 'a claim of the client is believed',
    look: claiming,
    verdict: judgedAs('GET /v1'),
    weight: 'open',
    says: ['was judged as GET /v1, not as GET /x', "client's X-Forwarded-Uri"],
  },
  {
    because: 'something rewrites the path',
    look: { path: '/x' },
    verdict: judgedAs('GET /api/x'),
    weight: 'open',
    says: ['was judged as GET /api/x', 'rewrites the path'],
  },
  {
    because: 'the application refuses by itself',
    verdict: { by: 'block', status: 401 },
    weight: 'passing',
    says: ['refused with 401, and not by `/verify`', 'the application does by itself'],
  },
  {
    because: 'the daemon is not reached from the origin',
    verdict: { by: 'origin-error', status: 500 },
    weight: 'passing',
    says: ['answered with 500', 'GATES_LISTEN'],
  },
  {
    because: 'the outpost is asked instead',
    verdict: login(),
    weight: 'passing',
    says: ['was answered by Authentik', 'asks the outpost'],
  },
  {
    because: 'the cover does not know the probe yet',
    verdict: { by: 'access-refusal', audience: 'aud1', status: 403 },
    weight: 'passing',
    says: ['was refused by Access', 'the cover'],
  },
  {
    because: 'another application of Access asks',
    verdict: { by: 'access-login', audience: 'aud9' },
    weight: 'passing',
    says: ['the login of Access', 'another Access application'],
  },
  {
    because: 'the host is closed still',
    verdict: { by: 'closed' },
    weight: 'passing',
    says: ['answered with 503', 'closed still'],
  },
];

describe.each([
  { of: '`/verify` has to be asked', rows: atVerify, expected: bearers },
  { of: 'the outpost has to ask', rows: atOutpost, expected: authentik },
  { of: 'Access has to ask', rows: atAccess, expected: access },
  { of: 'the hooks listener has to ask', rows: atHooks, expected: hooks },
])('the finding when $of', ({ rows, expected }) => {
  it.each(rows)('$because', ({ look = root, verdict, weight, says }) => {
    const finding = findingOn(look, verdict, expected);
    expect(finding).toMatchObject({ weight, by: verdict.by });
    for (const [index, part] of says.entries()) expect([finding?.seen, finding?.advice][index]).toMatch(part);
  });

  it('is one line', () => {
    const texts = rows.map(({ look = root, verdict }) => told(findingOn(look, verdict, expected)));
    expect(texts.filter((text) => text === undefined || text.includes('\n'))).toEqual([]);
  });
});

it('a refused call at the hooks listener, with no other answer, has no finding', () => {
  expect(findingOn(call, { by: 'hooks' }, hooks)).toBeUndefined();
  expect(findingOn(root, { by: 'application', status: 404 }, hooks)).toBeUndefined();
});

it('a refusal by `/verify` of the real request, whatever it claims, has no finding', () => {
  expect(findingOn(root, judgedAs('GET /'), bearers)).toBeUndefined();
  expect(findingOn(claiming, judgedAs('GET /x'), bearers)).toBeUndefined();
});

it('every cause at the outpost has its own finding', () => {
  const texts = atOutpost.map(({ look = root, verdict }) => told(findingOn(look, verdict, authentik)));
  expect(new Set(texts).size).toBe(atOutpost.length);
});

describe('a host that is open to everybody', () => {
  it.each<{ because: string; verdict: EdgeVerdict }>([
    { because: 'its application answers', verdict: { by: 'application', status: 200 } },
    { because: 'it answers with a redirect', verdict: { by: 'redirect', location: '/login' } },
    { because: 'it is Authentik itself', verdict: login() },
    { because: 'it fails by itself', verdict: { by: 'origin-error', status: 500 } },
  ])('is reached: $because', ({ verdict }) => {
    expect(findingOnOpen(root, verdict)).toBeUndefined();
  });

  it.each<{ because: string; verdict: EdgeVerdict; says: string; weight: EdgeFinding['weight'] }>([
    {
      because: 'Access asks people to log in',
      verdict: { by: 'access-login', audience: 'aud9' },
      says: 'GET / was sent to the login of Access: an Access application stands before a host that is open to everybody: remove it',
      weight: 'person',
    },
    {
      because: 'Access refuses',
      verdict: { by: 'access-refusal', audience: undefined, status: 403 },
      says: 'GET / was refused by Access: an Access application stands before a host that is open to everybody: remove it',
      weight: 'person',
    },
    {
      because: 'it is closed',
      verdict: { by: 'closed' },
      says: 'GET / was answered with 503: the host is closed still, or Authentik is starting',
      weight: 'passing',
    },
  ])('is not reached: $because', ({ verdict, says, weight }) => {
    const finding = findingOnOpen(root, verdict);
    expect(told(finding)).toBe(says);
    expect(finding?.weight).toBe(weight);
  });
});

describe('an encoded slash', () => {
  const encoded: CheckRequest = { path: '/api%2Fhealth', encoded: true };

  it('opens the host if the application answers, with what to do', () => {
    const finding = findingOn(encoded, { by: 'application', status: 200 }, authentik);
    expect(finding?.weight).toBe('open');
    expect(told(finding)).toMatch(/encoded slash.*gates outputs --format traefik/);
  });

  it('may be rejected with 400 only, and only if the path has one', () => {
    expect(findingOn(encoded, { by: 'application', status: 404 }, authentik)?.weight).toBe('open');
    expect(findingOn(beside, { by: 'application', status: 400 }, authentik)?.weight).toBe('open');
  });
});

describe('an answer of Access about the probe’s token', () => {
  it.each([
    { wrongTokens: 'refused', status: 401, isOfToken: true },
    { wrongTokens: 'refused', status: 403, isOfToken: false },
    { wrongTokens: 'ignored', status: 401, isOfToken: false },
    { wrongTokens: 'ignored', status: 403, isOfToken: true },
    { wrongTokens: undefined, status: 401, isOfToken: false },
  ] as const)('where wrong tokens are $wrongTokens, $status counts: $isOfToken', (row) => {
    const refusal = { by: 'access-refusal', audience: 'aud1', status: row.status } as const;
    const finding = findingOn(root, refusal, authentik, row.wrongTokens);
    expect(finding?.weight).toBe('passing');
    expect(finding?.advice?.includes('does not know the secret')).toBe(row.isOfToken);
  });

  it.each([
    ['refused', false],
    ['ignored', true],
  ] as const)('by a login page, where wrong tokens are %s, counts as one: %s', (wrongTokens, isOfToken) => {
    const finding = findingOn(root, { by: 'access-login', audience: 'aud1' }, authentik, wrongTokens);
    expect(finding?.advice?.includes('does not know the secret')).toBe(isOfToken);
  });
});
