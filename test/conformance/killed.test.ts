import { expect, test } from 'vitest';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';
import { edit, Laboratory, livedInSandbox, stateOf } from './laboratory.ts';
import { sweepsAfterKill } from './sweeps-after-kill.ts';

/** The number of calls between two kills. Every second killed call still arrives. The exhaustive suite plays more. */
const stride = 43;

test('a sweep removes everything that a run created, at whichever call it was killed', async () => {
  const { killed, left } = await sweepsAfterKill('quick', stride);
  expect(left).toEqual([]);
  expect(killed).toBeGreaterThan(8);
});

test('a sweep touches no object whose marker or host only resembles that of a run', async () => {
  const sandbox = await livedInSandbox();
  const [{ id: zone = '' } = {}] = sandbox.zones;
  const account = `/accounts/${sandbox.accountId}`;
  const others = ['conformance-prod', 'conformance', 'home'];
  for (const owner of others) {
    const host = `gates-${owner}.example.dev`;
    const record = { type: 'CNAME', name: host, content: 'www.example.net', comment: `gates:${owner}` };
    await create(sandbox, `/zones/${zone}/dns_records`, { ...record, proxied: true, ttl: 1 });
    await create(sandbox, `${account}/access/tags`, { name: `gates-${owner}` });
    await create(sandbox, `${account}/access/apps`, {
      ...{ type: 'self_hosted', name: host, domain: host, policies: [], tags: [`gates-${owner}`] },
      destinations: [{ type: 'public', uri: host }],
    });
    await create(sandbox, `${account}/access/service_tokens`, { name: `gates:${owner}/probe` });
  }
  const before = stateOf(sandbox);
  expect(await new Laboratory(sandbox).sweep()).toEqual([]);
  expect(stateOf(sandbox)).toEqual(before);
});

test('a sweep removes an identity provider that a killed run left, and no other', async () => {
  const sandbox = await livedInSandbox();
  const before = stateOf(sandbox);
  const addresses = Object.fromEntries(
    ['auth_url', 'token_url', 'certs_url'].map((name) => [name, `https://login.invalid/${name}`]),
  );
  const config = { client_id: 'left', client_secret: 'left', ...addresses };
  const name = 'gates:conformance-7x2k/names';
  await create(sandbox, `/accounts/${sandbox.accountId}/access/identity_providers`, {
    name,
    type: 'oidc',
    config,
  });
  expect(await new Laboratory(sandbox).sweep()).toEqual(['Access identity provider names']);
  expect(stateOf(sandbox)).toEqual(before);
});

test('an identity provider is not tested if it would be the first of the account', async () => {
  const sandbox = await livedInSandbox();
  const path = `/accounts/${sandbox.accountId}/access/identity_providers`;
  const { result } = (await edit(sandbox, 'GET', path)) as { readonly result: readonly { id: string }[] };
  for (const { id } of result) await edit(sandbox, 'DELETE', `${path}/${id}`);
  const { beliefs } = await new Laboratory(sandbox).run('full');
  expect(beliefs.filter(({ state }) => state !== 'as believed')).toEqual([
    expect.objectContaining({ belief: 'providers/name', state: 'not asked' }),
  ]);
});

async function create(sandbox: Sandbox, path: string, body: unknown): Promise<void> {
  expect(await edit(sandbox, 'POST', path, body)).toMatchObject({ success: true });
}
