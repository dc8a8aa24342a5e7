import { describe, expect, it } from 'vitest';
import { refusalBy } from '../../../../reconcilers/cloudflare/waf/marks.ts';
import { type EdgeVerdict, verdictOn } from '../../../../reconcilers/edge/reading/verdict.ts';
import type { EdgeAnswer } from '../../../../src/core/world.ts';

const host = 'grafana.example.dev';
const authorize = 'https://auth.example.dev/application/o/authorize/';
const back = encodeURIComponent(
  `https://${host}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true`,
);

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Readonly<EdgeAnswer> {
  return { status, headers: { 'cf-ray': '8f1', ...headers }, body };
}

const moved = (location: string, headers = {}) => answer(302, { location, ...headers });

interface Row {
  readonly because: string;
  readonly answer: EdgeAnswer;
  readonly path?: string;
  readonly verdict: EdgeVerdict;
}

const rows: readonly Row[] = [
  {
    because: 'whatever does not come from the edge is not believed, however much it looks like the gate',
    answer: { status: 302, headers: { location: `${authorize}?client_id=ours` }, body: '' },
    verdict: { by: 'elsewhere' },
  },
  {
    because: 'the challenge comes before Access, and is a 403 as well',
    answer: answer(403, { 'cf-mitigated': 'challenge', 'cf-access-aud': 'aud1' }),
    verdict: { by: 'challenge' },
  },
  {
    because: 'another kind of mitigation is no challenge',
    answer: answer(403, { 'cf-mitigated': 'block' }),
    verdict: { by: 'block', status: 403 },
  },
  {
    because: 'a rule of ours says which it is',
    answer: { ...answer(403), body: refusalBy('fallthrough').content },
    verdict: { by: 'block', status: 403, refusal: { rule: 'fallthrough' } },
  },
  {
    because: 'a page that quotes a rule of ours is not that rule',
    answer: { ...answer(403), body: `<p>${refusalBy('audience').content}</p>` },
    verdict: { by: 'block', status: 403 },
  },
  {
    because: 'Browser Integrity Check tells its number',
    answer: { ...answer(403), body: 'error code: 1010' },
    verdict: { by: 'block', status: 403, refusal: { code: 1010 } },
  },
  {
    because: 'a block by country tells its number on a page',
    answer: { ...answer(403), body: '<h1><span>Error</span></h1><h2>Error 1009 Ray ID: 8f1</h2>' },
    verdict: { by: 'block', status: 403, refusal: { code: 1009 } },
  },
  {
    because: 'an outpost that cannot keep a session answers 400 and nothing else',
    answer: answer(400),
    verdict: { by: 'application', status: 400, empty: true },
  },
  {
    because: 'the login page of Access tells the application by its key',
    answer: moved(
      `https://example.cloudflareaccess.com/cdn-cgi/access/login/${host}?kid=aud1&redirect_url=%2F`,
    ),
    verdict: { by: 'access-login', audience: 'aud1' },
  },
  {
    because: 'a login page of Access that tells no key is still one',
    answer: moved(`https://example.cloudflareaccess.com/cdn-cgi/access/login/${host}`),
    verdict: { by: 'access-login', audience: undefined },
  },
  {
    because: 'a page of that team that is not its login is no gate',
    answer: moved('https://example.cloudflareaccess.com/'),
    verdict: { by: 'redirect', location: 'https://example.cloudflareaccess.com/' },
  },
  {
    because: 'a name that only ends alike is not that of Access',
    answer: moved('https://evilcloudflareaccess.com/cdn-cgi/access/login/x?kid=aud1'),
    verdict: { by: 'redirect', location: 'https://evilcloudflareaccess.com/cdn-cgi/access/login/x?kid=aud1' },
  },
  {
    because: 'Access refuses a machine with the audience in a header',
    answer: answer(403, { 'cf-access-aud': 'aud1', 'cf-access-domain': host }),
    verdict: { by: 'access-refusal', audience: 'aud1', status: 403 },
  },
  {
    because: 'the domain alone tells that it was Access',
    answer: answer(401, { 'cf-access-domain': host }),
    verdict: { by: 'access-refusal', audience: undefined, status: 401 },
  },
  {
    because: 'so does its own challenge for credentials',
    answer: answer(401, { 'www-authenticate': 'Cloudflare-Access resource_metadata="x"' }),
    verdict: { by: 'access-refusal', audience: undefined, status: 401 },
  },
  {
    because: 'the hooks listener says what it is when it refuses',
    answer: answer(401, { 'www-authenticate': 'Gates realm="hooks"' }),
    verdict: { by: 'hooks' },
  },
  {
    because: '`/verify` says for which host it was asked, and of what',
    answer: answer(401, {
      'www-authenticate': 'Gates realm="verify", host="grafana.example.dev", asked="GET /a"',
    }),
    verdict: { by: 'verify', host, asked: 'GET /a' },
  },
  {
    because: 'only in a 401, which is what a call without a signature gets',
    answer: answer(403, { 'www-authenticate': 'Gates realm="hooks"' }),
    verdict: { by: 'block', status: 403 },
  },
  {
    because: 'a 401 that asks for something else is not of Access',
    answer: answer(401, { 'www-authenticate': 'Basic realm="x"' }),
    verdict: { by: 'block', status: 401 },
  },
  {
    because: 'a 403 that nobody signs is a WAF rule, or cloudflared',
    answer: answer(403),
    verdict: { by: 'block', status: 403 },
  },
  {
    because: 'an audience on an answer that got through is of the application behind Access, not a refusal',
    answer: answer(200, { 'cf-access-aud': 'aud1' }),
    verdict: { by: 'application', status: 200 },
  },
  { because: '503 is what a closed host answers', answer: answer(503), verdict: { by: 'closed' } },
  {
    because: 'a tunnel without a connector',
    answer: answer(530),
    verdict: { by: 'edge-error', status: 530 },
  },
  {
    because: 'a gateway that hears nothing from the origin',
    answer: answer(502),
    verdict: { by: 'edge-error', status: 502 },
  },
  {
    because: 'an origin whose own check fails answers 500: nobody got through to anything',
    answer: answer(500),
    verdict: { by: 'origin-error', status: 500 },
  },
  {
    because: 'the outpost asks for a login',
    answer: moved(`${authorize}?client_id=ours&redirect_uri=${back}&response_type=code`),
    verdict: {
      by: 'authentik',
      request: { login: 'https://auth.example.dev', clientId: 'ours', callback: host },
    },
  },
  {
    because: 'a login host that is not set sends to the host itself',
    answer: moved(`/application/o/authorize/?client_id=ours&redirect_uri=${back}`),
    verdict: { by: 'authentik', request: { login: `https://${host}`, clientId: 'ours', callback: host } },
  },
  {
    because: 'a callback on a port is another address',
    answer: moved(`${authorize}?client_id=ours&redirect_uri=https%3A%2F%2F${host}%3A8443%2F`),
    verdict: {
      by: 'authentik',
      request: { login: 'https://auth.example.dev', clientId: 'ours', callback: `${host}:8443` },
    },
  },
  {
    because: 'a login that tells neither client nor callback is nobody’s',
    answer: moved(authorize),
    verdict: { by: 'authentik', request: { login: 'https://auth.example.dev', clientId: '', callback: '' } },
  },
  {
    because: 'mode proxy goes by a start of its own',
    answer: moved(`https://${host}/outpost.goauthentik.io/start?rd=%2F`),
    verdict: { by: 'authentik-start', path: '/outpost.goauthentik.io/start?rd=%2F' },
  },
  {
    because: 'a start on another host is not followed',
    answer: moved('https://other.example.dev/outpost.goauthentik.io/start?rd=%2F'),
    verdict: { by: 'redirect', location: 'https://other.example.dev/outpost.goauthentik.io/start?rd=%2F' },
  },
  {
    because: 'to where it came from, in full',
    answer: moved(`https://${host}/a`),
    path: '/a',
    verdict: { by: 'loop' },
  },
  {
    because: 'to where it came from, in short',
    answer: answer(301, { location: '/' }),
    verdict: { by: 'loop' },
  },
  {
    because: 'a path that is not plain comes from where it resolves to',
    answer: moved(`https://${host}/admin`),
    path: '/api/health/../../admin',
    verdict: { by: 'loop' },
  },
  {
    because: 'the login page of the application itself guards nothing that we know of',
    answer: moved('/login'),
    verdict: { by: 'redirect', location: '/login' },
  },
  {
    because: 'an address that cannot be read is told as it stands',
    answer: moved('https://['),
    verdict: { by: 'redirect', location: 'https://[' },
  },
  {
    because: 'a redirect to nowhere is an answer of the application',
    answer: answer(304),
    verdict: { by: 'application', status: 304 },
  },
  {
    because: 'Authentik itself, where the embedded outpost knows nothing of the host',
    answer: answer(404, { 'x-powered-by': 'authentik' }),
    verdict: { by: 'no-application' },
  },
  {
    because: 'the same, where a proxy took that header out',
    answer: answer(404, { 'x-authentik-id': 'r1' }),
    verdict: { by: 'no-application' },
  },
  {
    because: 'an outpost of its own says it in words',
    answer: answer(400, {}, '{"Message":"no app for hostname","Host":"x"}'),
    verdict: { by: 'no-application' },
  },
  {
    because: 'so does the newer one',
    answer: answer(400, {}, '{"message":"no application for hostname"}'),
    verdict: { by: 'no-application' },
  },
  {
    because: 'these words in a page that somebody got mean nothing',
    answer: answer(200, {}, 'no app for hostname'),
    verdict: { by: 'application', status: 200 },
  },
  {
    because: 'a page that is not there was looked for by the application',
    answer: answer(404),
    verdict: { by: 'application', status: 404 },
  },
  {
    because: 'a page of Authentik that is there is no gate',
    answer: answer(200, { 'x-powered-by': 'authentik' }),
    verdict: { by: 'application', status: 200 },
  },
];

describe('an answer of the edge', () => {
  it.each(rows)('$because', ({ answer, path = '/', verdict }) => {
    expect(verdictOn(answer, host, path)).toEqual(verdict);
  });
});
