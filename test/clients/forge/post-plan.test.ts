import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgeNames } from '../../../src/clients/forge/forge.ts';
import { createForge, type PostedPlan, postPlan } from '../../../src/clients/forge/post-plan.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { describeError, type GatesError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import { planMarker } from '../../../src/core/record/plan-comment.ts';
import type { Clock } from '../../../src/core/world.ts';
import { type FakeForge, me, pull, repository, startForge, token } from './fake-forge.ts';

const marker = planMarker('home');
const plan = (text: string, owner = 'home') => `${planMarker(owner)}\n${text}\n`;
const somebody = 7;

describe.each(forgeNames)('a plan under a pull request of %s', (name) => {
  let forge: FakeForge;
  let waits: number[];

  const post = (text = 'new', given = token): Promise<PostedPlan> => {
    const clock: Clock = {
      now: () => new Date(),
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
      },
    };
    const place = { forge: name, api: forge.api, repository };
    const { signal } = new AbortController();
    const parts = { place, token: given, redactor: createRedactor(), clock, signal };
    return postPlan(createForge(parts), pull, { marker, body: plan(text) });
  };
  const failure = async (given?: string): Promise<GatesError> =>
    post('new', given).then(
      () => expect.fail('it was posted'),
      (error) => error,
    );
  const creates = () =>
    forge.calls.filter(({ method, path }) => method === 'POST' && !path.endsWith('graphql'));
  const reads = () => forge.calls.filter(({ method, path }) => method === 'GET' && !path.endsWith('/user'));

  beforeEach(async () => {
    forge = await startForge(name);
    waits = [];
  });
  afterEach(() => forge.stop());

  it('is posted once, and edited from then on', async () => {
    forge.add(somebody, 'looks good to me');
    expect(await post('one')).toMatchObject({ done: 'created', comment: { author: me } });
    expect(await post('two')).toMatchObject({ done: 'updated' });
    expect(await post('two')).toMatchObject({ done: 'unchanged' });
    expect(forge.comments.map(({ body }) => body)).toEqual(['looks good to me', plan('two')]);
    expect(creates()).toHaveLength(1);
  });

  it('counts as unchanged when only its line ends differ', async () => {
    forge.add(me, plan('new').replaceAll('\n', '\r\n').trimEnd());
    expect(await post('new')).toMatchObject({ done: 'unchanged' });
  });

  it('leaves alone a comment of somebody else with its marker, one of another owner, and one that quotes it', async () => {
    forge.add(somebody, plan('forged'));
    forge.add(me, plan('of another', 'home-2'));
    forge.add(me, `> ${plan('quoted')}`);
    const before = forge.comments.map(({ body }) => body);
    expect(await post()).toMatchObject({ done: 'created' });
    expect(forge.comments.map(({ body }) => body)).toEqual([...before, plan('new')]);
  });

  it('is found on a later page, and the pages after it are not read', async () => {
    for (let index = 0; index < 230; index += 1) forge.add(index === 150 ? me : somebody, plan(`${index}`));
    expect(await post()).toMatchObject({ done: 'updated', comment: { id: 250 } });
    expect(forge.comments).toHaveLength(230);
    expect(reads()).toHaveLength(name === 'gitea' ? 1 : 2);
  });

  it('is posted only after every page was read', async () => {
    for (let index = 0; index < 230; index += 1) forge.add(somebody, plan(`${index}`));
    expect(await post()).toMatchObject({ done: 'created' });
    expect(reads()).toHaveLength(name === 'gitea' ? 1 : 3);
  });

  it('is not posted twice when the reply to the first is lost', async () => {
    forge.troubles.push({ method: 'POST', path: /comments|notes/, drop: 'after', times: 1 });
    expect(await post()).toMatchObject({ done: 'created' });
    expect([forge.comments.length, creates().length]).toEqual([1, 1]);
  });

  it.each([
    { because: 'no answer came', trouble: { drop: 'before' as const } },
    { because: 'the forge has trouble', trouble: { status: 500 } },
  ])('is not posted blindly a second time when the list does not show it: $because', async ({ trouble }) => {
    forge.troubles.push({ method: 'POST', path: /comments|notes/, ...trouble });
    const error = await failure();
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.facts.applied).toBe('maybe');
    expect([forge.comments.length, creates().length, waits]).toEqual([0, 1, []]);
  });

  it('is read and edited again after a temporary failure', async () => {
    forge.add(me, plan('old'));
    forge.troubles.push({ method: 'GET', path: /comments|notes/, status: 502, times: 1 });
    forge.troubles.push({ method: name === 'gitlab' ? 'PUT' : 'PATCH', drop: 'before', times: 2 });
    expect(await post()).toMatchObject({ done: 'updated' });
    expect(waits).toEqual([500, 500, 1_000]);
  });

  it('waits as long as the forge asks, also before it is posted, and gives up when that is too long', async () => {
    const paused = { method: 'POST', path: /comments|notes/, status: 429, times: 1 };
    forge.troubles.push({ ...paused, headers: { 'retry-after': '7' } });
    expect(await post()).toMatchObject({ done: 'created' });
    expect(waits).toEqual([7_000]);
    forge.comments.splice(0);
    forge.troubles.push({ ...paused, headers: { 'retry-after': '3600' } });
    const error = await failure();
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.facts).toMatchObject({ retryAfter: 3_600_000, applied: 'no' });
    expect(waits).toEqual([7_000]);
  });

  it('says what to do about an unknown token', async () => {
    const error = await failure('wrong-token-1234');
    expect(error).toBeInstanceOf(RejectedError);
    expect(describeError(error)).toMatch(/does not know this token.*GATES_FORGE_TOKEN/);
    expect(forge.calls).toHaveLength(1);
  });

  it.each([
    {
      status: 403,
      words: { github: '`pull-requests: write`', gitlab: 'scope `api`', gitea: '`write:issue`' },
    },
    { status: 404, words: { github: repository, gitlab: repository, gitea: repository } },
    { status: 422, words: { github: 'too long', gitlab: 'too long', gitea: 'too long' } },
    {
      status: 301,
      words: { github: 'sends elsewhere', gitlab: 'sends elsewhere', gitea: 'sends elsewhere' },
    },
  ])('says what to do about $status, and does not try it again', async ({ status, words }) => {
    const said = name === 'gitlab' ? { body: ['is too long'] } : 'Body is too long';
    const headers = { location: 'http://elsewhere.invalid/' };
    forge.troubles.push({ method: 'POST', path: /comments|notes/, status, headers, body: { message: said } });
    const error = await failure();
    expect(error).toBeInstanceOf(RejectedError);
    expect(describeError(error)).toContain(words[name]);
    expect(error.facts).toMatchObject({ status, applied: 'no' });
    expect([creates().length, waits]).toEqual([1, []]);
  });

  it.each([
    { because: 'a page', status: 200, body: '<html>Log in</html>' },
    { because: 'JSON of something else', status: 200, body: {} },
  ])('reports that another server answers: $because', async ({ status, body }) => {
    forge.troubles.push({ method: name === 'github' ? 'POST' : 'GET', status, body });
    expect(describeError(await failure())).toMatch(/not one of the forge's API/);
  });

  it('never contains the token, whatever the forge answers', async () => {
    forge.troubles.push({
      method: 'POST',
      path: /comments|notes/,
      status: 422,
      body: { message: `bad ${token}` },
    });
    const error = await failure();
    expect(describeError(error)).toContain('[redacted]');
    expect(JSON.stringify([describeError(error), error.facts, error.stack])).not.toContain(token);
  });
});

it('posting does not mistake a limit of GitHub for a missing permission', async () => {
  const forge = await startForge('github');
  const { signal } = new AbortController();
  const clock: Clock = { now: () => new Date(), sleep: async () => {} };
  const place = { forge: 'github' as const, api: forge.api, repository };
  const parts = { place, token, redactor: createRedactor(), clock, signal };
  const reset = `${Math.floor(Date.now() / 1_000) + 1_800}`;
  forge.troubles.push({
    method: 'POST',
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
    body: { message: 'API rate limit exceeded' },
  });
  const posted = postPlan(createForge(parts), pull, { marker, body: plan('new') });
  await expect(posted).rejects.toThrow('asks for a pause');
  await expect(posted).rejects.toBeInstanceOf(UnreachableError);
  await forge.stop();
});
