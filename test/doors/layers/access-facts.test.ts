import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { Selector } from '../../../src/core/objects/parts/access-parts.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { decideFor } from '../../../src/doors/admission/decision.ts';
import { explain } from '../../../src/doors/explanation.ts';
import { PartStore } from '../../../src/doors/state/part-store.ts';
import {
  application,
  catchAll,
  email,
  everyone,
  holding,
  me,
  name,
  openFacts,
  origin,
  policy,
  reached,
  rule,
  served,
  stranger,
  tunnel,
  zone,
} from '../parts.ts';

const host = 'app.example.dev';
const to = `http://app.lan for ${host}`;
const admitted = { [to]: 'admitted' };
const mine = policy('mine', 'allow', [email('me@example.dev')]);
const open = policy('open', 'bypass', [everyone]);
const guard = application('a', [host], ['mine']);
const network: Selector = { ip: { ip: '192.0.2.0/24' } };
const certificate: Selector = { certificate: {} };
const there: Credential = { has: 'network', range: '192.0.2.0/24' };
const session: Credential = { has: 'session', audience: 'aud-a' };
const token: Credential = { has: 'service-token', id: 'ci' };
const ci: Part = { part: 'service-token', id: 'ci', valid: true };

/** A host whose tunnel takes only tokens for one audience. */
const strict = (audience: string, ...parts: readonly Part[]) => [
  ...[zone, tunnel, name(host), rule(host, 'http://app.lan', { audiences: [audience] }), catchAll],
  ...[origin('http://app.lan'), ...parts],
];

describe('the facts about Access name', () => {
  it.each([
    {
      what: 'the setting that gates does not know, and the application',
      parts: [application('a', [host], ['mine'], { waysAround: ['new_setting'] }), mine],
      path: '/',
      is: ['way around: new_setting at a'],
    },
    {
      what: 'a setting that only ends or begins like one that admits nobody else',
      parts: [
        application('a', [host], ['mine'], {
          waysAround: ['no_read_service_tokens_from_header', 'allow_authenticate_via_warp_always'],
        }),
        mine,
      ],
      path: '/',
      is: [
        'way around: no_read_service_tokens_from_header at a',
        'way around: allow_authenticate_via_warp_always at a',
      ],
    },
    {
      what: 'each reading of a path',
      parts: [application('a', [`${host}/a`], ['mine']), mine],
      path: '/%61',
      is: [`path spelling: Access, GET ${host}/%61: /%61`, `path spelling: Access, GET ${host}/%61: /a`],
    },
    {
      what: 'the case of a path',
      parts: [application('a', [`${host}/a`], ['mine']), mine],
      path: '/A',
      is: [`path spelling: Access, GET ${host}/A: /A`],
    },
    {
      what: 'the pattern that may cover what lies below it',
      parts: [application('a', [`${host}/a*/b`], ['mine']), mine],
      path: '/ax/b/c',
      is: [`path pattern: ${host}/a*/b, GET ${host}/ax/b/c`],
    },
    {
      what: 'the applications that overlap',
      parts: [
        application('a', ['*.example.dev/admin'], ['mine']),
        application('b', [host], ['open']),
        mine,
        open,
      ],
      path: '/admin',
      is: [`overlapping destinations: GET ${host}/admin among b, a: b`],
    },
    {
      what: 'the policy that the snapshot lacks',
      parts: [application('a', [host], ['gone'])],
      path: '/',
      is: ['unknown policy: gone bypasses', 'unknown policy: gone is Service Auth'],
    },
  ])('$what', ({ parts, path, is }) => {
    expect(openFacts(served(host, ...parts), { host, path }, stranger)).toEqual(is);
  });

  it('the policy that may decide about a person who logs in', () => {
    const parts = served(host, application('a', [host], ['gone', 'mine']), mine);
    expect(openFacts(parts, `https://${host}/`, me)).toEqual([
      ...['unknown policy: gone bypasses', 'unknown policy: gone is Service Auth'],
      ...['unknown policy: gone decides', 'unknown policy: gone admits'],
    ]);
  });

  it.each([
    { unread: 'access-application', is: [`not read: Access for GET ${host}/`] },
    { unread: 'access-policy', is: [`not read: Access for GET ${host}/`] },
    { unread: 'organization', is: ['not read: Require Access Protection'] },
  ] as const)('the list that gates could not read: $unread', ({ unread, is }) => {
    expect(openFacts({ parts: served(host), unread: new Set([unread]) }, `https://${host}/`, me)).toEqual(is);
  });

  it.each(['access-application', 'access-policy'] as const)(
    'the audience that the tunnel asks for, while %s cannot be read',
    (sort) => {
      const snapshot = { parts: strict('aud-b', guard, mine), unread: new Set([sort]) };
      expect(openFacts(snapshot, `https://${host}/`, me)).toEqual([
        ...[`not read: Access for GET ${host}/`, 'not read: application with audience aud-b'],
      ]);
    },
  );

  it('the token that gates could not read', () => {
    const parts = served(
      host,
      application('a', [host], ['s']),
      ci,
      policy('s', 'non_identity', [tokenOf('ci')]),
    );
    const snapshot = { parts, unread: new Set(['service-token'] as const) };
    expect(openFacts(snapshot, `https://${host}/`, holding(token))).toEqual(['not read: service token ci']);
    expect(reached(snapshot, `https://${host}/`, stranger)).toEqual({});
  });

  it('the application at which a device may log in by itself', () => {
    const more = { logins: ['idp'], waysAround: ['allow_authenticate_via_warp'] };
    const parts = served(host, application('a', [host], ['all'], more), policy('all', 'allow', [everyone]));
    expect(openFacts(parts, `https://${host}/`, holding({ has: 'identity' }))).toEqual([
      'device login: at a',
    ]);
  });
});

function tokenOf(id: string): Selector {
  return { service_token: { token_id: id } };
}

describe('a session', () => {
  const at = (...policies: readonly ReturnType<typeof policy>[]) =>
    served(
      host,
      application(
        'a',
        [host],
        policies.map(({ id }) => id),
      ),
      ci,
      ...policies,
    );
  const facts = (parts: readonly Part[], ...credentials: readonly Credential[]) =>
    openFacts(parts, `https://${host}/`, holding(session, ...credentials));

  it.each([
    { because: 'no policy', policies: [] },
    { because: 'a Block policy', policies: [policy('p', 'deny', [everyone])] },
    { because: 'a Bypass policy', policies: [policy('p', 'bypass', [network])] },
  ])('may last at an application with $because, by which nobody logs in', ({ policies }) => {
    expect(facts(at(...policies))).toEqual(['session without a policy: at a']);
  });

  it('obeys a Block policy about networks, or the one from before', () => {
    const block = policy('b', 'deny', [network]);
    const parts = at(block, policy('all', 'allow', [everyone]));
    expect(facts(parts, there)).toEqual(['policies of a session: at a']);
    expect(reached(parts, `https://${host}/`, holding(session))).toEqual(admitted);
  });

  it('obeys no Block policy about people, whom Access knows only at the login', () => {
    const parts = at(policy('b', 'deny', [email('me@example.dev')]), policy('all', 'allow', [everyone]));
    expect(reached(parts, `https://${host}/`, holding(session))).toEqual(admitted);
  });

  it('may outlive its token, and the network that another policy asks for', () => {
    const parts = at(
      policy('s', 'non_identity', [tokenOf('ci')]),
      policy('p', 'allow', [everyone], { require: [network] }),
    );
    expect(facts(parts)).toEqual(['session of a token: at a', 'policies of a session: at a']);
    expect(reached(parts, `https://${host}/`, holding(session, there))).toEqual(admitted);
  });
});

describe('the token of Access', () => {
  const auth = policy('s', 'non_identity', [tokenOf('ci')]);
  const bypass = policy('b', 'bypass', [network]);

  it('comes with Service Auth, and not with Bypass', () => {
    const parts = strict('aud-a', application('a', [host], ['s', 'b']), auth, bypass, ci);
    expect(reached(parts, `https://${host}/`, holding(token))).toEqual(admitted);
    expect(reached(parts, `https://${host}/`, holding(there))).toEqual({});
  });

  it.each([
    { because: 'of the hosts of its application', of: 'ours', is: admitted },
    { because: 'of another authority', of: 'theirs', is: { [to]: 'place of the login' } },
  ])('of another application may need a certificate $because', ({ of, is }) => {
    const parts = strict(
      'aud-b',
      ...[application('a', [host], ['open']), open],
      application('b', ['B.example.dev/x', 'c.example.dev'], ['p']),
      policy('p', 'allow', [certificate]),
      { part: 'certificate-host', authority: 'ours', host: 'b.example.dev' },
    );
    const shown: Credential = { has: 'certificate', commonName: undefined, authority: of };
    expect(reached(parts, `https://${host}/`, holding({ has: 'identity' }, shown))).toEqual(is);
  });

  it('of an application for many hosts may need a certificate of any authority', () => {
    const parts = strict(
      'aud-b',
      ...[application('a', [host], ['open']), open],
      application('b', ['*.b.example.dev', 'c.example.dev'], ['p']),
      policy('p', 'allow', [certificate]),
    );
    const shown: Credential = { has: 'certificate', commonName: undefined, authority: undefined };
    expect(reached(parts, `https://${host}/`, holding({ has: 'identity' }, shown))).toEqual(admitted);
  });

  it('says nothing of the place at which somebody got it', () => {
    const parts = strict(
      'aud-b',
      ...[application('a', [host], ['open']), open],
      ...[
        application('b', ['b.example.dev'], ['p']),
        policy('p', 'allow', [everyone], { require: [network] }),
      ],
    );
    expect(openFacts(parts, `https://${host}/`, holding({ has: 'identity' }))).toEqual([
      'place of the login: {"ip":{"ip":"192.0.2.0/24"}} at b',
    ]);
  });
});

describe('an application', () => {
  it('guards each of its hosts', () => {
    const parts = served(host, application('a', ['b.example.dev', host, '*.c.example.dev'], ['mine']), mine);
    expect(reached(parts, `https://${host}/`, stranger)).toEqual({});
    expect(reached(parts, `https://${host}/`, me)).toEqual(admitted);
  });

  const proven: Credential = { has: 'authentication-method', method: 'mfa' };
  const checked: Credential = { has: 'posture', check: 'disk' };
  const unknownAuthority: Credential = { has: 'certificate', commonName: undefined, authority: undefined };
  const claims = (credential: Credential) => ['claim', 'identity', 'login'].includes(credential.has);
  const claim = (fields: Readonly<Record<string, string>>): Selector => ({ oidc: fields });
  const complete = { identity_provider_id: 'idp', claim_name: 'role', claim_value: 'a' };
  const { identity_provider_id: idp, claim_name: named, claim_value: value } = complete;

  it.each([
    {
      because: 'whoever logs in with a second factor',
      selector: { auth_method: { auth_method: 'mfa' } },
      who: holding(proven, { has: 'identity' }),
      is: admitted,
    },
    {
      because: 'nobody without it',
      selector: { auth_method: { auth_method: 'mfa' } },
      who: holding({ has: 'identity' }),
      is: {},
    },
    {
      because: 'whoever has a device that passes a check',
      selector: { device_posture: { integration_uid: 'disk' } },
      who: holding(checked, { has: 'identity' }),
      is: admitted,
    },
    {
      because: 'nobody without it',
      selector: { device_posture: { integration_uid: 'disk' } },
      who: holding({ has: 'identity' }),
      is: {},
    },
    {
      because: 'nobody with a certificate of an authority that the host does not have',
      selector: certificate,
      who: holding(unknownAuthority, { has: 'identity' }),
      is: {},
    },
    { because: 'whoever has a claim', selector: claim(complete), who: claims, is: admitted },
    {
      because: 'whoever has an empty claim',
      selector: claim({ ...complete, claim_value: '' }),
      who: claims,
      is: admitted,
    },
    {
      because: 'nobody by a claim of no provider',
      selector: claim({ claim_name: named, claim_value: value }),
      who: claims,
      is: {},
    },
    {
      because: 'nobody by a claim without a name',
      selector: claim({ identity_provider_id: idp, claim_value: value }),
      who: claims,
      is: {},
    },
    {
      because: 'nobody by a claim without a value',
      selector: claim({ identity_provider_id: idp, claim_name: named }),
      who: claims,
      is: {},
    },
  ] as readonly {
    readonly because: string;
    readonly selector: Selector;
    readonly who: (credential: Credential) => boolean;
    readonly is: object;
  }[])('may admit $because', ({ selector, who, is }) => {
    const parts = served(host, ...[application('a', [host], ['p']), policy('p', 'allow', [selector])], {
      part: 'certificate-host',
      authority: 'ours',
      host,
    });
    expect(reached(parts, `https://${host}/`, who)).toEqual(is);
  });
});

describe('the explanation of Access', () => {
  const selectorsFor = (one: Part, holds: (credential: Credential) => boolean) => {
    const store = PartStore.of({ parts: served(host, application('a', [host], ['p']), one) });
    const { layers } = explain(store, { host, path: '/' }, (admits) => decideFor(admits, holds));
    const access = layers.find(({ layer }) => layer === 'Access')?.weighed ?? [];
    return access
      .filter(({ part }) => part === one)
      .map(({ verdict, selectors = [] }) => [
        verdict,
        ...selectors.map(({ list, selector, admits }) => [list, selector, decideFor(admits, holds)]),
      ]);
  };

  it('shows each selector of a policy, with whether it matches the visitor', () => {
    const one = policy('p', 'allow', [email('me@example.dev'), email('you@example.net')], {
      ...{ require: [network], exclude: [{ geo: { country_code: 'DE' } }] },
    });
    const rows = [
      ['include', email('me@example.dev'), 'admitted'],
      ['include', email('you@example.net'), 'refused'],
    ];
    expect(selectorsFor(one, me)).toEqual([
      [
        ...['refused', ...rows, ['require', network, 'refused']],
        ['exclude', { geo: { country_code: 'DE' } }, 'refused'],
      ],
    ]);
  });

  it('shows the approval that a policy asks for', () => {
    const one = policy('p', 'allow', [everyone], { approval: 'one of boss@example.dev' });
    const approval = { approval: { by: 'one of boss@example.dev' } };
    expect(selectorsFor(one, me)).toEqual([
      ['refused', ['include', everyone, 'admitted'], ['require', approval, 'refused']],
    ]);
    const approved = holding({ has: 'approval', by: 'one of boss@example.dev' });
    expect(selectorsFor(one, approved)).toEqual([
      ['admitted', ['include', everyone, 'admitted'], ['require', approval, 'admitted']],
    ]);
  });
});
