import { describe, expect, it } from 'vitest';
import { type CheckRequest, findingOn } from '../../../../reconcilers/edge/finding.ts';
import { askOnce, checkGate } from '../../../../reconcilers/edge/prober.ts';
import type { EdgeRefusal, EdgeVerdict } from '../../../../reconcilers/edge/reading/verdict.ts';
import { edgeAnswer, host, scriptedEdge, worldWith } from '../scripted-edge.ts';

const expectation = { type: 'jwt' } as const;
const unlisted: CheckRequest = { path: '/gates-probe', unlisted: true };
const operation: CheckRequest = { path: '/v1/items' };

const refused = (refusal?: EdgeRefusal, status = 403): EdgeVerdict => ({
  by: 'block',
  status,
  ...(refusal && { refusal }),
});
const saysOf = (asked: CheckRequest, verdict: EdgeVerdict) => findingOn(asked, verdict, expectation)?.seen;

describe('a refusal where rules of the edge require a token', () => {
  it('at a path that is no operation counts only with the body of our own rule', () => {
    expect(saysOf(unlisted, refused({ rule: 'fallthrough' }))).toBeUndefined();
    expect(saysOf(unlisted, refused())).toBe(
      'GET /gates-probe was refused with 403, and not by our own rule',
    );
    expect(saysOf(unlisted, refused({ rule: 'audience' }))).toBe(
      'GET /gates-probe was refused for its token, and not because it is no saved operation',
    );
    expect(saysOf(unlisted, refused({ code: 1010 }))).toContain('error 1010 (Browser Integrity Check)');
  });

  it('at an operation counts with the body of our other rule, or as any 403 that is no known refusal of Cloudflare', () => {
    expect(saysOf(operation, refused({ rule: 'audience' }))).toBeUndefined();
    expect(saysOf(operation, refused())).toBeUndefined();
    expect(saysOf(operation, refused({ rule: 'fallthrough' }))).toBe(
      'GET /v1/items was refused as no saved operation',
    );
    expect(saysOf(operation, refused({ code: 1020 }))).toContain('error 1020 (a custom rule of the zone)');
    expect(saysOf(operation, refused(undefined, 401))).toBe('GET /v1/items was refused with 401');
  });

  it.each([
    [1006, 'a block by address'],
    [1009, 'a block by country'],
    [1015, 'a rate limit'],
    [1999, 'a refusal of Cloudflare before the gate'],
  ])('is reported as error %i', (code, words) => {
    const finding = findingOn(operation, refused({ code }), expectation);
    expect(finding).toMatchObject({ weight: 'passing', seen: expect.stringContaining(words) });
  });

  it('at an operation counts only once the same check has met our rule at a path that is no operation', async () => {
    const ours = { ...edgeAnswer(403), body: 'gates refuses this request: fallthrough\n' };
    const late = [edgeAnswer(403), edgeAnswer(403)];
    const edge = scriptedEdge(({ path }) =>
      path === unlisted.path ? (late.shift() ?? ours) : edgeAnswer(403),
    );
    const question = { host, looks: [unlisted, operation], expect: expectation, headers: {} };
    expect(await checkGate(question, worldWith(edge).world)).toBeUndefined();
    expect(edge.requests.map(({ path }) => path)).toEqual([
      unlisted.path,
      unlisted.path,
      unlisted.path,
      operation.path,
    ]);
  });

  it('by somebody else confirms nothing, however often', async () => {
    const edge = scriptedEdge(() => ({ ...edgeAnswer(403), body: 'error code: 1010' }));
    const question = { host, looks: [unlisted, operation], expect: expectation, headers: {} };
    expect(await askOnce(question, worldWith(edge).world)).toMatchObject({ by: 'block', weight: 'passing' });
  });
});

it('an outpost that answers only 400 has admitted nobody', () => {
  const login = { login: 'https://auth.example.dev', clientId: 'ours', callback: host };
  const verdict: EdgeVerdict = { by: 'application', status: 400, empty: true };
  const finding = findingOn({ path: '/' }, verdict, { type: 'authentik', ...login });
  expect(finding).toMatchObject({ weight: 'passing', seen: 'GET / was answered with 400 and nothing else' });
  expect(
    findingOn({ path: '/a%2Fb', encoded: true }, verdict, { type: 'authentik', ...login }),
  ).toBeUndefined();
});
