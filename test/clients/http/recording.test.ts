import { describe, expect, it } from 'vitest';
import { Recording } from '../../../src/clients/http/recording.ts';

const base = 'https://api.example.test/client/v4';

describe('a recording', () => {
  it('keeps every answer to a GET, with its path below the base, and passes it on unread', async () => {
    const recording = new Recording();
    const fetch = recording.around('cloudflare', base, async () => Response.json({ result: [1] }));
    const response = await fetch(`${base}/zones?page=1`);
    await fetch(new Request(`${base}/accounts`));
    expect(await response.json()).toEqual({ result: [1] });
    expect(recording.replies).toEqual([
      { system: 'cloudflare', path: '/zones?page=1', status: 200, body: { result: [1] } },
      { system: 'cloudflare', path: '/accounts', status: 200, body: { result: [1] } },
    ]);
  });

  it('keeps nothing of a write, nor of another address', async () => {
    const recording = new Recording();
    const fetch = recording.around('authentik', 'http://authentik.lan:9000/', async () => new Response('{}'));
    await fetch('http://authentik.lan:9000/api/v3/core/groups/', { method: 'post' });
    await fetch('http://elsewhere.lan/api/v3/core/groups/');
    expect(recording.replies).toEqual([]);
  });

  it('keeps a page that is no JSON as text, and a refusal as a refusal', async () => {
    const recording = new Recording();
    const fetch = recording.around('authentik', 'http://authentik.lan:9000', async () => {
      return new Response('<h1>502</h1>', { status: 502 });
    });
    await fetch('http://authentik.lan:9000/api/v3/admin/version/');
    expect(recording.replies).toEqual([
      { system: 'authentik', path: '/api/v3/admin/version/', status: 502, body: '<h1>502</h1>' },
    ]);
  });
});
