import { describe, expect, it } from 'vitest';
import { account, accountPath } from '../../../reconcilers/cloudflare/account/account.ts';
import { organization } from '../../../reconcilers/cloudflare/account/organization.ts';
import { zone } from '../../../reconcilers/cloudflare/account/zone.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { DesiredObject, Scope } from '../../../src/core/objects/object.ts';
import type { Wire, World } from '../../../src/core/world.ts';
import { createWorld } from '../../../src/observed/world.ts';
import { pending, testWorld } from '../../support/world.ts';

const id = '0123456789abcdef0123456789abcdef';

/** A world with another scope or wire than the sandbox's. */
async function world(changes: { scope?: Partial<Scope>; wire?: Partial<Wire> }): Promise<World> {
  const test = await testWorld({
    reconcilers: [account, zone, organization],
    zones: ['example.dev', 'other.dev'],
  });
  const pass = test.pass();
  const scope = { ...pass.scope, ...changes.scope };
  return createWorld({ ...pass, scope, cloudflare: { ...pass.cloudflare, ...changes.wire } });
}

const refusal = (detail: string, status: number) => async () => {
  throw new RejectedError('Cloudflare refused the request', { facts: { detail, status, applied: 'no' } });
};

describe('an account', () => {
  it('with an id is used without a call', async () => {
    const silent = await world({ scope: { account: id }, wire: { list: refusal('asked', 400) } });
    expect(await accountPath(silent)).toBe(`/accounts/${id}`);
  });

  it('is found by its exact name', async () => {
    const list = async () => [
      { id: 'a', name: 'Home' },
      { id: 'b', name: 'home' },
    ];
    expect(await accountPath(await world({ scope: { account: 'home' }, wire: { list } }))).toBe(
      '/accounts/b',
    );
  });

  it('is not guessed when several have the name', async () => {
    const list = async () => [
      { id: 'a', name: 'home' },
      { id: 'b', name: 'home' },
    ];
    const twins = await world({ scope: { account: 'home' }, wire: { list } });
    await expect(accountPath(twins)).rejects.toMatchObject({ hint: expect.stringContaining('a, b') });
  });

  it('that the token does not see is an error that says what to check, for everything in it', async () => {
    const blind = await world({ scope: { account: 'elsewhere' } });
    expect(await blind.read(account)).toEqual([]);
    await expect(blind.read(zone)).rejects.toMatchObject({
      hint: expect.stringContaining('cloudflare.account'),
    });
  });
});

describe('a zone', () => {
  const desired: DesiredObject = {
    address: { kind: 'cloudflare/zone', key: 'example.dev' },
    spec: { status: 'active' },
    mustExist: 'add it first',
    because: 'cloudflare.zones',
  };

  it('has its id and its plan; zones outside the file are not read', async () => {
    const pass = await world({ scope: { zones: ['example.dev'] } });
    const [found, ...others] = await pass.read(zone);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      address: { key: 'example.dev' },
      attributes: { plan: 'free', id: expect.any(String) },
    });
  });

  it('without a plan in the reply has the smallest one', async () => {
    const list = async () => [{ id: 'z', name: 'example.dev', status: 'active' }];
    const [found] = await (await world({ wire: { list } })).read(zone);
    expect(found?.attributes.plan).toBe('free');
  });

  it.each([
    ['pending', 'a.ns.example and b.ns.example'],
    ['moved', 'set its name servers at the registrar back to'],
  ])('that is %s is refused, and says which name servers to set', async (status, words) => {
    const name_servers = ['a.ns.example', 'b.ns.example'];
    const list = async () => [{ id: 'z', name: 'example.dev', status, name_servers }];
    const [found] = await (await world({ wire: { list } })).read(zone);
    if (found === undefined) throw new Error('the zone was not read');
    expect(zone.remedy?.(['status'], { status: 'active' }, found, false)).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining(words),
    });
  });

  it('that is active needs nothing, and a missing one is refused', async () => {
    const test = await testWorld({ reconcilers: [account, zone] });
    expect(pending(await test.plan([desired]))).toEqual([]);
    const missing = { ...desired, address: { kind: 'cloudflare/zone', key: 'gone.dev' } } as const;
    expect(pending(await test.plan([missing])).map(({ verb, reason }) => [verb, reason])).toEqual([
      ['refuse', 'add it first'],
    ]);
  });
});

describe('the organization', () => {
  it('has the team and its domain, and a file with another team is refused', async () => {
    const [found] = await (await world({})).read(organization);
    expect(found?.attributes).toEqual({ team: 'example', authDomain: 'example.cloudflareaccess.com' });
    if (found === undefined) throw new Error('the organization was not read');
    expect(organization.remedy?.(['team'], { team: 'other' }, found, true)).toMatchObject({
      verb: 'refuse',
      reason: expect.stringMatching(/"example", not "other"/),
    });
  });

  it.each([
    { because: 'the account never started Zero Trust', get: refusal('access.api.error.not_enabled', 400) },
    { because: 'the API says 404', get: async () => undefined },
  ])('is absent, and no error, when $because', async ({ get }) => {
    expect(await (await world({ wire: { get } })).read(organization)).toEqual([]);
  });

  it('is unknown when the token may not see it', async () => {
    const blind = await world({ wire: { get: refusal('Authentication error', 403) } });
    await expect(blind.read(organization)).rejects.toThrow(RejectedError);
  });
});
