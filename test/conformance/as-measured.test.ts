import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asMeasured, createSandbox } from '../../src/lab/sandbox/index.ts';
import { admin, edit, Laboratory, livedInSandbox } from './laboratory.ts';

// Real time would pass between two calls, longer on a busy machine.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

test('a sandbox configured from a measured account behaves like that account', async () => {
  const first = await livedInSandbox({
    settle: 3_500,
    lag: { access: 5_000, policies: 3_000, records: 2_000, waf: 8_000, cache: 4_000, revocations: 20_000 },
    rateHeaders: 'both',
    callBudget: 1_500,
    accessLimits: { destinations: 10 },
  });
  await edit(first, 'PUT', `/accounts/${first.accountId}/access/organizations`, {
    strict_service_token_auth: false,
    allow_authenticate_via_warp: true,
  });
  const document = await new Laboratory(first).run('full');
  expect(document.failures).toEqual({});
  const states = new Set(document.beliefs.map(({ state }) => state));
  expect([...states].sort()).toEqual(['as believed', 'otherwise']);
  const second = await livedInSandbox(asMeasured(JSON.parse(JSON.stringify(document))));
  expect(await new Laboratory(second).run('full')).toEqual(document);
});

test('Bot Fight Mode and an edge that blocks every host without an application are adopted', async () => {
  const first = await livedInSandbox();
  const [zone] = first.zones;
  await edit(first, 'PUT', `/zones/${zone?.id}/bot_management`, { fight_mode: true });
  await edit(first, 'PUT', `/accounts/${first.accountId}/access/organizations`, {
    deny_unmatched_requests: true,
  });
  const document = await new Laboratory(first).run();
  const second = await livedInSandbox(asMeasured(document));
  expect(await new Laboratory(second).run()).toEqual(document);
});

test('the names of a zone and of a tunnel are adopted, so that a file of the account fits', async () => {
  const document = {
    version: 1,
    set: 'quick',
    zone: 'jo.example',
    tunnel: 'attic',
    beliefs: [],
    failures: {},
  };
  const sandbox = await createSandbox(asMeasured(document));
  const { zones, tunnels } = (await admin(sandbox, 'GET', '/state')) as Record<string, { name: string }[]>;
  expect([zones, tunnels].map((list) => list?.map(({ name }) => name))).toEqual([['jo.example'], ['attic']]);
});

test.each([[], {}, { version: 1 }, { version: 2, beliefs: [] }, 'text'])(
  '%j is not accepted as the document of a run',
  (other) => {
    expect(() => asMeasured(other)).toThrow(TypeError);
  },
);
