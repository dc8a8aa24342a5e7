import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { admin, binding, holding, login, origin, provider, reached, served, stranger } from '../parts.ts';

const host = 'app.example.dev';
const to = `http://app.lan for ${host}`;
const admitted = { [to]: 'admitted' };
const asks = { who: 'outpost', outpost: 'o1' } as const;

/** Parts of a host whose origin asks the outpost. */
function guarded(...parts: readonly Part[]): readonly Part[] {
  const home = served(host).filter(({ part }) => part !== 'origin');
  return [...home, origin('http://app.lan', asks), ...parts];
}

const own = provider('app', `https://${host}`);
const family = holding({ has: 'group', id: 'family' });
const account = holding({ has: 'account' });
const ada = holding({ has: 'user', id: '7' });
const both = holding({ has: 'group', id: 'admins' }, { has: 'group', id: 'family' });
/** A second provider, so that none answers merely because it is the only one. */
const second = [
  provider('second', 'https://second.example.dev'),
  ...login('second', binding('second', 'family')),
];

/** That a group lies in another one. */
function within(group: string, parent: string): Part {
  return { part: 'group-parent', group, parent, names: { group, parent } };
}

const passing = (id: string) => holding({ has: 'group', id: 'family' }, { has: 'authentik-rule', id });

function ofPolicy(policy: string): Part {
  return { part: 'binding', application: 'app', group: undefined, policy, enabled: true, negated: false };
}

function ofUser(user: string, negated = false): Part {
  return { part: 'binding', application: 'app', group: undefined, user, enabled: true, negated };
}

describe('the authorization flow of a provider', () => {
  const asked = guarded({ ...own, flow: 'mfa' }, ...login('app', binding('app', 'family')));
  const trusting = guarded(
    { ...own, trusts: ['other'] },
    ...login('app'),
    { part: 'client', id: 'other', trusts: [], flow: 'mfa' },
    ...login('other', binding('other', 'family')),
    binding('app', 'nobody'),
  );

  it.each([
    { because: 'a member who passes it gets in', state: asked, who: passing('mfa'), is: admitted },
    { because: 'a member who passes another one does not', state: asked, who: passing('key'), is: {} },
    { because: 'a member who passes none does not', state: asked, who: family, is: {} },
    {
      because: 'another one who passes it does not',
      state: asked,
      who: holding({ has: 'authentik-rule', id: 'mfa' }),
      is: {},
    },
    { because: 'the flow of a trusted provider counts for its tokens', state: trusting, who: family, is: {} },
    { because: 'and admits those who pass it', state: trusting, who: passing('mfa'), is: admitted },
  ])('is asked for in addition: $because', ({ state, who, is }) => {
    expect(reached(state, `https://${host}/`, who)).toEqual(is);
  });
});

describe('the bindings of an application', () => {
  const link = (engine: 'any' | 'all', ...bindings: readonly Part[]): readonly Part[] =>
    guarded(own, { part: 'application', id: 'app', engine }, ...login('app').slice(1), ...bindings);

  it.each([
    {
      because: 'a member of the group gets in',
      state: link('any', binding('app', 'admins')),
      who: admin,
      is: admitted,
    },
    {
      because: 'another account does not',
      state: link('any', binding('app', 'admins')),
      who: account,
      is: {},
    },
    { because: 'a stranger does not', state: link('any', binding('app', 'admins')), who: stranger, is: {} },
    {
      because: 'a member of a group that lies in it gets in',
      state: link('any', binding('app', 'staff'), within('admins', 'staff')),
      who: admin,
      is: admitted,
    },
    {
      because: 'so does one of a group that lies deeper, even in a circle',
      state: link(
        'any',
        binding('app', 'all'),
        ...[within('staff', 'all'), within('admins', 'staff'), within('all', 'admins')],
      ),
      who: admin,
      is: admitted,
    },
    {
      because: 'a member of the group above it does not',
      state: link('any', binding('app', 'staff'), within('staff', 'admins')),
      who: admin,
      is: {},
    },
    {
      because: 'a negated binding keeps out the groups that lie in it',
      state: link(
        'any',
        ...[{ ...binding('app', 'staff'), negated: true } as Part, within('admins', 'staff')],
      ),
      who: admin,
      is: {},
    },
    { because: 'without a binding every account gets in', state: link('any'), who: account, is: admitted },
    { because: 'without a binding a stranger does not', state: link('any'), who: stranger, is: {} },
    {
      because: 'a binding that is off does not count',
      state: link('any', binding('app', 'admins', { enabled: false })),
      who: account,
      is: admitted,
    },
    {
      because: 'one of several is enough for `any`',
      state: link('any', binding('app', 'admins'), binding('app', 'family')),
      who: family,
      is: admitted,
    },
    {
      because: 'all are needed for `all`',
      state: link('all', binding('app', 'admins'), binding('app', 'family')),
      who: both,
      is: admitted,
    },
    {
      because: 'earlier releases took `all` for `any` (goauthentik/authentik#20430)',
      state: link('all', binding('app', 'admins'), binding('app', 'family')),
      who: family,
      is: { [to]: 'release of Authentik' },
    },
    {
      because: 'a policy is asked for in addition to the group for `all`',
      state: link('all', binding('app', 'family'), ofPolicy('office')),
      who: passing('office'),
      is: admitted,
    },
    {
      because: 'whoever does not pass it stays out',
      state: link('all', binding('app', 'family'), ofPolicy('office')),
      who: family,
      is: {},
    },
    {
      because: 'so does whoever passes it alone',
      state: link('all', binding('app', 'family'), ofPolicy('office')),
      who: holding({ has: 'authentik-rule', id: 'office' }),
      is: {},
    },
    {
      because: 'with `any`, it admits people by itself',
      state: link('any', binding('app', 'family'), ofPolicy('office')),
      who: holding({ has: 'account' }, { has: 'authentik-rule', id: 'office' }),
      is: admitted,
    },
    {
      because: 'earlier releases asked policies too for `all`',
      state: link('all', binding('app', 'admins'), binding('app', 'family'), ofPolicy('office')),
      who: family,
      is: {},
    },
    {
      because: 'nobody gets in by none of them',
      state: link('all', binding('app', 'admins'), binding('app', 'family')),
      who: account,
      is: {},
    },
    {
      because: 'a negated one admits everybody else',
      state: link('any', binding('app', 'admins', { negated: true })),
      who: account,
      is: admitted,
    },
    {
      because: 'a negated one refuses the group',
      state: link('any', binding('app', 'admins', { negated: true })),
      who: admin,
      is: {},
    },
    {
      because: 'a negated one asks for an account all the same',
      state: link('any', binding('app', 'admins', { negated: true })),
      who: stranger,
      is: {},
    },
    { because: 'a user gets in', state: link('any', ofUser('7')), who: ada, is: admitted },
    { because: 'another user does not', state: link('any', ofUser('8')), who: ada, is: {} },
    { because: 'a user may be in no group', state: link('any', ofUser('7')), who: admin, is: {} },
    { because: 'a negated user is left out', state: link('any', ofUser('7', true)), who: ada, is: {} },
    {
      because: 'nobody knows the verdict of a policy',
      state: link('any', {
        part: 'binding',
        application: 'app',
        group: undefined,
        enabled: true,
        negated: false,
      }),
      who: account,
      is: { [to]: 'binding of a policy' },
    },
    {
      because: 'a policy admits no stranger',
      state: link('any', {
        part: 'binding',
        application: 'app',
        group: undefined,
        enabled: true,
        negated: false,
      }),
      who: stranger,
      is: {},
    },
  ])('$because', ({ state, who, is }) => {
    expect(reached(state, `https://${host}/`, who)).toEqual(is);
  });
});

describe('the provider that answers', () => {
  const domain = (id: string, cookieDomain: string) =>
    provider(id, `https://${id}.example.net`, { mode: 'forward_domain', cookieDomain });
  const admins = (id: string) => login(id, binding(id, 'admins'));

  it.each([
    { because: 'is the one of the host', parts: [own, ...admins('app'), ...second], is: admitted },
    {
      because: 'is found by its port too',
      parts: [provider('app', `https://${host}:8443`), ...admins('app'), ...second],
      is: {},
    },
    {
      because: 'is none that the outpost does not serve',
      parts: [own, ...admins('app').slice(0, 2), binding('app', 'admins'), ...second],
      is: {},
    },
    {
      because: 'is none without an application',
      parts: [own, { part: 'outpost-entry', outpost: 'o1', provider: 'app' } as Part, ...second],
      is: {},
    },
    {
      because: 'is none of another outpost',
      parts: [
        own,
        ...admins('app').slice(0, 2),
        { part: 'outpost-entry', outpost: 'o2', provider: 'app' } as Part,
        ...second,
      ],
      is: {},
    },
    {
      because: 'is the one of the domain',
      parts: [domain('d', 'example.dev'), ...admins('d'), ...second],
      is: admitted,
    },
    {
      because: 'has a domain with or without a dot',
      parts: [domain('d', '.example.dev'), ...admins('d'), ...second],
      is: admitted,
    },
    {
      because: 'has a domain that is a plain suffix (lookupApp)',
      parts: [domain('d', 'ple.dev'), ...admins('d'), ...second],
      is: admitted,
    },
    {
      because: 'has a domain that is not empty',
      parts: [domain('d', ''), ...admins('d'), ...second],
      is: {},
    },
    { because: 'has another domain', parts: [domain('d', 'example.net'), ...admins('d'), ...second], is: {} },
    {
      because: 'is the one of the host before that of the domain',
      parts: [own, ...admins('app'), domain('d', 'example.dev'), ...login('d', binding('d', 'family'))],
      is: admitted,
    },
    {
      because: 'is the one of the longest domain',
      parts: [
        domain('d', 'app.example.dev'),
        ...admins('d'),
        domain('e', 'example.dev'),
        ...login('e', binding('e', 'family')),
      ],
      is: admitted,
    },
    {
      because: 'is either of two that are equal',
      parts: [
        own,
        ...admins('app'),
        provider('twin', `https://${host}`),
        ...login('twin', binding('twin', 'family')),
      ],
      is: { [to]: 'equal providers' },
    },
    {
      because: 'may be the only one of the outpost',
      parts: [provider('second', 'https://second.example.dev'), ...admins('second')],
      is: { [to]: 'outpost with one provider' },
    },
    {
      because: 'may pass the question on in mode proxy',
      parts: [provider('app', `https://${host}`, { mode: 'proxy' }), ...admins('app')],
      is: { [to]: 'provider of mode proxy' },
    },
  ])('$because', ({ parts, is }) => {
    expect(reached(guarded(...parts), `https://${host}/`, admin)).toEqual(is);
  });

  describe('in mode proxy', () => {
    const proxying = (skipPaths: string, at = `https://${host}`) =>
      guarded(provider('app', at, { mode: 'proxy', skipPaths }), ...admins('app'), ...second);

    it.each([
      { because: 'it sends everybody else to a login', skips: '', who: account, is: {} },
      { because: 'it skips the question of no proxy', skips: '^/open$', who: stranger, is: {} },
      {
        because: 'it may skip the question of a proxy',
        skips: '^/open$\n/auth',
        who: stranger,
        is: { [to]: 'provider of mode proxy' },
      },
    ])('$because', ({ skips, who, is }) => {
      expect(reached(proxying(skips), `https://${host}/open`, who)).toEqual(is);
    });

    it('may be the only one of the outpost', () => {
      const only = guarded(provider('one', 'https://one.example.dev', { mode: 'proxy' }), ...admins('one'));
      expect(reached(only, `https://${host}/`, account)).toEqual({});
      expect(reached(only, `https://${host}/`, admin)).toEqual({
        [to]: 'outpost with one provider, provider of mode proxy',
      });
    });
  });

  it('is none if the outpost serves several and none for the host', () => {
    const others = [
      provider('b', 'https://b.example.dev'),
      ...admins('b'),
      provider('c', 'https://c.example.dev'),
    ];
    expect(reached(guarded(...others, ...admins('c')), `https://${host}/`, admin)).toEqual({});
  });

  it('skips no path while it has no application', () => {
    const open = provider('app', `https://${host}`, { skipPaths: '.' });
    const entry: Part = { part: 'outpost-entry', outpost: 'o1', provider: 'app' };
    expect(reached(guarded(open, entry, ...second), `https://${host}/`, stranger)).toEqual({});
  });

  it('accepts tokens of providers that it trusts', () => {
    const client = login('ci', binding('ci', 'ci')).slice(0, 2);
    const state = guarded(
      provider('app', `https://${host}`, { trusts: ['ci'] }),
      ...admins('app'),
      ...client,
      binding('ci', 'ci'),
    );
    expect(reached(state, `https://${host}/`, holding({ has: 'group', id: 'ci' }))).toEqual(admitted);
    expect(reached(state, `https://${host}/`, account)).toEqual({});
  });
});

describe('a path that a provider skips', () => {
  const skipping = (skipPaths: string, more: Parameters<typeof provider>[2] = {}) =>
    guarded(
      provider('app', `https://${host}`, { skipPaths, ...more }),
      ...login('app', binding('app', 'admins')),
    );
  const domain = { mode: 'forward_domain', cookieDomain: 'example.dev' } as const;

  it.each([
    { because: 'is open', state: skipping('^/api/health$'), path: '/api/health', is: admitted },
    {
      because: 'ends where its expression says',
      state: skipping('^/api/health$'),
      path: '/api/health/x',
      is: {},
    },
    { because: 'is sought anywhere', state: skipping('health'), path: '/x/health/y', is: admitted },
    { because: 'is one of several lines', state: skipping('^/a$\n^/b$'), path: '/b', is: admitted },
    { because: 'is decoded', state: skipping('^/api/health$'), path: '/api/%68ealth', is: admitted },
    {
      because: 'may be refused for an encoded slash',
      state: skipping('^/api/health$'),
      path: '/api%2Fhealth',
      is: { [to]: 'path spelling' },
    },
    {
      because: 'may be read from dots',
      state: skipping('^/api/health$'),
      path: '/x/../api/health',
      is: { [to]: 'path spelling' },
    },
    {
      because: 'is none by an expression that Go does not know',
      state: skipping('(?<=x)'),
      path: '/',
      is: {},
    },
    {
      because: 'is a whole URL in mode forward_domain',
      state: skipping(`^https://${host}/open`, domain),
      path: '/open',
      is: admitted,
    },
    {
      because: 'is no path alone in mode forward_domain',
      state: skipping('^/open', domain),
      path: '/open',
      is: {},
    },
    {
      because: 'may be added as a query in mode forward_domain',
      state: skipping('/open', domain),
      path: '/closed',
      is: { [to]: 'query' },
    },
    {
      because: 'demands its own beginning of a URL',
      state: skipping(`^https://b\\.example\\.dev/open`, domain),
      path: '/closed',
      is: {},
    },
    {
      because: 'demands it also where the scheme may be either',
      state: skipping(`^https?://b\\.example\\.dev(:[0-9]+)?/open(\\?.*)?$`, domain),
      path: '/closed',
      is: {},
    },
    {
      because: 'demands it in any case of letters',
      state: skipping(`(?i)^https?://b\\.example\\.dev/open(\\?.*)?$`, domain),
      path: '/closed',
      is: {},
    },
    {
      because: 'demands it also with alternatives inside of a group',
      state: skipping(`^https?://b\\.example\\.dev/open(/([^/%|]|%(41|[89]))*)?(\\?.*)?$`, domain),
      path: '/closed',
      is: {},
    },
    {
      because: 'may begin in another way with an alternative outside of every group',
      state: skipping(`^https?://b\\.example\\.dev/(a|b)|open`, domain),
      path: '/closed',
      is: { [to]: 'query' },
    },
    {
      because: 'may go on to a query of its own host',
      state: skipping(`^https?://${host.replaceAll('.', '\\.')}(:[0-9]+)?/closed.*open`, domain),
      path: '/closed',
      is: { [to]: 'query' },
    },
  ])('$because', ({ state, path, is }) => {
    expect(reached(state, { host, path }, stranger)).toEqual(is);
  });

  it.each(['proxy-provider', 'outpost-entry', 'provider-link', 'application'] as const)(
    'is unknown while %s cannot be read',
    (sort) => {
      const snapshot = { parts: skipping('^/open'), unread: new Set([sort]) };
      expect(reached(snapshot, { host, path: '/open' }, stranger)).toEqual({ [to]: 'not read' });
    },
  );

  it.each(['binding', 'group-parent', 'client'] as const)(
    'is known while %s cannot be read, which says who may log in elsewhere',
    (sort) => {
      const trusting = provider('app', `https://${host}`, { skipPaths: '^/open', trusts: ['ci'] });
      const parts = guarded(
        trusting,
        ...login('app', binding('app', 'admins')),
        ...login('ci', binding('ci', 'family')),
      );
      const snapshot = { parts, unread: new Set([sort]) };
      const of = (path: string, visitor: typeof stranger) => reached(snapshot, { host, path }, visitor);
      expect(of('/open', stranger)).toEqual(admitted);
      expect(of('/', stranger)).toEqual({});
      expect(of('/', family)).toEqual({ [to]: 'not read' });
    },
  );
});

describe('a person', () => {
  const inGroup: Credential = { has: 'group', id: 'admins' };
  it('needs a group of the application; a group of another application does not help', () => {
    const state = guarded(own, ...login('app', binding('app', 'admins')), ...second);
    expect(reached(state, `https://${host}/`, holding(inGroup))).toEqual(admitted);
    expect(reached(state, `https://${host}/`, family)).toEqual({});
  });
});
