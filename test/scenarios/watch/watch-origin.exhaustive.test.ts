import { describe, expect, it } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.ts';
import type { EdgeAnswer } from '../../../src/core/world.ts';
import { type WatchedHouse, watchedHost, watchedHouse } from '../homes/watched-house.ts';

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): EdgeAnswer => ({
  status,
  headers: { 'cf-ray': '8f1', ...headers },
  body: '',
});
const challenge = answer(403, { 'cf-mitigated': 'challenge' });

/** A house with an open host behind its gate, which was checked once. */
async function openHouse(options?: Parameters<typeof watchedHouse>[0]): Promise<WatchedHouse> {
  const house = await watchedHouse(options);
  await house.pass('start');
  await house.pass('probe');
  expect(house.gate()).toMatchObject({ verdict: 'guarded', origin: { verdict: 'asks' } });
  house.log.lines.splice(0);
  return house;
}

/** The log lines about gates. */
const logged = ({ log }: WatchedHouse) =>
  log.lines
    .filter(({ message }) => /gate|origin/.test(message))
    .map(({ level, message, fields }) => [level, message, fields.verdict ?? '']);

const headline = (house: WatchedHouse) => house.told().split('\n')[0];

describe('a host that starts to answer openly', () => {
  it('is closed within the run, and the status and the log say so', async () => {
    const house = await openHouse();
    expect(await house.visit()).toBe('302 auth.example.dev');
    await house.wait(15);
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    expect(await house.visit()).toBe('200 origin');
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
    expect(logged(house)).toEqual([
      ['warn', 'gate not confirmed', 'closed'],
      ['warn', 'origin does not ask for a login', 'silent'],
    ]);
    const { lastRun } = house.status();
    expect(lastRun).toMatchObject({ result: 'incomplete', triggers: ['probe'] });
    expect(house.gate()).toMatchObject({
      verdict: 'closed',
      since: lastRun?.finishedAt,
      milliseconds: expect.any(Number),
      reason: expect.stringContaining('does not send the host through the outpost'),
      origin: { verdict: 'silent', since: lastRun?.finishedAt },
    });
    expect(headline(house)).toMatch(/^INCOMPLETE/);
    expect(house.told()).toMatch(
      /^ {2}app\.example\.dev {2}CLOSED, answers 503, for 0 s; answered in \d+ ms/m,
    );
  });

  it('is closed in the run that opens it, if it asks only under its cover', async () => {
    const house = await watchedHouse();
    const covers = () => JSON.parse(house.sandbox.snapshot()).apps.length;
    Object.defineProperty(house.origin, 'atEdge', { get: () => (covers() === 1 ? 'asks' : 'answers') });
    await house.pass('start');
    expect(await house.visit()).toBe('503 edge');
    expect(house.gate()).toMatchObject({ verdict: 'closed' });
    expect(headline(house)).toMatch(/^INCOMPLETE/);
  });

  it('stays closed until its gate is confirmed, and is reported once', async () => {
    const house = await openHouse();
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    await house.pass('probe');
    const closed = house.gate()?.since;
    house.log.lines.splice(0);
    for (const cause of ['schedule', 'probe', 'schedule'] as const) {
      await house.wait(5);
      await house.pass(cause);
      expect(await house.visit()).toBe('403 access');
      expect(house.gate()).toMatchObject({ verdict: 'covered', since: closed });
      expect(house.told()).toContain('HIDDEN, gate not confirmed, for');
    }
    expect(logged(house)).toEqual([['warn', 'gate not confirmed', 'covered']]);
    house.log.lines.splice(0);
    Object.assign(house.origin, { atEdge: 'asks', inside: 'asks' });
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'guarded', origin: { verdict: 'asks' } });
    expect(logged(house)).toEqual([
      ['info', 'gate confirmed', ''],
      ['info', 'origin asks for a login', ''],
    ]);
    expect(headline(house)).toMatch(/^OK/);
  });

  it('is opened again by a person’s --unverified, until a check shows that a stranger gets in', async () => {
    const house = await openHouse();
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    await house.pass('probe');
    await house.vouch();
    expect(await house.visit()).toBe('200 origin');
    await house.pass('schedule');
    expect(await house.visit()).toBe('200 origin');
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
    expect(house.gate()?.verdict).toBe('closed');
  });

  it('that cannot be closed is reported open, and every run tries again', async () => {
    const house = await openHouse();
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    const refuse = {
      match: { system: 'cloudflare', method: 'PUT', path: '/**' },
      fault: 'status',
      status: 403,
    };
    await house.sandbox.fetch(`${house.sandbox.urls.admin}/faults`, {
      method: 'POST',
      body: JSON.stringify(refuse),
    });
    await house.pass('probe');
    expect(await house.visit()).toBe('200 origin');
    expect(house.gate()).toMatchObject({ verdict: 'open' });
    expect(headline(house)).toBe(`OPEN: strangers get in at ${watchedHost}`);
    expect(logged(house)).toContainEqual(['error', 'gate not confirmed', 'open']);
    await house.sandbox.fetch(`${house.sandbox.urls.admin}/faults`, { method: 'DELETE' });
    await house.pass('schedule');
    expect(await house.visit()).toBe('503 edge');
    expect(house.gate()).toMatchObject({ verdict: 'closed' });
  });
});

describe('a file with `drift: report`', () => {
  it('has its gates checked all the same, and an open host closed', async () => {
    const house = await openHouse({ drift: 'report' });
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    await house.pass('schedule');
    expect(await house.visit()).toBe('200 origin');
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
    expect(house.gate()).toMatchObject({ verdict: 'closed' });
  });

  it('leaves the host closed, with the finding, until a person applies', async () => {
    const house = await openHouse({ drift: 'report' });
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    await house.pass('probe');
    const closed = house.gate();
    Object.assign(house.origin, { atEdge: 'asks', inside: 'asks' });
    for (const cause of ['schedule', 'probe'] as const) {
      await house.pass(cause);
      expect(await house.visit()).toBe('503 edge');
      expect(house.gate()).toEqual(closed);
    }
    await house.vouch();
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'guarded' });
  });
});

describe('a gate that the edge cannot show', () => {
  const blind = [
    { name: 'a bot challenge', seen: challenge },
    { name: 'a WAF block', seen: answer(403) },
    { name: 'a rate limit', seen: answer(429) },
    { name: 'an error of the edge', seen: answer(522) },
    { name: 'an edge that does not answer', seen: new UnreachableError('The edge does not answer') },
  ];

  it.each(blind)('has its host closed when its origin admits strangers: $name', async ({ seen }) => {
    const house = await openHouse();
    house.stopsProbe = seen;
    Object.assign(house.origin, { atEdge: 'answers', inside: 'answers' });
    expect(await house.visit()).toBe('200 origin');
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
    expect(house.gate()).toMatchObject({
      verdict: 'closed',
      reason: expect.stringMatching(
        /checked from inside, its origin admits strangers: .*forward-auth middleware/,
      ),
      origin: { verdict: 'silent' },
    });
  });

  it.each(blind)('keeps its host when its origin asks, reported as unconfirmed: $name', async ({ seen }) => {
    const house = await openHouse();
    house.stopsProbe = seen;
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'unproved', origin: { verdict: 'asks' } });
    expect(logged(house)).toEqual([['warn', 'gate not confirmed', 'unproved']]);
  });

  it('has no finding when its origin is unreachable from here: nothing is closed and nothing opened', async () => {
    const house = await openHouse();
    house.stopsProbe = challenge;
    house.origin.inside = 'hangs up';
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'unproved', origin: { verdict: 'unreachable' } });
    expect(house.told()).toContain('its origin is not reachable from inside');
    await house.pass('schedule');
    expect(headline(house)).toBe('NOT CONFIRMED: could not check 1 gate');
  });

  it('is not judged by an origin that admits strangers only for a moment', async () => {
    const house = await openHouse();
    house.stopsProbe = challenge;
    let left = 2;
    Object.defineProperty(house.origin, 'inside', { get: () => (left-- > 0 ? 'answers' : 'asks') });
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'unproved' });
  });

  it('stays open, and reported, after a person reopened its closed host', async () => {
    const house = await openHouse();
    house.stopsProbe = challenge;
    house.origin.inside = 'answers';
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
    await house.pass('schedule');
    expect(await house.visit()).toBe('403 access');
    await house.vouch();
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'unproved', origin: { verdict: 'silent' } });
  });

  it('closes its host again after it was confirmed in between', async () => {
    const house = await openHouse();
    house.stopsProbe = challenge;
    house.origin.inside = 'answers';
    await house.pass('probe');
    await house.vouch();
    house.stopsProbe = undefined;
    await house.pass('probe');
    expect(house.gate()).toMatchObject({ verdict: 'guarded' });
    house.stopsProbe = challenge;
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
  });
});

describe('a gate that the edge shows', () => {
  it('is reported and not closed when its origin admits the house', async () => {
    const house = await openHouse();
    house.origin.inside = 'answers';
    await house.pass('probe');
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'guarded', origin: { verdict: 'silent' } });
    expect(logged(house)).toEqual([['warn', 'origin does not ask for a login', 'silent']]);
    expect(house.told()).toContain('checked from inside, its origin admits strangers');
    expect(headline(house)).toMatch(/^OK/);
  });

  it('is not closed for an origin that admits strangers behind a foreign login', async () => {
    const house = await openHouse();
    const location = 'https://auth.example.dev/application/o/authorize/?client_id=another';
    house.stopsProbe = answer(302, { location });
    house.origin.inside = 'answers';
    await house.pass('probe');
    expect(await house.visit()).toBe('302 auth.example.dev');
    expect(house.gate()).toMatchObject({ verdict: 'unproved', origin: { verdict: 'silent' } });
  });

  it('is not written, and its origin is asked once, by the name of the host', async () => {
    const house = await openHouse();
    const before = house.sandbox.calls().at(-1)?.n;
    house.askedInside.splice(0);
    await house.pass('probe');
    expect(house.askedInside).toEqual([`${watchedHost}/`]);
    expect(house.sandbox.calls(before).filter(({ write }) => write)).toEqual([]);
  });

  it('in mode proxy has the outpost asked', async () => {
    const house = await openHouse({ mode: 'proxy' });
    house.origin.inside = 'answers';
    house.stopsProbe = challenge;
    await house.pass('probe');
    expect(await house.visit()).toBe('503 edge');
  });
});

it('has no origin asked in a run that does not watch, even if that checks a gate', async () => {
  const house = await watchedHouse();
  await house.pass('start');
  expect(house.gate()).toMatchObject({ verdict: 'guarded' });
  expect(house.askedInside).toEqual([]);
});
