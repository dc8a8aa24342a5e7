import { describe, expect, it } from 'vitest';
import type { GateCheck } from '../../src/core/objects/object.ts';
import type { Part } from '../../src/core/objects/part.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { areNew } from '../../src/interlock/run-ends.ts';
import { application, login, name, origin, policy, provider, rule, served } from '../doors/parts.ts';

const host = 'app.example.dev';
const domain = 'authentik/proxy-provider:domain';
const goal = [
  provider(domain, 'https://auth.example.dev', { mode: 'forward_domain', cookieDomain: 'example.dev' }),
  ...login(domain),
];

function newAt(
  paths: readonly string[],
  start: readonly Part[],
  staying: readonly Part[] = [],
  asked: readonly Part[] = [],
): readonly string[] {
  const proof = { host, needs: [domain] } as Partial<GateCheck> as GateCheck;
  const state = (parts: readonly Part[]) => ({ store: PartStore.of({ parts }) });
  const ends = {
    start: state(start),
    goal: state([...goal, ...staying]),
    pruned: state([...goal, ...asked]),
  };
  const isNew = areNew({ proofs: [proof] }, ends);
  return paths.filter((path) => isNew({ host, path, method: 'GET' }));
}

describe('a host behind the login of its domain', () => {
  it('is new where it lets nobody in, but not at a path that is open with and without a final slash', () => {
    const cover = [application('a', [host, `${host}/health/*`], ['p']), policy('p', 'deny', [])];
    const path = [
      application('h', [`${host}/health`], ['ph']),
      policy('ph', 'allow', [{ email: { email: 'me@example.dev' } }]),
      rule(host, 'http://app.lan', { path: '(?i)^/health(/)?$', audiences: ['aud-h'] }),
      origin('http://app.lan'),
    ];
    const start = served(host, ...path, ...cover);
    expect(newAt(['/', '/health', '/health/', '/health/a'], start)).toEqual(['/', '/health/a']);
  });

  it('is not new if a login of its own stays, unless no outpost serves that', () => {
    const cover = served(host, application('a', [host], ['p']), policy('p', 'deny', []));
    const own = provider('authentik/proxy-provider:own', `https://${host}`);
    expect(newAt(['/'], cover)).toEqual(['/']);
    expect(newAt(['/'], cover, [own])).toEqual(['/']);
    expect(newAt(['/'], cover, [own, ...login(own.id)])).toEqual([]);
  });

  it('is new everywhere without a name', () => {
    expect(newAt(['/', '/health'], [rule(host, 'http://app.lan')])).toEqual(['/', '/health']);
  });
});

describe('a host whose name comes to lead to another tunnel', () => {
  const at = (path: string) => rule(host, 'http://box.lan', { tunnel: 't2', path });
  const there = { ...name(host), content: 't2.cfargotunnel.com' };
  const [before, asked] = [
    [...served(host), at('^/open$')],
    [there, at('^/api$')],
  ];

  it('is new if a rule for it only stays there', () => {
    expect(newAt(['/', '/open'], before, [...asked, at('^/open$')], asked)).toEqual(['/', '/open']);
  });

  it.each([
    { because: 'the file asks for each rule there', start: before, goal: asked },
    { because: 'it leads there already', start: [...before, there], goal: [...asked, at('^/open$')] },
    { because: 'the rule stays elsewhere', start: before, goal: [...asked, rule(host, 'http://app.lan')] },
  ])('is not new if $because', ({ start, goal: end }) => {
    expect(newAt(['/', '/open'], start, end, asked)).toEqual([]);
  });
});
