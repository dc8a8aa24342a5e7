import { expect, it } from 'vitest';
import { type Call, sceneOf, storyOf, type Tamper } from './scene.ts';

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

const is = (call: Call, method: string, path: RegExp) => call.method === method && path.test(call.path);

/** A tamper that edits each object in the replies to these calls. */
function edited(method: string, path: RegExp, edit: (row: Record<string, unknown>) => object): Tamper {
  return async (call, pass) => {
    const reply = await pass();
    if (!is(call, method, path) || !reply.ok) return reply;
    const body = (await reply.json()) as { results?: Record<string, unknown>[] };
    return json(
      reply.status,
      body.results ? { ...body, results: body.results.map(edit) } : edit({ ...body }),
    );
  };
}

let patched = false;

/** A server that behaves otherwise, the story that shows it, and the text of its line. */
const planted: readonly { because: string; story: string; seen: string; tamper: Tamper }[] = [
  {
    because: 'a crash is answered like a refusal',
    story: 'crash-is-unknown',
    seen: 'a write that crashed the server was answered 400, and read as applied: no',
    tamper: async (call, pass) =>
      is(call, 'PATCH', /^\/policies\/bindings/) ? json(400, { detail: 'no' }) : pass(),
  },
  {
    because: 'a scope need not be Python',
    story: 'scope-mapping-wrong-python',
    seen: 'what failed: nothing',
    tamper: async (call, pass) =>
      is(call, 'POST', /scope/)
        ? pass({ ...call, body: { ...(call.body as object), expression: '1' } })
        : pass(),
  },
  {
    because: 'a PATCH of a group empties it',
    story: 'group-renamed-with-members',
    seen: 'the group after a person renamed it',
    tamper: async (call, pass) =>
      is(call, 'PATCH', /^\/core\/groups/) && !Object.hasOwn(call.body as object, 'users')
        ? pass({ ...call, body: { ...(call.body as object), users: [] } })
        : pass(),
  },
  {
    because: 'who uses a group is a crash for every token',
    story: 'limited-token-without-used-by',
    seen: 'Authentik has trouble of its own',
    tamper: async (call, pass) =>
      is(call, 'GET', /groups.*used_by/) ? new Response('<html>', { status: 500 }) : pass(),
  },
  {
    because: 'a refusal does not speak of permissions',
    story: 'limited-token-without-rights',
    seen: 'the server names no permission',
    tamper: async (_, pass) => {
      const reply = await pass();
      return reply.status === 403 ? json(403, { detail: 'Forbidden' }) : reply;
    },
  },
  {
    because: 'a list without the right to see it is empty',
    story: 'limited-token-without-authentik-core-view-group',
    seen: 'the kinds that are not known',
    tamper: async (call, pass) => {
      const reply = await pass();
      const isHidden = reply.status === 403 && is(call, 'GET', /^\/core\/groups\//);
      return isHidden ? json(200, { pagination: { next: 0, count: 0 }, results: [] }) : reply;
    },
  },
  {
    because: 'a field is not shown',
    story: 'proxy-provider-round-trip',
    seen: 'what a second run would do: update authentik/proxy-provider:app',
    tamper: edited('GET', /^\/providers\/proxy\//, (row) => ({ ...row, skip_path_regex: '' })),
  },
  {
    because: 'a SAML provider loses the audience of its assertions',
    story: 'saml-provider-round-trip',
    seen: 'what a second run would do: update authentik/saml-provider:client/saml',
    tamper: edited('GET', /^\/providers\/saml\//, (row) => ({ ...row, audience: '' })),
  },
  {
    because: 'the mark of a group is not kept',
    story: 'group-marked',
    seen: 'its owner, for us and for another owner',
    tamper: edited('GET', /^\/core\/groups\//, (row) => ({ ...row, attributes: {} })),
  },
  {
    because: 'two bindings of an application get one order',
    story: 'gate-orders-differ',
    seen: 'how many orders two bindings have: 1, and not 2',
    tamper: async (call, pass) =>
      is(call, 'POST', /^\/policies\/bindings/)
        ? pass({ ...call, body: { ...(call.body as object), order: 0 } })
        : pass(),
  },
  {
    because: 'a provider stays after it was removed',
    story: 'gate-orphans',
    seen: 'It is still used by what gates does not manage. Take it out there first: oauth2provider',
    tamper: async (call, pass) =>
      is(call, 'DELETE', /^\/providers\/oauth2/) ? new Response(null, { status: 204 }) : pass(),
  },
  {
    because: 'somebody else changes an object meanwhile',
    story: 'group-round-trip',
    seen: 'what others have on the server changed: /core/groups/',
    tamper: async (call, pass) => {
      if (is(call, 'POST', /^\/core\/groups/) && !patched) {
        patched = true;
        await pass({ method: 'POST', path: '/core/groups/', body: { name: 'of somebody else' } });
      }
      return pass();
    },
  },
];

it.each(planted)('a story shows when $because', async ({ story: id, seen, tamper }) => {
  const story = storyOf(id);
  const { run } = await sceneOf(tamper);
  const { answer } = await run.play(story);
  expect(answer).toEqual({ state: 'otherwise', seen: expect.stringContaining(seen) });
  // The text is the same for every server that behaves so.
  expect(JSON.stringify(answer)).not.toMatch(/1a2b|[0-9a-f]{8}-[0-9a-f]{4}-/);
  const { run: untouched } = await sceneOf();
  expect((await untouched.play(story)).answer.state).toBe('as believed');
});

it('a story is not asked when a server cannot show it', async () => {
  const { run } = await sceneOf(async (call, pass) => {
    const reply = await pass();
    return is(call, 'PUT', /^\/policies\/bindings/) && reply.status === 400 ? json(200, {}) : reply;
  });
  const { answer } = await run.play(storyOf('binding-same-order-refused'));
  expect(answer).toEqual({ state: 'not asked', why: 'the server takes two bindings of one order' });
});
