import { expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { edit, Laboratory, livedInSandbox, stateOf } from './laboratory.ts';
import { sweepsAfterKill } from './sweeps-after-kill.ts';

/** Every nth call, and each other time the call arrives: more of them are in the exhaustive suite. */
const stride = 43;

test('a sweep removes everything that a run made, at whichever call it was killed', async () => {
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
    await made(sandbox, `/zones/${zone}/dns_records`, { ...record, proxied: true, ttl: 1 });
    await made(sandbox, `${account}/access/tags`, { name: `gates-${owner}` });
    await made(sandbox, `${account}/access/apps`, {
      ...{ type: 'self_hosted', name: host, domain: host, policies: [], tags: [`gates-${owner}`] },
      destinations: [{ type: 'public', uri: host }],
    });
    await made(sandbox, `${account}/access/service_tokens`, { name: `gates:${owner}/probe` });
  }
  const before = stateOf(sandbox);
  expect(await new Laboratory(sandbox).sweep()).toEqual([]);
  expect(stateOf(sandbox)).toEqual(before);
});

async function made(sandbox: Sandbox, path: string, body: unknown): Promise<void> {
  expect(await edit(sandbox, 'POST', path, body)).toMatchObject({ success: true });
}
