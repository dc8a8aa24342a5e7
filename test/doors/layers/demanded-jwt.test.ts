import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { AccessPolicyPart, Selector } from '../../../src/core/objects/parts/access-parts.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import {
  application,
  catchAll,
  email,
  everyone,
  holding,
  me,
  name,
  origin,
  policy,
  reached,
  rule,
  stranger,
  tunnel,
  you,
  zone,
} from '../parts.ts';

const host = 'app.example.dev';
const services = ['http://app.lan', 'http://admin.lan', 'http://old.lan'];
const home = (...parts: readonly Part[]): readonly Part[] => [
  ...[zone, tunnel, name('*.example.dev'), ...services.map((service) => origin(service))],
  ...parts,
];

describe('a rule that requires a JWT', () => {
  const mine = policy('mine', 'allow', [email('me@example.dev')]);
  const open = policy('open', 'bypass', [everyone]);
  const guarded = [application('app', [host], ['mine']), mine];
  const required = (audiences: readonly string[], ...parts: readonly Part[]) =>
    home(rule(host, 'http://app.lan', { audiences }), catchAll, ...parts);
  const admitted = { [`http://app.lan for ${host}`]: 'admitted' };
  const session = (audience: string): Credential => ({ has: 'session', audience });

  it.each([
    {
      because: 'the JWT of the guarding application counts',
      state: required(['aud-app'], ...guarded),
      who: me,
      is: admitted,
    },
    {
      because: 'the JWT of another one does not',
      state: required(['aud-other'], ...guarded),
      who: me,
      is: {},
    },
    {
      because: 'one of several audiences is enough',
      state: required(['aud-x', 'aud-app'], ...guarded),
      who: me,
      is: admitted,
    },
    { because: 'no audience is none that counts', state: required([], ...guarded), who: me, is: {} },
    {
      because: 'a stranger has none where no application guards',
      state: required(['aud-app'], application('app', ['b.example.dev'], ['mine']), mine),
      who: stranger,
      is: {},
    },
    {
      because: 'a visitor sends one of the application elsewhere',
      state: required(['aud-app'], application('app', ['b.example.dev'], ['mine']), mine),
      who: me,
      is: admitted,
    },
    {
      because: 'a bypass adds none, and leaves the visitor their own',
      state: required(
        ['aud-b'],
        application('a', [host], ['open']),
        open,
        application('b', ['b.example.dev'], ['mine']),
        mine,
      ),
      who: me,
      is: admitted,
    },
    {
      because: 'an application that lets all by gives nobody a JWT',
      state: required(['aud-a'], application('a', [host], ['open']), open),
      who: me,
      is: {},
    },
    {
      because: 'somebody whom a bypass lets past may log in all the same',
      state: required(['aud-a'], application('a', [host], ['open', 'mine']), open, mine),
      who: me,
      is: { [`http://app.lan for ${host}`]: 'login past a bypass' },
    },
    {
      because: 'nobody else may log in behind a bypass',
      state: required(['aud-a'], application('a', [host], ['open', 'mine']), open, mine),
      who: you,
      is: {},
    },
    {
      because: 'the JWT of an application that is gone counts until its end',
      state: required(['aud-gone']),
      who: holding(session('aud-gone')),
      is: admitted,
    },
    {
      because: 'nobody else has one of an application that is gone',
      state: required(['aud-gone']),
      who: you,
      is: {},
    },
  ])('$because', ({ state, who, is }) => {
    expect(reached(state, `https://${host}/`, who)).toEqual(is);
  });

  describe('of an application that looks at the place of a visitor', () => {
    const inFrance: Selector = { geo: { country_code: 'FR' } };
    const france: Credential = { has: 'country', code: 'FR' };
    const past = (more: Partial<AccessPolicyPart>, ...others: readonly AccessPolicyPart[]) => {
      const placed = policy('placed', 'allow', [email('me@example.dev')], more);
      const ids = ['placed', ...others.map(({ id }) => id)];
      return required(
        ['aud-app'],
        application('open', [`${host}/health`], ['open']),
        open,
        application('app', [host], ids),
        ...[placed, ...others],
      );
    };
    const below = { host, path: '/health/below' };
    const person = (...more: readonly Credential[]) =>
      holding({ has: 'email', address: 'me@example.dev' }, ...more);
    const somewhere = { [`http://app.lan for ${host}`]: 'place of the login' };

    it('may have been issued elsewhere', () => {
      const state = past({ require: [inFrance] });
      expect(reached(state, below, person())).toEqual(somewhere);
      expect(reached(state, below, person(france))).toEqual(admitted);
      expect(reached(state, below, you)).toEqual({});
      expect(reached(state, { host, path: '/' }, person())).toEqual({});
    });

    it('may have been issued outside of what a policy excludes or blocks', () => {
      const blocks = policy('blocks', 'deny', [inFrance]);
      for (const state of [past({ exclude: [inFrance] }), past({}, blocks)]) {
        expect(reached(state, below, person())).toEqual(admitted);
        expect(reached(state, below, you)).toEqual({});
      }
      expect(reached(past({ exclude: [inFrance] }), below, person(france))).toEqual(somewhere);
      const blocked = required(
        ['aud-app'],
        application('open', [`${host}/health`], ['open']),
        open,
        application('app', [host], ['blocks', 'mine']),
        ...[blocks, mine],
      );
      expect(reached(blocked, below, person(france))).toEqual(somewhere);
      expect(reached(blocked, { host, path: '/' }, person(france))).toEqual({});
    });

    it('may have been issued where a bypass did not apply', () => {
      const state = required(
        ['aud-app'],
        application('open', [`${host}/health`], ['open']),
        open,
        application('app', [host], ['at-home', 'mine']),
        ...[policy('at-home', 'bypass', [inFrance]), mine],
      );
      const to = `http://app.lan for ${host}`;
      const facts = 'place of the login, login past a bypass';
      expect(reached(state, below, person(france))).toEqual({ [to]: facts });
    });
  });
});
