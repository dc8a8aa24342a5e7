import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { WorkerRoutePart } from '../../../src/core/objects/parts/access-parts.ts';
import { holding, reached, served, stranger } from '../parts.ts';

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
