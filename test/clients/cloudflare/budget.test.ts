import { describe, expect, it } from 'vitest';
import { createBudget, pace, readAllowance } from '../../../src/clients/cloudflare/budget.ts';
import { eagerClock } from '../../support/world.ts';

const never = new AbortController().signal;

describe('what the API reports of its budget', () => {
  it.each([
    {
      because: 'calls left, seconds to the reset, calls of a window',
      limit: '"default";r=50;t=30',
      policy: '"default";q=1200;w=300',
      allowance: { remaining: 50, resetsAt: 31_000, quota: 1200 },
    },
    {
      because: 'of several limits the tightest counts',
      limit: '"burst";r=90;t=10, "default";r=20;t=100',
      policy: '"burst";q=100;w=60, "default";q=1200;w=300',
      allowance: { remaining: 20, resetsAt: 101_000, quota: 1200 },
    },
    {
      because: 'a policy may have another name',
      limit: '"default";r=50;t=30',
      policy: '"burst";q=100;w=60',
      allowance: { remaining: 50, resetsAt: 31_000, quota: 100 },
    },
    {
      because: 'no policy',
      limit: 'default;r=5;t=1',
      policy: '',
      allowance: { remaining: 5, resetsAt: 2000, quota: undefined },
    },
    { because: 'nothing', limit: '', policy: '', allowance: undefined },
    { because: 'nonsense', limit: 'r=x;;=', policy: ';', allowance: undefined },
  ])('$because', ({ limit, policy, allowance }) => {
    const headers = new Headers({ ratelimit: limit, 'ratelimit-policy': policy });
    expect(readAllowance(headers, 1000)).toEqual(allowance);
  });

  it('may have the header names of older documents', () => {
    const headers = new Headers({
      'x-ratelimit-limit': '1200',
      'x-ratelimit-remaining': '50',
      'x-ratelimit-reset': '30',
    });
    expect(readAllowance(headers, 1000)).toEqual({ remaining: 50, resetsAt: 31_000, quota: 1200 });
    expect(readAllowance(new Headers({ 'x-ratelimit-remaining': 'x' }), 1000)).toBeUndefined();
  });
});

describe('the pace', () => {
  const allowance = (remaining: number) => ({ remaining, resetsAt: 100_000, quota: 1200 });

  it.each([
    { because: 'nothing is known yet', given: undefined, wait: 0 },
    { because: 'there is plenty', given: allowance(1000), wait: 0 },
    { because: 'the window is over', given: { ...allowance(0), resetsAt: 0 }, wait: 0 },
    { because: 'little is left, spread over the rest of the window', given: allowance(219), wait: 1000 },
    { because: 'only what people need is left', given: allowance(120), wait: 100_000 },
    { because: 'people have used that too', given: allowance(0), wait: 100_000 },
  ])('waits $wait ms when $because', ({ given, wait }) => {
    expect(pace(given, 0)).toBe(wait);
  });

  it('slows down as the budget shrinks, so that the API never has to reject a call', () => {
    const waits = [300, 250, 200, 150, 121].map((remaining) => pace(allowance(remaining), 0));
    expect(waits).toEqual([...waits].sort((left, right) => left - right));
  });
});

describe('a budget', () => {
  it('counts calls that are still unanswered', async () => {
    const clock = eagerClock();
    const budget = createBudget(clock);
    const began = clock.now().getTime();
    budget.learn(new Headers({ ratelimit: '"d";r=122;t=60', 'ratelimit-policy': '"d";q=1200;w=300' }));
    await budget.take(never);
    await budget.take(never);
    const before = clock.now().getTime();
    expect(before - began).toBeLessThan(60_000);
    await budget.take(never);
    expect(clock.now().getTime() - began).toBeGreaterThanOrEqual(60_000);
  });

  it('keeps its numbers when an answer says nothing', async () => {
    const clock = eagerClock();
    const budget = createBudget(clock);
    budget.learn(new Headers({ ratelimit: '"d";r=0;t=60' }));
    budget.learn(new Headers());
    const began = clock.now().getTime();
    await budget.take(never);
    expect(clock.now().getTime() - began).toBe(60_000);
  });

  it('reports what is left of the current window, less the calls under way, and nothing of a window that is over', async () => {
    const clock = eagerClock();
    const budget = createBudget(clock);
    expect(budget.left()).toBeUndefined();
    budget.learn(new Headers({ ratelimit: '"d";r=1000;t=60', 'ratelimit-policy': '"d";q=1200;w=300' }));
    await budget.take(never);
    expect(budget.left()).toMatchObject({ remaining: 999, quota: 1200 });
    await clock.sleep(60_000);
    expect(budget.left()).toBeUndefined();
  });

  it('stops waiting when the run is stopped', async () => {
    const budget = createBudget(eagerClock());
    budget.learn(new Headers({ ratelimit: '"d";r=0;t=60' }));
    await expect(budget.take(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
