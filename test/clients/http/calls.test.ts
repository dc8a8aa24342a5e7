import { expect, it } from 'vitest';
import { createCallCounter } from '../../../src/clients/http/calls.ts';

it('the counter counts each request of a run, and tells a listener how it was answered', async () => {
  const heard: string[] = [];
  const calls = createCallCounter({ called: (system, status) => void heard.push(`${system} ${status}`) });
  const cloudflare = calls.around('cloudflare', async () => new Response('', { status: 429 }));
  const authentik = calls.around('authentik', async () => {
    throw new Error('no answer');
  });
  expect((await cloudflare('http://api.invalid/')).status).toBe(429);
  await cloudflare(new Request('http://api.invalid/', { method: 'PUT' }));
  await expect(authentik('http://auth.invalid/', { method: 'POST' })).rejects.toThrow('no answer');
  expect(heard).toEqual(['cloudflare 429', 'cloudflare 429', 'authentik undefined']);
  expect(calls.counts()).toEqual({ cloudflare: { reads: 1, writes: 1 }, authentik: { reads: 0, writes: 1 } });
});
