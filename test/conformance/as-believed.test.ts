import { expect, test } from 'vitest';
import { summaryOf } from '../../src/conformance/report.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';
import { admin, edit, Laboratory, livedInSandbox, stateOf } from './laboratory.ts';
import { rewrites } from './tampering.ts';

test.each(['quick', 'full'] as const)(
  'the sandbox behaves as gates believes (%s), and nothing in it has changed afterwards',
  async (set) => {
    const sandbox = await livedInSandbox();
    const before = stateOf(sandbox);
    const { beliefs, failures } = await new Laboratory(sandbox).run(set);
    expect(failures).toEqual({});
    expect(beliefs.filter(({ state }) => state !== 'as believed')).toEqual([]);
    expect(stateOf(sandbox)).toEqual(before);
  },
);

test('API Shield is not asked where the plan does not include it', async () => {
  const { beliefs } = await new Laboratory(await livedInSandbox({ plan: 'free' })).run();
  const others = beliefs.filter(({ state }) => state !== 'as believed');
  expect(others.map(({ belief }) => belief.split('/')[0])).toEqual(Array(5).fill('shield'));
  expect(new Set(others.map(({ why }) => why))).toEqual(
    new Set(['the plan of the zone does not include API Shield']),
  );
});

/** The permissions of docs/first-hour.md, without those that only some gates need. */
const fewest = [
  ...['Zone Read', 'DNS Write', 'Cache Settings Write', 'Cache Purge', 'Cloudflare Tunnel Write'],
  ...['Access: Apps and Policies Write', 'Access: Service Tokens Write'],
  'Access: Organizations, Identity Providers, and Groups Read',
];

async function withFewest(): Promise<Sandbox> {
  const sandbox = await livedInSandbox();
  const world = (await admin(sandbox, 'GET', '/state')) as { apiTokens: { permissions?: string[] }[] };
  for (const token of world.apiTokens) token.permissions = fewest;
  await admin(sandbox, 'PUT', '/state', world);
  return sandbox;
}

test('nothing differs for a token without the permissions that few files need', async () => {
  const document = await new Laboratory(await withFewest()).run();
  expect([document.failures, document.beliefs.filter(({ state }) => state === 'otherwise')]).toEqual([
    {},
    [],
  ]);
  const left = document.beliefs.filter(({ state }) => state === 'not asked');
  expect(left.filter(({ why }) => why?.startsWith('the token lacks')).map(({ belief }) => belief)).toEqual([
    'token/custom-rules',
    'token/shield',
  ]);
  expect(summaryOf(document)).toMatch(/ 0 otherwise, \d+ not asked\.$/);
});

test('an object without its marker is reported as such, by a token that may not read custom rules', async () => {
  const tamper = rewrites(/access\/apps/, '"gates-conformance-1a2b"', '"other"');
  const { beliefs } = await new Laboratory(await withFewest(), { tamper }).run();
  expect(
    beliefs.filter(({ state }) => state === 'otherwise').map(({ belief, seen }) => [belief, seen]),
  ).toEqual([['names/application', expect.stringContaining('is not in the list')]]);
});

test('the summary repeats what differs, since many unasked lines may follow it', async () => {
  const sandbox = await livedInSandbox();
  await edit(sandbox, 'PUT', `/accounts/${sandbox.accountId}/access/organizations`, {
    deny_unmatched_requests: true,
  });
  const lines = summaryOf(await new Laboratory(sandbox).run()).split('\n');
  expect(lines[0]).toMatch(/ 1 otherwise, \d+ not asked\.$/);
  expect(lines.slice(1)).toEqual([
    '  organization/reachable: it is on, and this zone is not exempted',
    'docs/conformance.md says what to do about each of these.',
  ]);
});
