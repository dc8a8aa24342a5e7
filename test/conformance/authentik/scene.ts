import { namesFor } from '../../../src/conformance/authentik/names.ts';
import { storiesFor } from '../../../src/conformance/authentik/stories/stories.ts';
import type { Story } from '../../../src/conformance/authentik/story.ts';
import { StoryRun } from '../../../src/conformance/authentik/story-run.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { openAt } from '../../live/server.ts';
import { eagerClock } from '../../support/world.ts';

/** A call on its way to Authentik. */
export interface Call {
  readonly method: string;
  /** The path below `/api/v3`. */
  readonly path: string;
  readonly body: unknown;
}

/** A server's other behavior. `pass` forwards a call: `other`, or by default the original. */
export type Tamper = (call: Call, pass: (other?: Call) => Promise<Response>) => Promise<Response>;

/** A sandbox's Authentik, and a run of stories against it. */
export async function sceneOf(tamper: Tamper = (_, pass) => pass(), owner = 'conformance-1a2b') {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const at = { url: sandbox.urls.authentik, token: sandbox.authentikToken };
  const base = `${at.url}/api/v3`;
  const fetch = (input: string, init: RequestInit): Promise<Response> => {
    const given = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const call = { method: init.method ?? 'GET', path: input.slice(base.length), body: given };
    return tamper(call, ({ method, path, body } = call) => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return sandbox.authentik(new Request(`${base}${path}`, { ...init, method, ...sent }));
    });
  };
  const server = await openAt(at, fetch, eagerClock());
  const names = namesFor(owner);
  return { sandbox, server, names, run: new StoryRun(server, names) };
}

/** The story with this id. */
export function storyOf(id: string): Story {
  const story = storiesFor('2026.8').find((item) => item.id === `authentik/${id}`);
  if (story === undefined) throw new Error(`there is no story ${id}`);
  return story;
}
