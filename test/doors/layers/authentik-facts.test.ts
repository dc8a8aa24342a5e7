import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { decideFor } from '../../../src/doors/admission/decision.ts';
import { Inquiry } from '../../../src/doors/inquiry.ts';
import { admittedToClient } from '../../../src/doors/layers/authentik.ts';
import { PartStore } from '../../../src/doors/state/part-store.ts';
import {
  admin,
  binding,
  holding,
  login,
  openFacts,
  origin,
  provider,
  reached,
  served,
  stranger,
  weighed,
} from '../parts.ts';

const host = 'app.example.dev';
const to = `http://app.lan for ${host}`;
const admitted = { [to]: 'admitted' };

/** Parts of a host whose origin asks the outpost. */
function guarded(...parts: readonly Part[]): readonly Part[] {
  const home = served(host).filter(({ part }) => part !== 'origin');
  return [...home, origin('http://app.lan', { who: 'outpost', outpost: 'o1' }), ...parts];
}

const own = provider('app', `https://${host}`);
const family = holding({ has: 'group', id: 'family' });
const account = holding({ has: 'account' });
const ofPolicy = (more: { readonly id?: string } = {}): Part => {
  return { part: 'binding', application: 'app', group: undefined, enabled: true, negated: false, ...more };
};
const proxying = { mode: 'proxy', internalHost: 'http://wiki.lan' } as const;
const domain = (id: string, cookieDomain: string) =>
  provider(id, `https://${id}.example.net`, { mode: 'forward_domain', cookieDomain });

describe('the facts about Authentik name', () => {
  it.each([
    {
      what: 'which of equal providers answers',
      parts: [
        ...[own, ...login('app', binding('app', 'family'))],
        ...[provider('twin', `https://${host}`), ...login('twin', binding('twin', 'admins'))],
      ],
      who: family,
      is: [`equal providers: outpost o1, ${host} among app, twin: app`],
    },
    {
      what: 'the provider that forwards a question to its application',
      parts: [provider('app', `https://${host}`, proxying), ...login('app', binding('app', 'family'))],
      who: family,
      is: [`provider of mode proxy: app, ${host}`],
    },
    {
      what: 'the outpost that may serve any host by its only provider',
      parts: [provider('b', 'https://b.example.dev'), ...login('b', binding('b', 'family'))],
      who: family,
      is: ['outpost with one provider: o1'],
    },
    {
      what: 'each binding of a policy by its place among them',
      parts: [own, ...login('app', ofPolicy(), binding('app', 'admins'), ofPolicy())],
      who: account,
      is: ['binding of a policy: 1 of app', 'binding of a policy: 2 of app'],
    },
    {
      what: 'a binding of a policy by its id, if it has one',
      parts: [own, ...login('app', ofPolicy({ id: 'b7' }))],
      who: account,
      is: ['binding of a policy: b7 of app'],
    },
    {
      what: 'the release that takes one engine for the other',
      parts: [
        ...[own, { part: 'application', id: 'app', engine: 'all' } as const, ...login('app').slice(1)],
        ...[binding('app', 'admins'), binding('app', 'family')],
      ],
      who: family,
      is: ['release of Authentik: the server'],
    },
  ])('$what', ({ parts, who, is }) => {
    expect(openFacts(guarded(...parts), `https://${host}/`, who)).toEqual(is);
  });

  it.each([
    {
      what: 'each reading of a skipped path',
      skipPaths: '^/open$',
      more: {},
      path: '/x/../open',
      is: [`path spelling: outpost, ${host}/x/../open: /x/../open`],
    },
    {
      what: 'the expression that some query may match',
      skipPaths: '/open',
      more: { mode: 'forward_domain', cookieDomain: 'example.dev' } as const,
      path: '/closed',
      is: [`query: /open, ${host}/closed`],
    },
    {
      what: 'each reading of a URL that is compared as it was sent',
      skipPaths: `^https://${host.replaceAll('.', '\\.')}/open$`,
      more: { mode: 'forward_domain', cookieDomain: 'example.dev' } as const,
      path: '/%6fpen',
      is: [`path spelling: outpost, ${host}/%6fpen: /%6fpen`],
    },
  ])('$what', ({ skipPaths, more, path, is }) => {
    const parts = guarded(provider('app', `https://${host}`, { skipPaths, ...more }), ...login('app'));
    expect(openFacts(parts, { host, path }, stranger)).toEqual(is);
  });

  it.each([
    { unread: 'proxy-provider', is: [`not read: Authentik for ${host}/`] },
    { unread: 'outpost-entry', is: [`not read: Authentik for ${host}/`] },
    {
      unread: 'provider-link',
      is: [
        'not read: whether app have applications',
        'not read: login at app',
        'not read: the only provider of o1',
      ],
    },
    { unread: 'binding', is: ['not read: bindings of app'] },
    { unread: 'group-parent', is: ['not read: bindings of app'] },
    { unread: 'client', is: ['not read: flow of app'] },
  ] as const)('the list that gates could not read: $unread', ({ unread, is }) => {
    const parts = guarded(own, ...login('app', binding('app', 'family')));
    expect(openFacts({ parts, unread: new Set([unread]) }, `https://${host}/`, family)).toEqual(is);
  });
});

describe('the provider that answers', () => {
  const second = [provider('z', 'https://z.example.dev'), ...login('z', binding('z', 'family'))];
  const admins = (id: string) => login(id, binding(id, 'admins'));

  it.each([
    {
      because: 'is the one of the longest domain, in whatever order they are listed',
      parts: [
        ...[domain('e', 'example.dev'), ...login('e', binding('e', 'family'))],
        ...[domain('d', 'app.example.dev'), ...admins('d')],
      ],
      is: admitted,
    },
    {
      because: 'is none of a longer domain that the outpost does not serve',
      parts: [
        ...[domain('d', 'app.example.dev'), ...login('d').slice(0, 2)],
        ...[domain('e', 'example.dev'), ...admins('e'), ...second],
      ],
      is: admitted,
    },
    {
      because: 'has a domain that is the host itself, with or without a dot',
      parts: [domain('d', `.${host}`), ...admins('d'), ...second],
      is: admitted,
    },
    {
      because: 'has no domain of which the host lacks a letter',
      parts: [domain('d', 'zapp.example.dev'), ...admins('d'), ...second],
      is: {},
    },
    {
      because: 'is none of an application that has been removed',
      parts: [own, ...admins('app').slice(1), ...second],
      is: {},
    },
    {
      because: 'may be the only one beside one without an application',
      parts: [
        ...[provider('b', 'https://b.example.dev'), ...admins('b')],
        ...[provider('c', 'https://c.example.dev'), ...login('c').slice(2)],
      ],
      is: { [to]: 'outpost with one provider' },
    },
    {
      because: 'may be the only one that an outpost lists twice',
      parts: [provider('b', 'https://b.example.dev'), ...admins('b'), ...login('b').slice(2)],
      is: { [to]: 'outpost with one provider' },
    },
  ])('$because', ({ parts, is }) => {
    expect(reached(guarded(...parts), `https://${host}/`, admin)).toEqual(is);
  });

  it.each([
    { because: 'no query to a path of another mode', skipPaths: '/open', more: {}, path: '/closed' },
    {
      because: 'no question of a proxy by an expression that Go does not compile',
      skipPaths: '(?<=x)',
      more: proxying,
      path: '/',
    },
  ])('skips $because', ({ skipPaths, more, path }) => {
    const item = provider('app', `https://${host}`, { skipPaths, ...more });
    expect(reached(guarded(item, ...admins('app'), ...second), { host, path }, stranger)).toEqual({});
  });

  it.each([
    { because: 'that it serves', entries: login('b'), skipPaths: '^/open$', is: admitted },
    { because: 'none that it does not serve', entries: login('b').slice(0, 2), skipPaths: '^/open$', is: {} },
    { because: 'none that skips nothing', entries: login('b'), skipPaths: '(?<=x)', is: {} },
  ])('may be named by a visitor, if the origin believes them: $because', ({ entries, skipPaths, is }) => {
    const asking = guarded(own, ...admins('app')).filter(({ part }) => part !== 'origin');
    const believing = origin('http://app.lan', { who: 'outpost', outpost: 'o1' }, { trustsForwarded: true });
    const other = provider('b', 'https://b.example.dev', { skipPaths });
    expect(reached([...asking, believing, other, ...entries], `https://${host}/`, stranger)).toEqual(is);
  });

  it('counts users and groups as one verdict with the engine `all`, also in earlier releases', () => {
    const parts = [
      ...[own, { part: 'application', id: 'app', engine: 'all' } as const, ...login('app').slice(1)],
      {
        part: 'binding',
        application: 'app',
        group: undefined,
        user: '7',
        enabled: true,
        negated: false,
      } as const,
      binding('app', 'admins'),
    ];
    const ada = holding({ has: 'user', id: '7' });
    expect(reached(guarded(...parts), `https://${host}/`, ada)).toEqual({ [to]: 'release of Authentik' });
  });

  it('finds the groups within a group by their ids, whatever their names', () => {
    const inner: Part = {
      ...{ part: 'group-parent', group: 'admins', parent: 'staff' },
      names: { group: 'Administrators', parent: 'Staff' },
    };
    const parts = guarded(own, ...login('app', binding('app', 'staff')), inner, ...second);
    expect(reached(parts, `https://${host}/`, admin)).toEqual(admitted);
  });
});

describe('the explanation of Authentik', () => {
  it('shows the provider, with whom it admits without a login, and each binding', () => {
    const item = provider('app', `https://${host}`, { skipPaths: '^/open$' });
    const [first, off] = [binding('app', 'family'), binding('app', 'admins', { enabled: false })];
    const parts = guarded(item, ...login('app', first, off));
    expect(weighed('Authentik', parts, { host, path: '/' }, family)).toEqual([
      [item, 'refused'],
      [first, 'admitted'],
    ]);
    expect(weighed('Authentik', parts, { host, path: '/open' }, stranger)).toEqual([
      [item, 'admitted'],
      [first, 'refused'],
    ]);
  });
});

describe('the login of a client', () => {
  const client = (trusts: readonly string[] = []): Part => ({ part: 'client', id: 'c', trusts });
  const linked = (...parts: readonly Part[]): readonly Part[] => [
    { part: 'application', id: 'x', engine: 'any' },
    { part: 'provider-link', application: 'x', provider: 'c' },
    ...parts,
  ];
  const verdict = (
    parts: readonly Part[],
    holds: (credential: Credential) => boolean,
    ...unread: readonly Part['part'][]
  ) => {
    const inquiry = new Inquiry(PartStore.of({ parts, unread: new Set(unread) }));
    return decideFor(
      inquiry.admits('login', (view) => admittedToClient(view, 'x')),
      holds,
    );
  };
  const trusted = [
    ...([
      { part: 'client', id: 'd', trusts: [] },
      { part: 'application', id: 'y', engine: 'any' },
    ] as const),
    { part: 'provider-link', application: 'y', provider: 'd' } as const,
    binding('y', 'admins'),
  ];
  const mine = binding('x', 'family');

  it.each([
    { because: 'a member', parts: linked(client(), mine), who: family, is: 'admitted' },
    { because: 'no other account', parts: linked(client(), mine), who: account, is: 'refused' },
    {
      because: 'a member, by SAML or LDAP',
      parts: linked({ part: 'other-client', id: 'c' }, mine),
      who: family,
      is: 'admitted',
    },
    {
      because: 'no member who does not pass its flow',
      parts: linked({ part: 'other-client', id: 'c', flow: 'mfa' }, mine),
      who: family,
      is: 'refused',
    },
    {
      because: 'a member of a client that it trusts',
      parts: linked(client(['d']), mine, ...trusted),
      who: admin,
      is: 'admitted',
    },
    {
      because: 'no member of another client',
      parts: linked(client(), mine, ...trusted),
      who: admin,
      is: 'refused',
    },
    {
      because: 'nobody by a provider for hosts',
      parts: linked(provider('c', `https://${host}`), mine),
      who: family,
      is: 'refused',
    },
    {
      because: 'nobody without an application',
      parts: [client(), mine],
      who: family,
      is: 'refused',
    },
  ])('admits $because', ({ parts, who, is }) => {
    expect(verdict(parts, who)).toBe(is);
  });

  it.each(['provider-link', 'application', 'client', 'other-client'] as const)(
    'is unknown while %s cannot be read',
    (sort) => {
      expect(verdict(linked(client(), mine), family, sort)).toEqual({
        unknown: [{ reason: 'not read', about: 'Authentik for x' }],
      });
    },
  );
});
