import { expect, it } from 'vitest';
import { type WatchedHouse, watchedHost, watchedHouse } from '../homes/watched-house.ts';

const paused = { reason: 'moving house', by: 'ada@vm', since: '2026-03-01T12:00:00.000Z' };

const writesOf = async ({ sandbox }: WatchedHouse) => {
  const reply = await sandbox.fetch(`${sandbox.urls.admin}/calls`);
  const { calls } = (await reply.json()) as { readonly calls: readonly { readonly write: boolean }[] };
  return calls.filter(({ write }) => write).length;
};

async function openHouse(drift: 'repair' | 'report'): Promise<WatchedHouse> {
  const house = await watchedHouse({ drift });
  await house.pass('start');
  await house.pass('probe');
  expect(house.gate()).toMatchObject({ verdict: 'guarded' });
  return house;
}

it.each(['repair', 'report'] as const)(
  'drift: %s: an open host during a pause is reported at once, not closed, and closed by the run after it',
  async (drift) => {
    const house = await openHouse(drift);
    const before = await writesOf(house);
    house.paused = paused;
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    for (const cause of ['probe', 'schedule'] as const) {
      await house.pass(cause);
      expect(await house.visit()).toBe('200 origin');
      expect(house.gate()).toMatchObject({
        verdict: 'open',
        reason: expect.stringContaining('gates is paused: nothing more is written (ada@vm: moving house)'),
      });
    }
    expect(await writesOf(house)).toBe(before);
    const told = house.log.lines.filter(({ fields }) => fields.verdict === 'open');
    expect(told.map(({ level, message }) => [level, message])).toEqual([['error', 'gate not confirmed']]);
    expect(house.told()).toMatch(new RegExp(`^OPEN: strangers get in at ${watchedHost}`));
    house.paused = undefined;
    await house.pass('resume');
    expect(await house.visit()).toBe('503 edge');
    expect(house.gate()).toMatchObject({ verdict: 'closed' });
  },
);

it('a host that is found open as a person pauses is reported, though the run ends there', async () => {
  const house = await openHouse('repair');
  const before = await writesOf(house);
  Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
  const pass = house.pass('probe');
  // The pause begins after the run has begun, and before its first check.
  await new Promise((resolve) => setImmediate(resolve));
  while (house.status().running?.step !== 'plan') await new Promise((resolve) => setImmediate(resolve));
  house.paused = paused;
  await pass;
  expect(house.status().lastRun?.result).toBe('stopped');
  expect(house.gate()).toMatchObject({ verdict: 'open' });
  expect(await writesOf(house)).toBe(before);
  house.paused = undefined;
  await house.pass('resume');
  expect(await house.visit()).toBe('503 edge');
});

it('a working gate is checked in a pause as usual', async () => {
  const house = await openHouse('repair');
  house.paused = paused;
  await house.wait(15);
  await house.pass('probe');
  expect(house.gate()).toMatchObject({ verdict: 'guarded', at: house.status().lastRun?.finishedAt });
  expect(house.told()).toMatch(/^PAUSED/);
});
