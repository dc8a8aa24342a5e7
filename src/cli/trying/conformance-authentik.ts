import path from 'node:path';
import { createAuthentikWire } from '../../clients/authentik/authentik.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { createNotes } from '../../clients/state/notes.ts';
import { announcementOf } from '../../conformance/authentik/announcement.ts';
import { askStories } from '../../conformance/authentik/ask-stories.ts';
import { leftInAuthentik, ownersAt } from '../../conformance/authentik/leftovers.ts';
import { namesFor } from '../../conformance/authentik/names.ts';
import { createPerson, type Endpoint, type Fetch } from '../../conformance/authentik/person.ts';
import { Progress } from '../../conformance/authentik/progress.ts';
import { releaseOf, type StoryServer } from '../../conformance/authentik/server.ts';
import { storiesFor } from '../../conformance/authentik/stories/stories.ts';
import { StoryRun } from '../../conformance/authentik/story-run.ts';
import { newScratchOwner } from '../../conformance/scratch-owner.ts';
import { ConfigError, UnreachableError } from '../../core/errors.ts';
import type { Turn } from '../../daemon/lease/lease-turn.ts';
import type { Settings } from '../surroundings/settings.ts';
import { redactor } from '../surroundings/terminal.ts';
import { buildRevision, version } from '../surroundings/version.ts';
import type { ConformancePart } from './conformance-part.ts';
import { removeAll } from './scratch-removal.ts';

/** Notes under this topic have the progress of unfinished runs, by the address of a server. */
const topic = 'conformance-authentik';

/**
 * The stories about Authentik, played at one server.
 * @throws ConfigError if the address or the token is missing, or the token is not a superuser's.
 */
export async function authentikPart(
  { fresh }: { readonly fresh: boolean },
  settings: Settings,
  turn: Turn,
): Promise<ConformancePart> {
  const at = addressOf(settings);
  const endpoint = endpointAt(at, turn, turn.signal);
  const { release, answerTime } = await measured(endpoint);
  const notes = createNotes(path.join(settings.stateDir, 'notes'));
  const progress = new Progress(
    await notes.text(topic, at.url),
    `${release} ${version} ${buildRevision}`,
    newScratchOwner(Math.random),
    { save: (text) => notes.put(topic, at.url, text), clear: () => notes.clear(topic, at.url) },
  );
  const names = namesFor(progress.owner);
  const stories = storiesFor(release);
  const place = { url: at.url, release };
  const count = { stories: stories.length, passed: fresh ? 0 : progress.passed };
  return {
    place: { authentik: place },
    announcement: announcementOf(count, place, names, answerTime),
    ask: async (onAnswer) => {
      await progress.begin({ anew: fresh });
      try {
        const run = new StoryRun(
          { ...endpoint, release, clock: systemClock, connect: connectTo(endpoint) },
          names,
        );
        return await askStories(stories, run, progress, { signal: turn.signal, onAnswer });
      } finally {
        // Works even after the person has stopped the run.
        const late = createPerson(endpointAt(at, turn, new AbortController().signal));
        await removeAll(await leftInAuthentik(late, names));
      }
    },
    leftovers: async () => {
      const person = createPerson(endpoint);
      const owners = new Set([...(await ownersAt(person)), progress.owner]);
      const leftovers = [...owners].map((owner) => leftInAuthentik(person, namesFor(owner)));
      return { found: (await Promise.all(leftovers)).flat(), unread: [] };
    },
    swept: async () => {},
  };
}

function addressOf({ authentikUrl, authentikToken: token }: Settings): { url: string; token: string } {
  if (authentikUrl === undefined || token === undefined) {
    throw new ConfigError(`No ${token === undefined ? 'token' : 'address'} for Authentik`, {
      hint: 'Set AUTHENTIK_URL to the server, and AUTHENTIK_TOKEN to an API token of a superuser, for this command alone',
    });
  }
  return { url: authentikUrl.replace(/\/+$/, '').replace(/\/api\/v3$/, ''), token };
}

/** The server's endpoint, which confirms the turn before each write. */
function endpointAt(at: { url: string; token: string }, turn: Turn, signal: AbortSignal): Endpoint {
  const fetch: Fetch = async (input, init) => {
    if (init.method !== 'GET') await turn.mayWrite();
    return globalThis.fetch(input, init);
  };
  return { ...at, fetch, signal };
}

function connectTo({ url, signal }: Endpoint): StoryServer['connect'] {
  return (token, fetch) => createAuthentikWire({ url, token, fetch, clock: systemClock, redactor, signal });
}

/** The release of the server, and the milliseconds of one of the calls that read it. */
async function measured(
  endpoint: Endpoint,
): Promise<{ readonly release: string; readonly answerTime: number }> {
  let calls = 0;
  const counted: Fetch = (input, init) => {
    calls += 1;
    return endpoint.fetch(input, init);
  };
  const begun = systemClock.now().getTime();
  const release = await releaseOf({ ...endpoint, fetch: counted }).catch((error: unknown) => {
    endpoint.signal.throwIfAborted();
    if (error instanceof ConfigError) throw error;
    throw new UnreachableError('Authentik does not answer as it should', {
      hint: 'See whether AUTHENTIK_URL and AUTHENTIK_TOKEN are right',
      facts: { detail: error instanceof Error ? error.message : String(error) },
      cause: error,
    });
  });
  return { release, answerTime: (systemClock.now().getTime() - begun) / calls };
}
