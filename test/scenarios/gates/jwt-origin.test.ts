import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearer, bearing, gate, Home, host } from '../homes/bearer-home.ts';
import { SigningKeyHome } from '../homes/signing-key-home.ts';
import { unfinished } from '../stage/stage.ts';

describe('a host whose callers bring a token, asked about by the origin', () => {
  it('is opened once `/verify` was seen to refuse, and admits visitors with a token, only at the operations', async () => {
    const home = await Home.open();
    await home.guard(bearer);
    expect(unfinished(await home.pass())).toEqual([]);
    expect(await home.ask('/v1/items')).toEqual({ status: 401, by: 'edge' });
    expect(await home.ask('/v1/items?page=2', await bearing())).toEqual({ status: 200, by: 'origin' });
    expect(await home.ask('/v1/items/7', await bearing())).toEqual({ status: 200, by: 'origin' });
    expect(await home.ask('/v1/items', await bearing(), 'POST')).toEqual({ status: 200, by: 'origin' });
    for (const path of [
      '/',
      '/v1',
      '/v1/items/',
      '/v1/items/7/x',
      '/v1/items/7%2Fx',
      '/V1/items',
      '//v1/items',
    ])
      expect([path, (await home.ask(path, await bearing())).by]).not.toEqual([path, 'origin']);
    expect((await home.ask('/v1/items/7', await bearing(), 'POST')).status).toBe(401);
    for (const wrong of [{ aud: 'other' }, { exp: 1 }])
      expect((await home.ask('/v1/items', await bearing(wrong))).status).toBe(401);
    expect(home.sandbox.exposures()).toEqual([]);
    expect(unfinished(await home.pass())).toEqual([]);
  });

  it.each([
    {
      because: 'Traefik does not ask',
      verify: {},
      more: {},
      says: /without a token got through to the application/,
    },
    {
      because: 'it asks about another host',
      verify: { [host]: 'http://gates.lan:8420/verify?host=other.example.dev' },
      more: {},
      says: /and not by `\/verify` of the daemon/,
    },
    {
      because: 'it hands on what a client says of the request',
      verify: { [host]: `http://gates.lan:8420/verify?host=${host}` },
      more: { trustForwarded: true },
      says: /hands a client's X-Forwarded-(Method|Uri) to the daemon: `trustForwardHeader` has to be off/,
    },
  ])('stays hidden when $because', async ({ verify, more, says }) => {
    const home = await Home.open();
    await home.guard({});
    await home.traefik(verify, more);
    expect(unfinished(await home.pass()).join()).toMatch(says);
    expect((await home.ask('/v1/items', await bearing())).by).toBe('access');
    expect(home.sandbox.exposures()).toEqual([]);
    await home.traefik({ [host]: `http://gates.lan:8420/verify?host=${host}` });
    expect(unfinished(await home.pass())).toEqual([]);
    expect((await home.ask('/v1/items', await bearing())).by).toBe('origin');
  });

  it('is closed when a watching run finds that Traefik no longer asks', async () => {
    const home = await Home.open();
    expect(unfinished(await home.pass())).toEqual([]);
    await home.traefik({});
    expect(unfinished(await home.pass(gate, 'watch')).join()).toContain('got through to the application');
    expect((await home.ask('/v1/items', await bearing())).status).toBe(503);
  });
});

describe('a host whose audience is the name of its client of Authentik', () => {
  it.each(['edge', 'origin'] as const)('admits at the %s a token of that client for its id', async (at) => {
    const home = await SigningKeyHome.make(at, 'api');
    const token = await home.token();
    expect(decodeJwt(token).aud).toBe(home.disk.vault.entries.get('client-api')?.clientId);
    expect(await home.visit(token)).toBe(200);
    expect(await home.visit(await home.token('other'))).not.toBe(200);
  });

  it('admits nobody at the origin while the vault lacks the id, which the next run stores again', async () => {
    const home = await SigningKeyHome.make('origin', 'api');
    const token = await home.token();
    await home.disk.vault.remove('client-api');
    expect(await home.visit(token)).toBe(503);
    expect(unfinished((await home.pass()).report)).toEqual([]);
    expect(await home.visit(token)).toBe(200);
  });
});
