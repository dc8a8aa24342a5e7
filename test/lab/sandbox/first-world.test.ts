import { expect, it } from 'vitest';
import { handleCloudflare } from '../../../src/lab/sandbox/cloudflare/index.ts';
import { firstWorld } from '../../../src/lab/sandbox/first-world.ts';
import type { World } from '../../../src/lab/sandbox/state/world.ts';

async function newTokenIn(world: World): Promise<unknown> {
  const request = new Request(
    `http://cloudflare.test/client/v4/accounts/${world.account.id}/access/service_tokens`,
    {
      method: 'POST',
      body: '{"name":"ci"}',
    },
  );
  const { created_at, updated_at, ...rest } = (
    (await (await handleCloudflare(world, request, { trusted: true })).json()) as {
      result: { created_at: string; updated_at: string };
    }
  ).result;
  return rest;
}

it('a world is plain JSON, and a restored world hands out the same ids and secrets again', async () => {
  const world = firstWorld({ zones: ['example.dev'] });
  const restored = JSON.parse(JSON.stringify(world)) as World;
  expect(restored).toEqual(world);
  const made = await newTokenIn(world);
  expect(await newTokenIn(restored)).toEqual(made);
  expect(await newTokenIn(restored)).not.toEqual(made);
});

it('every secret, and nothing else, contains the canary', () => {
  const world = firstWorld({ zones: ['example.dev'], canary: 'CANARY123' });
  const secrets = [
    world.apiTokens[0]?.value,
    world.authentik.tokens[0]?.key,
    world.tunnels[0]?.secret,
    world.strangerToken.secret,
  ];
  for (const secret of secrets) expect(secret).toContain('CANARY123');
  const occurrences = JSON.stringify(world).split('CANARY123').length - 1;
  expect(occurrences).toBe(secrets.length + 1);
});

it('the team has the first label of the first zone as its name, and the account the requested plan', () => {
  const world = firstWorld({ zones: ['Home.example.net', 'example.dev'], plan: 'business' });
  expect(world.organization?.authDomain).toBe('Home.cloudflareaccess.com'.toLowerCase());
  expect(world.zones.map(({ name, plan, status }) => [name, plan, status])).toEqual([
    ['home.example.net', 'business', 'active'],
    ['example.dev', 'business', 'active'],
  ]);
});

it('an edit of another actor needs no token and uses none of the budget', async () => {
  const world = firstWorld({ zones: ['example.dev'], callBudget: 0 });
  await newTokenIn(world);
  expect(world.serviceTokens).toHaveLength(1);
  expect(world.budget.used).toBe(0);
});
