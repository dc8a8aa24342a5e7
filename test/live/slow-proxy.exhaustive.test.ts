import { expect, it } from 'vitest';
import { namesFor } from '../../src/conformance/authentik/names.ts';
import { storiesFor } from '../../src/conformance/authentik/stories/stories.ts';
import { StoryRun } from '../../src/conformance/authentik/story-run.ts';
import { createSandbox } from '../../src/lab/sandbox/index.ts';
import config from '../../vitest.config.ts';
import { sharedClock } from '../support/shared-clock.ts';
import { openAt } from './server.ts';
import { slowProxy } from './slow-proxy.ts';

/** The duration of each call, in milliseconds. */
const slow = 4_000;

it('every story passes at a server that takes 4 seconds for each call', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const first = sandbox.snapshot();
  let answering = 0;
  const clock = sharedClock(sandbox, () => answering > 0);
  const fetch = async (input: string, init: RequestInit) => {
    await clock.sleep(slow);
    answering += 1;
    try {
      return await sandbox.authentik(new Request(input, init));
    } finally {
      answering -= 1;
    }
  };
  const at = { url: sandbox.urls.authentik, token: sandbox.authentikToken };
  const server = await openAt(at, fetch, clock);
  const run = new StoryRun(server, namesFor('conformance-1a2b'));
  const differing: string[] = [];
  const minutes: number[] = [];
  for (const story of storiesFor(server.release)) {
    sandbox.restore(first);
    const begun = sandbox.now();
    const { answer } = await run.play(story);
    minutes.push((sandbox.now() - begun) / 60_000);
    if (answer.state !== 'as believed') differing.push(`${story.id}: ${JSON.stringify(answer)}`);
  }
  expect(differing).toEqual([]);
  const [all, longest] = [minutes.reduce((sum, each) => sum + each, 0), Math.max(...minutes)];
  process.stdout.write(
    `${minutes.length} stories at 4 s a call: ${all.toFixed(0)} minutes, the longest ${longest.toFixed(1)}\n`,
  );
  // The longest story must exceed any limit of a test, which would have ended it.
  expect(longest).toBeGreaterThan(5);
});

it('no limit of the live suite ends a story', () => {
  const projects = config.test?.projects as readonly { readonly test: Record<string, unknown> }[];
  const live = projects.find(({ test }) => test.name === 'live')?.test;
  expect([live?.testTimeout, live?.hookTimeout]).toEqual([0, 0]);
});

it('the proxy delays each call, and forwards it unchanged', async () => {
  const seen: unknown[] = [];
  const held: (() => void)[] = [];
  const target = async (url: string, { method, body, headers }: RequestInit) => {
    seen.push([method, url, body, new Headers(headers).get('authorization')]);
    return new Response('{"pk": 1}', { status: 201, headers: { 'x-authentik-id': 'r1', allow: 'GET' } });
  };
  const url = await slowProxy(
    { url: 'http://authentik.lan', fetch: target },
    () => new Promise<void>((release) => held.push(release)),
  );
  const init = { method: 'POST', headers: { authorization: 'Bearer k' }, body: '{"name":"x"}' };
  const reply = fetch(`${url}/api/v3/core/groups/?page=1`, init);
  await expect.poll(() => held.length).toBe(1);
  expect(seen).toEqual([]);
  held[0]?.();
  const { status, headers } = await reply;
  expect([status, headers.get('x-authentik-id'), headers.get('allow')]).toEqual([201, 'r1', 'GET']);
  expect(await (await reply).json()).toEqual({ pk: 1 });
  expect(seen).toEqual([
    ['POST', 'http://authentik.lan/api/v3/core/groups/?page=1', '{"name":"x"}', 'Bearer k'],
  ]);
});

it('the proxy answers 502 when the server does not answer', async () => {
  const dead = async () => {
    throw new TypeError('fetch failed');
  };
  const url = await slowProxy({ url: 'http://authentik.lan', fetch: dead }, async () => {});
  expect((await fetch(`${url}/api/v3/`)).status).toBe(502);
});
