import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type CheckRequest, type Expectation, findingOn } from '../../reconcilers/edge/finding.ts';
import type { EdgeVerdict, LoginRequest } from '../../reconcilers/edge/reading/verdict.ts';

const page = readFileSync('docs/authentik.md', 'utf8');
const ours: LoginRequest = {
  login: 'https://auth.example.dev',
  clientId: 'ours',
  callback: 'grafana.example.dev',
};
const expected: Expectation = { type: 'authentik', ...ours };
const root: CheckRequest = { path: '/' };

interface Row {
  readonly look?: CheckRequest;
  readonly verdict: EdgeVerdict;
  /** The words of the finding, as the page quotes them. */
  readonly words: string;
}

/** Rows for every verdict of the edge. A new verdict without rows does not compile. */
const rows: Readonly<Record<EdgeVerdict['by'], readonly Row[]>> = {
  elsewhere: [{ verdict: { by: 'elsewhere' }, words: 'was not answered by Cloudflare' }],
  challenge: [{ verdict: { by: 'challenge' }, words: 'met the bot challenge' }],
  cache: [{ verdict: { by: 'cache', sign: 'HIT' }, words: "answered from Cloudflare's cache (HIT)" }],
  worker: [
    {
      verdict: { by: 'worker', answer: 'refused' },
      words: 'answered by the Worker that passes on the identity',
    },
  ],
  block: [{ verdict: { by: 'block', status: 403 }, words: 'refused with 403' }],
  'edge-error': [
    { verdict: { by: 'edge-error', status: 502 }, words: "answered with Cloudflare's error 502" },
  ],
  closed: [{ verdict: { by: 'closed' }, words: 'answered with 503' }],
  'access-login': [
    { verdict: { by: 'access-login', audience: 'theirs' }, words: 'sent to the login of Access' },
  ],
  'access-refusal': [
    { verdict: { by: 'access-refusal', audience: 'theirs', status: 403 }, words: 'refused by Access' },
  ],
  'origin-error': [
    { verdict: { by: 'origin-error', status: 500 }, words: 'answered with 500 by the origin' },
  ],
  'authentik-start': [
    { verdict: { by: 'authentik-start', path: '/' }, words: 'the start of a login that leads nowhere' },
  ],
  'no-application': [{ verdict: { by: 'no-application' }, words: 'which knows no application for the host' }],
  hooks: [{ verdict: { by: 'hooks' }, words: 'got through to the application (' }],
  verify: [
    { verdict: { by: 'verify', host: 'a', asked: 'GET /' }, words: 'got through to the application (' },
  ],
  loop: [{ verdict: { by: 'loop' }, words: 'redirected to where it came from' }],
  redirect: [
    { verdict: { by: 'redirect', location: 'https://elsewhere.example/' }, words: 'was redirected to ' },
  ],
  authentik: [
    {
      verdict: { by: 'authentik', request: { ...ours, clientId: 'theirs' } },
      words: 'another application of Authentik (client ',
    },
    {
      verdict: { by: 'authentik', request: { ...ours, login: 'https://login.example.dev' } },
      words: 'sent to ',
    },
    {
      verdict: { by: 'authentik', request: { ...ours, callback: 'docs.example.dev' } },
      words: 'would come back to ',
    },
  ],
  application: [
    { verdict: { by: 'application', status: 200 }, words: 'got through to the application (200)' },
    {
      look: { path: '/', headers: { 'X-Forwarded-Uri': '/api/health' } },
      verdict: { by: 'application', status: 200 },
      words: 'GET / with X-Forwarded-Uri: ',
    },
    {
      look: { path: '/x%2Fy', encoded: true },
      verdict: { by: 'application', status: 200 },
      words: 'GET /x%2Fy got through',
    },
    {
      look: { path: '/outpost.goauthentik.io/../x', outpost: true },
      verdict: { by: 'application', status: 200 },
      words: 'GET /outpost.goauthentik.io/../',
    },
    { look: { path: '/x' }, verdict: { by: 'application', status: 200 }, words: 'GET /x got through' },
  ],
};

it.each(Object.values(rows).flat())(
  'the page on Authentik quotes the reason why a host waits: $words',
  ({ look = root, verdict, words }) => {
    expect(findingOn(look, verdict, expected)?.seen).toContain(words);
    expect(page).toContain(words);
  },
);
