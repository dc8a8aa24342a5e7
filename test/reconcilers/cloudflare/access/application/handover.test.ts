import { describe, expect, it } from 'vitest';
import {
  type AccessApplicationSpec,
  accessApplication,
} from '../../../../../reconcilers/cloudflare/access/access-application.ts';
import type { Observed } from '../../../../../src/core/objects/object.ts';

describe('an application', () => {
  const spec: AccessApplicationSpec = {
    name: 'a.example.dev',
    destinations: ['a.example.dev', 'a.example.dev/x/*'],
    policies: ['p'],
    bypass: false,
    waysAround: [],
  };
  const observed = (live: AccessApplicationSpec): Observed<AccessApplicationSpec> => ({
    address: { kind: 'cloudflare/access-application', key: 'a.example.dev' },
    id: 'a',
    owner: 'home',
    spec: live,
    attributes: {},
    uses: [],
  });

  it.each([
    {
      because: 'what another is to have, it lets go of, however it is written',
      taken: 'A.example.dev/x/*',
      left: ['a.example.dev'],
    },
    { because: 'nobody takes anything of it', taken: 'a.example.dev/y/*', left: undefined },
  ])('$because', ({ taken, left }) => {
    const taker = { ...spec, name: 'a.example.dev/x', destinations: ['a.example.dev/z', taken] };
    expect(accessApplication.gate?.released?.(observed(spec), [taker])?.destinations).toEqual(left);
  });

  it('always keeps a destination, because the API rejects an empty list', () => {
    expect(accessApplication.gate?.released?.(observed(spec), [spec])).toBeUndefined();
  });

  const below = (...destinations: string[]) => ({ ...spec, destinations });
  it.each([
    { because: 'the one at the path', others: [['h/open']], left: ['h'], heir: 0 },
    { because: 'the nearest one', others: [['h/o'], ['H/open'], ['h/open/far']], left: ['h'], heir: 1 },
    { because: 'the one of the host', others: [['h']], left: ['other'], heir: 0 },
    { because: 'nobody if a nearer path is left', others: [['h']], left: ['h/open'], heir: undefined },
    {
      because: 'nobody if only others are there',
      others: [['h/ope'], ['i/open']],
      left: ['h'],
      heir: undefined,
    },
    {
      because: 'nobody if it gives up nothing',
      others: [['h/open']],
      left: ['h', 'H/open/*'],
      heir: undefined,
    },
  ])('is answered for by $because', ({ others, left, heir }) => {
    const siblings = others.map((uris, place) => ({ ...observed(below(...uris)), id: String(place) }));
    const gives = observed(below('h', 'h/open/*'));
    const found = accessApplication.gate?.heirs?.(gives, below(...left), siblings);
    expect(found?.map(({ id }) => id)).toEqual(heir === undefined ? [] : [String(heir)]);
  });

  it.each([
    { because: 'what lies below', path: ['h/open'], left: ['h', 'h/open/*'] },
    {
      because: 'what lies below, in other letters and further down',
      path: ['H/open'],
      left: ['h', 'h/open/*'],
    },
    { because: 'nothing beside it', path: ['h/ope'], left: undefined },
    { because: 'nothing elsewhere', path: ['other/open'], left: undefined },
    { because: 'nothing where no path is', path: [], left: undefined },
    { because: 'nothing that is in another one', path: ['h/api'], left: undefined },
    { because: 'what lies below a path inside another one', path: ['h/api/v1'], left: ['h', 'h/api/v1/*'] },
  ])('has, while an application comes or goes inside it, $because', ({ path, left }) => {
    const [one, other] = [below('h'), below('h', 'h/open/*', 'h/api/*', 'h/api/v1/*')];
    expect(
      accessApplication.gate?.around?.(one, other, [below(...path)], [below('h/api')])?.destinations,
    ).toEqual(left);
    expect(accessApplication.gate?.around?.(other, one, [below(...path)], [])).toBeUndefined();
  });

  it.each([
    { because: 'what lies below a path that another one has', beside: ['H/open'], more: ['h/open/*'] },
    { because: 'nothing that this one has itself', beside: ['h/open', 'h/open/*'], more: [] },
    { because: 'nothing that a third one has', beside: ['h/open', 'h', 'h/OPEN/*', 'h/open/*'], more: [] },
    { because: 'nothing of other hosts', beside: ['other/open', '*.h/open'], more: [] },
  ])('as a cover has $because', ({ beside, more }) => {
    const cover = { ...spec, destinations: ['h'] };
    const others = beside.map((uri) => below(uri));
    const made = accessApplication.gate?.covered?.(undefined, cover, others);
    expect(made).toEqual({ ...cover, destinations: ['h', ...more] });
    const standing = { ...spec, destinations: ['h', 'h/had/*'], policies: ['people'] };
    expect(accessApplication.gate?.covered?.(observed(standing), cover, others)).toEqual({
      ...standing,
      destinations: ['h', 'h/had/*', ...more],
      policies: ['people', ...cover.policies],
    });
    expect(accessApplication.gate?.covered?.(observed(standing), cover, others, true)).toEqual({
      ...cover,
      destinations: ['h', 'h/had/*', ...more],
    });
  });

  it.each([
    {
      because: 'it covers more than it had to',
      changes: { destinations: ['a.example.dev', 'a.example.dev/x/*'] },
      is: true,
    },
    { because: 'it admits others too', changes: { policies: ['people', ...spec.policies] }, is: false },
    { because: 'it does not cover all', changes: { destinations: ['a.example.dev/x/*'] }, is: false },
    { because: 'it lets everybody by', changes: { bypass: true }, is: false },
  ])('is an earlier cover, or not: $because', ({ changes, is }) => {
    const cover = { ...spec, destinations: ['a.example.dev'] };
    expect(accessApplication.gate?.isCover?.({ ...cover, ...changes }, cover)).toBe(is);
  });
});
