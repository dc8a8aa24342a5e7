import { expect, it } from 'vitest';
import { askStories } from '../../../src/conformance/authentik/ask-stories.ts';
import { leftInAuthentik } from '../../../src/conformance/authentik/leftovers.ts';
import { namesFor } from '../../../src/conformance/authentik/names.ts';
import { createPerson } from '../../../src/conformance/authentik/person.ts';
import { Progress } from '../../../src/conformance/authentik/progress.ts';
import { StoryRun } from '../../../src/conformance/authentik/story-run.ts';
import { sceneOf, storyOf } from './scene.ts';

const stories = ['group-round-trip', 'group-marked', 'gate-made-in-order', 'flow-for-authorization'].map(
  storyOf,
);
const owner = 'conformance-1a2b';
const { signal } = new AbortController();

/** Keeps progress in a file of this process. */
function keeper() {
  const kept: { text: string | undefined } = { text: undefined };
  const store = {
    save: async (text: string) => void Object.assign(kept, { text }),
    clear: async () => void Object.assign(kept, { text: undefined }),
  };
  return {
    kept,
    open: (state = 'a', fresh = 'conformance-9z9z') => new Progress(kept.text, state, fresh, store),
  };
}

const states = ({ answered }: Awaited<ReturnType<typeof askStories>>) =>
  answered.map(({ answer }) => ('earlier' in answer ? `${answer.state}, earlier` : answer.state));

/** A server that fails from the first POST to this path, if there is one, until `back`. */
async function fragile(path: string) {
  let isDown = false;
  let isFragile = true;
  let attempts = 0;
  const scene = await sceneOf(async (call, pass) => {
    if (isFragile && call.method === 'POST' && call.path === path) isDown = true;
    attempts += 1;
    if (isDown) throw new TypeError('fetch failed');
    return pass();
  });
  const back = () => {
    isDown = false;
    isFragile = false;
  };
  return { ...scene, back, attempts: () => attempts };
}

it('a server that does not answer ends the run, and the next run continues there', async () => {
  const { server, names, run, back } = await fragile('/core/applications/');
  const { kept, open } = keeper();
  const first = open('a', owner);
  await first.begin({ anew: false });
  const ended = await askStories(stories, run, first, { signal });
  expect(states(ended)).toEqual(['as believed', 'as believed', 'not asked', 'not asked']);
  expect(ended.answered.at(-1)?.answer).toMatchObject({ why: 'the run ended before it' });
  expect(ended.failures).toEqual({ authentik: expect.stringContaining('Authentik did not answer') });
  back();
  const person = createPerson(server);
  expect(await leftInAuthentik(person, names)).not.toEqual([]);
  const second = open();
  expect(second.owner).toBe(owner);
  const done = await askStories(stories, new StoryRun(server, names), second, { signal });
  expect(states(done)).toEqual([
    'as believed, earlier',
    'as believed, earlier',
    'as believed',
    'as believed',
  ]);
  expect(done.failures).toEqual({});
  expect(done.answered[0]?.answer).toMatchObject({ measured: { calls: expect.any(Number), writes: 1 } });
  expect(await leftInAuthentik(person, names)).toEqual([]);
  expect(kept.text).toBeUndefined();
});

it('the next run repeats only a story that differed', async () => {
  let isBroken = true;
  const { run } = await sceneOf(async (call, pass) => {
    const reply = await pass();
    if (!isBroken || call.method !== 'POST' || call.path !== '/core/groups/') return reply;
    return new Response('{"detail":"no"}', { status: 400 });
  });
  const { kept, open } = keeper();
  const first = open('a', owner);
  const ended = await askStories(stories, run, first, { signal });
  expect(states(ended)).toEqual(['otherwise', 'otherwise', 'otherwise', 'as believed']);
  expect(ended.failures).toEqual({});
  expect(kept.text).toBeDefined();
  isBroken = false;
  const done = await askStories(stories, run, open(), { signal });
  expect(states(done)).toEqual(['as believed', 'as believed', 'as believed', 'as believed, earlier']);
});

it('a passed story counts for its release and code alone, and until it is forgotten', async () => {
  const { kept, open } = keeper();
  await open('a', owner).pass('authentik/x', { calls: 1, writes: 0, unshown: 'it cannot be shown' });
  expect(open('a').earlier('authentik/x')).toEqual({ calls: 1, writes: 0, unshown: 'it cannot be shown' });
  expect(open('b')).toMatchObject({ passed: 0, owner });
  await open('a').begin({ anew: true });
  expect(open('a')).toMatchObject({ passed: 0, owner });
  for (const text of ['', '{', '{}', '{"owner":"home","state":"a","passed":{}}']) {
    kept.text = text;
    expect(open('a')).toMatchObject({ passed: 0, owner: 'conformance-9z9z' });
  }
});

it('a stopped run reports the reason, and no story', async () => {
  const stop = new AbortController();
  const { server } = await sceneOf();
  const run = new StoryRun({ ...server, signal: stop.signal }, namesFor(owner));
  const answered: unknown[] = [];
  const onAnswer = (item: unknown) => {
    answered.push(item);
    stop.abort(new Error('stopped'));
  };
  const asked = askStories(stories, run, keeper().open('a', owner), { signal: stop.signal, onAnswer });
  await expect(asked).rejects.toThrow('stopped');
  expect(answered).toHaveLength(1);
});
