import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mirrorSandbox, type RecordedReply } from '../../../../src/lab/sandbox/index.ts';
import { ask, recorded } from './recorded.ts';
import { richSandbox } from './rich-world.ts';

let all: readonly RecordedReply[];

beforeAll(async () => {
  all = await recorded(await richSandbox());
});

/** Random subsets of the replies, in random order. */
const parts = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).map((chances) => {
  const keyed = all.map((reply) => ({ reply, chance: chances.next().value ?? 0 }));
  return keyed
    .filter(({ chance }) => chance < 0.5)
    .sort((a, b) => a.chance - b.chance)
    .map(({ reply }) => reply);
});

/** The body with another value of any sort, or none, in one place. */
function garbled(body: unknown, at: number, put: unknown): unknown {
  const places: { holder: Record<string, unknown>; name: string }[] = [];
  const copy = JSON.parse(JSON.stringify({ body }));
  const walk = (holder: Record<string, unknown>) => {
    for (const name of Object.keys(holder)) {
      places.push({ holder, name });
      const inner = holder[name];
      if (typeof inner === 'object' && inner !== null) walk(inner as Record<string, unknown>);
    }
  };
  walk(copy);
  const place = places[at % places.length];
  if (place !== undefined) place.holder[place.name] = put;
  return copy.body;
}

const anything = fc.oneof(
  fc.constantFrom(null, '', 0, -1, true, [], {}, [null], [{}], 'x', Number.MAX_VALUE, undefined, '__proto__'),
  fc.jsonValue({ maxDepth: 2 }),
);

describe('a copy of some replies', () => {
  it('has the objects in them, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (replies) => {
        const { sandbox, unplayed } = await mirrorSandbox(replies);
        const unsaid = unplayed.join('\n');
        for (const { system, path } of replies) {
          const { status } = await ask(sandbox, system, 'GET', path);
          expect(status === 200 || unsaid.includes('does not answer'), path).toBe(true);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('a garbled reply', () => {
  it('throws nothing, and the copy can be asked, written to and judged', async () => {
    const damage = fc.record({
      which: fc.nat(),
      at: fc.nat(),
      put: anything,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 20 }), async (damages) => {
        const replies = [...all];
        for (const { which, at, put } of damages) {
          const index = which % replies.length;
          const reply = replies[index];
          if (reply !== undefined) replies[index] = { ...reply, body: garbled(reply.body, at, put) };
        }
        const { sandbox } = await mirrorSandbox(replies);
        for (const { system, path } of all.slice(0, 10)) {
          expect((await ask(sandbox, system, 'GET', path)).status, path).toBeLessThan(500);
        }
        const group = { name: 'somebody new' };
        expect((await ask(sandbox, 'authentik', 'POST', '/api/v3/core/groups/', group)).status).toBe(201);
        const admin = async (method: string, path: string, body: object) =>
          (await sandbox.fetch(sandbox.urls.admin + path, { method, body: JSON.stringify(body) })).status;
        expect(await admin('PUT', '/guards', { host: 'app.example.dev', admit: {} })).toBe(200);
        expect(await admin('POST', '/clock', { advance: '1s' })).toBe(200);
        const visited = await sandbox.fetch('https://app.example.dev/', { redirect: 'manual' });
        expect(visited.headers.get('x-sandbox-served-by')).not.toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('may have null for the parameters of a rule that matches a visit', async () => {
    const host = 'app.example.dev';
    const rule = { id: 'r', action: 'skip', expression: `http.host eq "${host}"`, action_parameters: null };
    const replies = all.map((reply) =>
      reply.path.endsWith('/http_request_firewall_custom/entrypoint')
        ? {
            ...reply,
            body: { result: { id: 's', phase: 'http_request_firewall_custom', rules: [rule, rule] } },
          }
        : reply,
    );
    const { sandbox } = await mirrorSandbox(replies);
    const visited = await sandbox.fetch(`https://${host}/`, { redirect: 'manual' });
    expect(visited.headers.get('x-sandbox-served-by')).not.toBeNull();
  });

  it('is named when it is completely unreadable', async () => {
    for (const body of [null, 'text', 7, [], {}, { success: true }, { result: 'x', success: true }]) {
      const replies = all.map((reply) => (reply.path === '/zones' ? { ...reply, body } : reply));
      const { unplayed } = await mirrorSandbox(replies);
      expect(unplayed, JSON.stringify(body)).toContain('zones: a reply cannot be read');
    }
  });

  it('is skipped when the call was rejected, and its object is as in a first world', async () => {
    const refused = all.map((reply) =>
      reply.path.includes('/outposts/') ? { ...reply, status: 403, body: { detail: 'no' } } : reply,
    );
    const { sandbox } = await mirrorSandbox(refused);
    const { body } = await ask(sandbox, 'authentik', 'GET', '/api/v3/outposts/instances/');
    expect(body.results.map(({ name }: { name: string }) => name)).toContain('authentik Embedded Outpost');
  });
});
