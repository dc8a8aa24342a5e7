import { describe } from 'vitest';
import { identityScript } from '../../../../../reconcilers/cloudflare/worker/identity-script.ts';
import { runWorker } from '../../../../../src/lab/sandbox/edge/worker/run-worker.ts';
import { firstWorld } from '../../../../../src/lab/sandbox/first-world.ts';
import {
  env,
  host,
  identityCases,
  type PassedRequest,
  team,
} from '../../../../reconcilers/cloudflare/worker/identity-cases.ts';

describe('the Worker in this process', () => {
  identityCases(async ({ passed, keys }) => {
    const world = firstWorld({ zones: ['example.dev'] });
    const script = {
      ...{ id: 'worker', etag: '', mainModule: 'worker.js', code: identityScript, compatibilityDate: '' },
      bindings: Object.entries(env).map(([name, text]) => ({ type: 'plain_text', name, text })),
      ...{ tags: [], createdAt: '', updatedAt: '' },
    };
    return {
      async ask(path, { method = 'GET', headers = [], body } = {}) {
        const init = { method, headers, ...(body !== undefined && { body }) };
        return runWorker(world, script, new Request(`https://${host}${path}`, init), async (request) => {
          const { hostname, pathname, search } = new URL(request.url);
          if (hostname === team) return keys ? Response.json(keys) : new Response('', { status: 500 });
          const seen: PassedRequest = {
            method: request.method,
            url: pathname + search,
            headers: Object.fromEntries(request.headers),
            body: await request.text(),
          };
          passed.push(seen);
          if (pathname !== '/redirect') return new Response('');
          return new Response('', { status: 302, headers: { location: 'https://elsewhere.example.dev/' } });
        });
      },
      taken: () => passed.splice(0),
    };
  });
});
