import { expect, it } from 'vitest';
import { leftInAuthentik, ownersAt, standing } from '../../../src/conformance/authentik/leftovers.ts';
import { namesFor } from '../../../src/conformance/authentik/names.ts';
import { createPerson } from '../../../src/conformance/authentik/person.ts';
import { StoryRun } from '../../../src/conformance/authentik/story-run.ts';
import { sceneOf, storyOf } from './scene.ts';

/** The number of calls between two kills. Every second killed call still arrives. */
it.each([
  { id: 'limited-token-without-rights', stride: 1 },
  { id: 'gate-orphans', stride: 9 },
])('a sweep removes what $id left, at whichever call it was killed', async ({ id, stride }) => {
  let calls = 0;
  let killAt = Number.POSITIVE_INFINITY;
  let arrives = false;
  const { sandbox, server, names } = await sceneOf(async (_, pass) => {
    calls += 1;
    if (calls < killAt) return pass();
    if (calls === killAt && arrives) await pass();
    throw new TypeError('the process is dead');
  });
  const snapshot = sandbox.snapshot();
  const person = createPerson(server);
  const before = await standing(person);
  const play = () => new StoryRun(server, names).play(storyOf(id));
  calls = 0;
  expect((await play()).answer.state).toBe('as believed');
  const whole = calls;
  const remaining: string[] = [];
  let found = 0;
  for (let at = 1; at <= whole; at += stride) {
    sandbox.restore(snapshot);
    [calls, killAt, arrives] = [0, at, !arrives];
    await expect(play(), `the run that was killed at call ${at}`).rejects.toThrow();
    killAt = Number.POSITIVE_INFINITY;
    // As with another state folder, only the names identify the owners.
    for (const owner of await ownersAt(person)) {
      for (const { remove } of await leftInAuthentik(person, namesFor(owner))) {
        await remove();
        found += 1;
      }
    }
    if ((await leftInAuthentik(person, names)).length > 0) remaining.push(`call ${at}, arrives: ${arrives}`);
    expect(await standing(person)).toEqual(before);
  }
  expect(remaining).toEqual([]);
  expect(found).toBeGreaterThan(whole / stride);
});
