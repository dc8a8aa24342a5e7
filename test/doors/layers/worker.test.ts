import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { WorkerRoutePart } from '../../../src/core/objects/parts/access-parts.ts';
import { holding, openFacts, reached, served, stranger, weighed } from '../parts.ts';

const host = 'app.example.dev';
const answer = `http://app.lan for ${host}`;
const origin = { [answer]: 'admitted' };
const anything = { [answer]: 'request to a Worker', 'any origin': 'foreign Worker' };

const route = (pattern: string, script: string, more: Partial<WorkerRoutePart> = {}): Part => {
  return { part: 'worker-route', zone: 'example.dev', pattern, script, failsOpen: false, ...more };
};
const ours = (audience: string | undefined): Part => ({ part: 'worker', id: 'gates-home-app', audience });
const own = [ours('aud'), route(`${host}/*`, 'gates-home-app')];
const member = holding({ has: 'session', audience: 'aud' });

describe('Workers', () => {
  it.each([
    { because: 'a foreign one may answer by itself', parts: [route(`${host}/*`, 'theirs')], is: anything },
    { because: 'one of another host does nothing', parts: [route('b.example.dev/*', 'theirs')], is: origin },
    { because: 'one of another path does nothing', parts: [route(`${host}/a*`, 'theirs')], is: origin },
    { because: 'a wildcard stands for the host', parts: [route('*.example.dev/*', 'theirs')], is: anything },
    { because: 'a visitor may ask by http', parts: [route(`http://${host}/*`, 'theirs')], is: anything },
    {
      because: 'a more specific route without a Worker takes its place',
      parts: [route('*.example.dev/*', 'theirs'), route(`${host}/*`, '')],
      is: origin,
    },
    {
      because: 'a less specific route without a Worker does not',
      parts: [route('*.example.dev/*', ''), route(`${host}/*`, 'theirs')],
      is: anything,
    },
    {
      because: 'a query passes a route that does not end in a star',
      parts: [route(`${host}/*`, 'theirs'), route(`${host}/`, '')],
      is: anything,
    },
    {
      because: 'a route of one scheme takes the place of no other',
      parts: [route(`${host}/*`, 'theirs'), route(`https://${host}/*`, '')],
      is: anything,
    },
    {
      because: 'routes that only overlap are not ordered',
      parts: [route('*.example.dev/a*', 'theirs'), route(`${host}/*`, '')],
      path: '/a',
      is: anything,
    },
    {
      because: 'routes that only overlap run nothing if neither has a Worker',
      parts: [route('*.example.dev/a*', ''), route(`${host}/*`, '')],
      path: '/a',
      is: origin,
    },
    {
      because: 'a route for one reading of a path may match',
      parts: [route(`${host}/a*`, 'theirs')],
      path: '/%61',
      is: anything,
    },
    {
      because: 'ours may not run if its route is for one reading of a path',
      parts: [ours('aud'), route(`${host}/a*`, 'gates-home-app')],
      path: '/%61',
      who: member,
      is: anything,
    },
    { because: 'ours passes on a visitor with a token', parts: own, who: member, is: origin },
    { because: 'ours refuses a visitor without one', parts: own, is: {} },
    {
      because: 'a changed one of ours may do anything',
      parts: [ours(undefined), route(`${host}/*`, 'gates-home-app')],
      is: anything,
    },
    {
      because: 'one that fails open may be passed',
      parts: [ours('aud'), route(`${host}/*`, 'gates-home-app', { failsOpen: true })],
      is: anything,
    },
    {
      because: 'ours decides before a wildcard of others',
      parts: [...own, route('*.example.dev/*', 'theirs')],
      who: member,
      is: origin,
    },
  ])('$because', ({ parts, path = '/', who = stranger, is }) => {
    expect(reached(served(host, ...parts), `https://${host}${path}`, who)).toEqual(is);
  });

  it('of which gates could not read the list may do anything', () => {
    const unread = new Set(['worker-route'] as const);
    expect(reached({ parts: served(host), unread }, `https://${host}/`, stranger)).toEqual({
      [answer]: 'request to a Worker',
      'any origin': 'not read',
    });
  });
});

describe('the facts about Workers', () => {
  const theirs = route(`${host}/*`, 'theirs');

  it.each([
    {
      are: 'a foreign Worker and its route',
      parts: [theirs],
      path: '/',
      about: `theirs at ${host}/*, GET ${host}/`,
    },
    {
      are: 'every route that may decide, also one without a Worker',
      parts: [route('*.example.dev/a*', 'theirs'), route(`${host}/*`, '')],
      path: '/a',
      about: `theirs at *.example.dev/a* or no Worker at ${host}/*, GET ${host}/a`,
    },
    {
      are: 'the route of one of ours that somebody changed',
      parts: [ours(undefined), route(`${host}/*`, 'gates-home-app')],
      path: '/',
      about: `gates-home-app at ${host}/*, GET ${host}/`,
    },
  ])('name $are', ({ parts, path, about }) => {
    expect(openFacts(served(host, ...parts), { host, path }, stranger)).toEqual([
      `foreign Worker: ${about}`,
      `request to a Worker: ${about}`,
    ]);
  });

  it.each(['worker-route', 'worker'] as const)('name what gates could not read: %s', (sort) => {
    const snapshot = { parts: served(host, ...own), unread: new Set([sort]) };
    expect(openFacts(snapshot, { host, path: '/' }, member)).toEqual([
      `not read: Workers for GET ${host}/`,
      `request to a Worker: Workers for GET ${host}/`,
    ]);
  });
});

describe('the explanation of Workers', () => {
  it('shows the route that decides, or each that may', () => {
    const [narrow, wide] = [route(`${host}/*`, 'gates-home-app'), route('*.example.dev/*', 'theirs')];
    const decided = served(host, ours('aud'), narrow, wide);
    expect(weighed('Worker', decided, { host, path: '/' }, stranger)).toEqual([[narrow, 'admitted']]);
    const [one, two] = [route(`${host}/*`, ''), route('*.example.dev/a*', 'theirs')];
    expect(weighed('Worker', served(host, one, two), { host, path: '/a' }, stranger)).toEqual([
      [one, 'admitted'],
      [two, 'admitted'],
    ]);
    expect(weighed('Worker', served(host, one), { host, path: '/a' }, stranger)).toEqual([]);
  });
});
