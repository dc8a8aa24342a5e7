import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gateStories } from './gate-stories.ts';
import { storiesOf } from './kind-stories.ts';
import { liveKinds } from './kinds.ts';
import { leftovers, standing, sweep } from './leftovers.ts';
import { limitedStories } from './limited-stories.ts';
import { lookupStories } from './lookup-stories.ts';
import { namesFor } from './names.ts';
import { createPerson } from './person.ts';
import { openServers } from './server.ts';
import { createStage } from './stage.ts';
import { usedStories } from './used-stories.ts';

const names = namesFor(process.env.GATES_LIVE_OWNER);
const servers = await openServers(process.env);

describe.each(servers)('Authentik at $name', (server) => {
  const person = createPerson(server);
  let before: ReadonlyMap<string, string>;

  beforeAll(async () => {
    // Of a run that was killed.
    await sweep(person, names.owner);
    before = await standing(person);
  });

  beforeEach(() => server.rewind?.());

  afterEach(async () => {
    await sweep(person, names.owner);
    const now = await standing(person);
    const then = before;
    // One change of somebody else's is one story that fails, not all that follow.
    before = now;
    expect(now, 'what the server had before, if nobody else changed it').toEqual(then);
  });

  afterAll(async () => {
    await sweep(person, names.owner);
    expect(await leftovers(person, names.owner), 'what the suite made and did not remove').toEqual([]);
  });

  const stories = [
    ...lookupStories,
    ...liveKinds.flatMap((kind) => storiesOf(kind, server.release)),
    ...usedStories,
    ...gateStories,
    ...limitedStories,
  ];

  it.for(stories)('$about · $name', async ({ about, name, reconcilers, act }, { task }) => {
    const stage = createStage({ server, names, reconcilers });
    try {
      await act(stage);
    } finally {
      task.meta.story = { about, name, ...stage.tally };
    }
  });
});
