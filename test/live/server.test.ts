import { describe, expect, it } from 'vitest';
import { AUTHENTIK_VERSIONS, createSandbox } from '../../src/lab/sandbox/index.ts';
import { ofThisTurn } from '../support/turn.ts';
import { chosenBy, openAt } from './server.ts';

const url = 'http://authentik.lan:9000';

describe('the server of the live suite', () => {
  it.each([
    { because: 'nothing is said', env: {}, choice: { releases: ['2026.8'], delay: 0 } },
    {
      because: 'a release is named',
      env: { GATES_LIVE_RELEASE: '2025.8' },
      choice: { releases: ['2025.8'], delay: 0 },
    },
    {
      because: 'all releases are asked for, and no server is reached',
      env: { GATES_LIVE_RELEASE: 'all', AUTHENTIK_URL: url, AUTHENTIK_TOKEN: 'key' },
      choice: { releases: AUTHENTIK_VERSIONS, delay: 0 },
    },
    {
      because: 'the quick suite plays the newest, and reaches no server',
      env: { GATES_LIVE_RELEASE: 'newest', AUTHENTIK_URL: url, AUTHENTIK_TOKEN: 'key' },
      choice: { releases: ['2026.8'], delay: 0 },
    },
    {
      because: 'the exhaustive suite plays the rest, and reaches no server',
      env: { GATES_LIVE_RELEASE: 'older', AUTHENTIK_URL: url, AUTHENTIK_TOKEN: 'key' },
      choice: { releases: ofThisTurn(['2025.8', '2025.12', '2026.2', '2026.5']), delay: 0 },
    },
    {
      because: 'a server is given',
      env: { AUTHENTIK_URL: url, AUTHENTIK_TOKEN: 'key' },
      choice: { url, token: 'key', delay: 0 },
    },
    {
      because: 'a slow proxy is to be in front',
      env: { GATES_LIVE_DELAY: '4000' },
      choice: { releases: ['2026.8'], delay: 4_000 },
    },
    {
      because: 'its address is that of the API',
      env: { AUTHENTIK_URL: `${url}/api/v3/`, AUTHENTIK_TOKEN: 'key' },
      choice: { url, token: 'key', delay: 0 },
    },
  ])('$because', ({ env, choice }) => {
    expect(chosenBy(env)).toEqual(choice);
  });

  it.each([
    { because: 'there is no token', env: { AUTHENTIK_URL: url }, message: 'without AUTHENTIK_TOKEN' },
    { because: 'there is no address', env: { AUTHENTIK_TOKEN: 'key' }, message: 'without AUTHENTIK_URL' },
    {
      because: 'a server cannot be told its release',
      env: { AUTHENTIK_URL: url, AUTHENTIK_TOKEN: 'key', GATES_LIVE_RELEASE: '2025.8' },
      message: 'for the sandbox',
    },
    { because: 'the delay is no number', env: { GATES_LIVE_DELAY: '4s' }, message: 'milliseconds' },
    { because: 'nobody plays it', env: { GATES_LIVE_RELEASE: '2024.2' }, message: 'one of 2025.8' },
  ])('is refused when $because', ({ env, message }) => {
    expect(() => chosenBy(env)).toThrow(message);
  });
});

describe('a server', () => {
  async function played() {
    const sandbox = await createSandbox({ zones: ['example.dev'], authentikVersion: '2025.12' });
    const fetch = (input: string, init: RequestInit) => sandbox.authentik(new Request(input, init));
    return { sandbox, fetch, url: sandbox.urls.authentik, token: sandbox.authentikToken };
  }

  it('has its address as its name, and reports its release', async () => {
    const { url: at, token, fetch } = await played();
    expect(await openAt({ url: at, token }, fetch)).toMatchObject({ name: at, release: '2025.12' });
  });

  it('is refused before any write if its token is no superuser’s', async () => {
    const { sandbox, url: at, token, fetch } = await played();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const ask = async (method: string, path: string, body?: object) => {
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      const reply: unknown = await (await fetch(`${at}/api/v3${path}`, init)).json();
      return reply as { readonly pk: number; readonly key: string };
    };
    const { pk } = await ask('POST', '/core/users/', { username: 'kim', name: 'kim' });
    await ask('POST', '/core/tokens/', { identifier: 'kim', user: pk, expiring: false });
    const { key } = await ask('GET', '/core/tokens/kim/view_key/');
    const before = sandbox.calls().length;
    await expect(openAt({ url: at, token: key }, fetch)).rejects.toThrow('superuser');
    expect(sandbox.calls(before).filter(({ write }) => write)).toEqual([]);
  });

  it('is refused if it lacks a stock flow', async () => {
    const { url: at, token, fetch } = await played();
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${at}/api/v3/flows/instances/default-invalidation-flow/`, { method: 'DELETE', headers });
    await expect(openAt({ url: at, token }, fetch)).rejects.toThrow('default-invalidation-flow');
  });
});
