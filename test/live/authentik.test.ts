import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leftInAuthentik } from '../../src/conformance/authentik/leftovers.ts';
import { namesFor } from '../../src/conformance/authentik/names.ts';
import { createPerson } from '../../src/conformance/authentik/person.ts';
import { storiesFor } from '../../src/conformance/authentik/stories/stories.ts';
import { StoryRun } from '../../src/conformance/authentik/story-run.ts';
import { progressAt } from './kept-progress.ts';
import { openServers } from './server.ts';

const servers = await openServers(process.env);

describe.each(servers)('Authentik at $name', (server) => {
  const progress = progressAt(server, process.env);
  const names = namesFor(progress.owner);
  const run = new StoryRun(server, names);
  const stories = storiesFor(server.release);

  beforeAll(async () => {
    await progress.begin({ anew: Boolean(process.env.GATES_LIVE_FRESH) });
    await run.begin();
  });

  beforeEach(() => server.rewind?.());

  afterAll(async () => {
    const left = await leftInAuthentik(createPerson(server), names);
    expect(left, 'what the suite made and did not remove').toEqual([]);
    await progress.end(stories.map(({ id }) => id));
  });

  for (const story of stories) {
    it(story.id, async ({ task }) => {
      const { id } = story;
      const earlier = progress.earlier(id);
      if (earlier !== undefined) {
        task.meta.story = { id, ...earlier, earlier: true };
        return;
      }
      task.meta.story = { id, calls: 0, writes: 0 };
      const { answer, tally } = await run.play(story);
      const { calls, writes } = tally;
      const played = { calls, writes, ...(answer.state === 'not asked' && { unshown: answer.why }) };
      task.meta.story = { id, ...played };
      if (answer.state === 'otherwise') expect.fail(`${story.says}. Otherwise: ${answer.seen}`);
      await progress.pass(id, played);
    });
  }
});
