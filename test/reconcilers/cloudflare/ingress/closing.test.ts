import { describe, expect, it } from 'vitest';
import {
  type IngressRuleSpec,
  ingressRule,
} from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { ingressRuleKey } from '../../../../reconcilers/cloudflare/ingress/rule-id.ts';
import { type Linked, ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import {
  app,
  around,
  catchAll,
  example,
  homelab,
  host,
  live,
  type RuleSpec,
  reconcilers,
  rule,
  write,
} from './house.ts';

describe('closing first', () => {
  const have = (tunnelId: string, hostname: string, service: string, path?: string, owner?: string) => {
    const spec = { tunnel: tunnelId, tunnelId, hostname, service, originRequest: {}, ...(path && { path }) };
    const key = ingressRuleKey(spec);
    return {
      address: { kind: app.address.kind, key },
      id: key,
      owner,
      spec,
      attributes: {},
      uses: [],
    };
  };
  const want: Linked<IngressRuleSpec> = { ...(app.spec as RuleSpec), tunnelId: 't' };
  const wild = have('t', '*.example.dev', 'http://wide.lan');

  it.each([
    { because: 'a wildcard rule serves the host', siblings: [wild], closes: true },
    { because: 'an open catch-all serves it', siblings: [have('t', '*', 'http://all.lan')], closes: true },
    {
      because: 'only a path of it has a rule of its own',
      siblings: [wild, have('t', host, 'http://a.lan', '^/a$')],
      closes: true,
    },
    {
      because: 'what it was closed with elsewhere keeps nobody out here',
      siblings: [wild, have('other', host, 'http_status:503')],
      closes: true,
    },
    { because: 'nothing else serves it', siblings: [have('t', '*', 'http_status:404')], closes: false },
    { because: 'that is another tunnel', siblings: [have('other', '*', 'http://all.lan')], closes: false },
    {
      because: 'it moves here, and is served where it was',
      siblings: [wild, have('other', host, 'http://app.lan', undefined, 'home')],
      closes: false,
    },
    {
      because: 'somebody else has a rule for it elsewhere',
      siblings: [wild, have('other', host, 'http://app.lan')],
      closes: true,
    },
  ])('$because: $closes', ({ siblings, closes }) => {
    const closed = ingressRule.route?.closedFirst?.(want, siblings, 'home');
    expect(closed?.spec.service).toBe(closes ? 'http_status:503' : undefined);
  });

  it.each([
    { because: 'a rule serves it there', siblings: [have('o', '*', 'http://all.lan')], closes: true },
    { because: 'only a path is served there', siblings: [have('o', host, 'http://a', '^/a')], closes: true },
    {
      because: 'its rule is closed there, before one for all hosts',
      siblings: [have('o', host, 'http_status:503', undefined, 'home'), have('o', '*', 'http://all.lan')],
      closes: false,
    },
    { because: 'nobody knows its rules', siblings: [have('t', '*', 'http_status:404')], closes: true },
    { because: 'nothing serves it there', siblings: [have('o', '*', 'http_status:404')], closes: false },
  ])('below a wildcard that leads to another tunnel, $because: $closes', ({ siblings, closes }) => {
    const unmade = { ...want, tunnelId: ref('cloudflare/tunnel:homelab') };
    for (const spec of [want, unmade]) {
      const closed = ingressRule.route?.closedFirst?.(spec, siblings, 'home', 'o.cfargotunnel.com');
      expect(closed?.spec.service).toBe(closes ? 'http_status:503' : undefined);
      if (closed !== undefined) expect(closed.spec.tunnelId).toBe(spec.tunnelId);
    }
  });

  it('falls back to the rule of the host for a path, and closes nothing for a tunnel yet to be created', () => {
    expect(ingressRule.route?.closedFirst?.({ ...want, path: '^/a$' }, [wild], 'home')).toBeUndefined();
    const unmade = { ...want, tunnelId: ref('cloudflare/tunnel:homelab') };
    expect(ingressRule.route?.closedFirst?.(unmade, [wild], 'home')).toBeUndefined();
  });

  it('is observed as predicted', async () => {
    const test = await testWorld({ reconcilers });
    await write(test, [{ hostname: '*.example.dev', service: 'http://wide.lan' }, catchAll]);
    const [wide] = await test.read(ingressRule);
    const tunnelId = wide?.spec.tunnelId ?? '';
    const foretold = ingressRule.route?.closedFirst?.({ ...want, tunnelId }, wide ? [wide] : [], 'home');
    const closing = { ...app, spec: { ...foretold?.spec } as RuleSpec };
    expect(failures(await test.apply([homelab, closing]))).toEqual([]);
    expect((await test.read(ingressRule))[0]).toEqual(foretold);
  });
});

describe('removing a rule', () => {
  it('closes it with the owner’s mark first, and then removes it', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const verbs = pending(await test.plan([homelab, example])).map(
      ({ verb, address }) => `${verb} ${address.kind}`,
    );
    expect(verbs[0]).toBe('update cloudflare/ingress-rule');
    const [ours] = (await test.read(ingressRule)).filter(({ spec }) => spec.hostname === host);
    expect(ours && ingressRule.route?.closed?.(ours, 'home')).toEqual({
      ...ours?.spec,
      service: 'http_status:503',
      originRequest: { httpHostHeader: 'gates-home' },
    });
  });

  it.each([
    {
      because: 'a wildcard rule would answer',
      wide: { hostname: '*.example.dev', service: 'http://wide.lan' },
      last: catchAll,
      stays: true,
    },
    {
      because: 'an open catch-all would answer',
      wide: undefined,
      last: { service: 'http://all.lan' },
      stays: true,
    },
    {
      because: 'a closed wildcard answers nothing',
      wide: { hostname: '*.example.dev', service: 'http_status:404' },
      last: catchAll,
      stays: false,
    },
    {
      because: 'a wildcard for other hosts',
      wide: { hostname: '*.other.dev', service: 'http://wide.lan' },
      last: catchAll,
      stays: false,
    },
    { because: 'nothing would answer', wide: undefined, last: catchAll, stays: false },
  ])('$because: the 503 rule stays: $stays', async ({ wide, last, stays }) => {
    const test = await testWorld({ reconcilers });
    await write(test, [...(wide === undefined ? [] : [wide]), last]);
    const path = rule(host, { path: '^/a$', service: 'http://p.lan' });
    await test.apply([...around(host), app, path]);
    expect(failures(await test.apply([homelab, example]))).toEqual([]);
    const left = ((await live(test)).config?.ingress ?? []).filter((entry) => entry.hostname === host);
    expect(left.map(({ service }) => service)).toEqual(stays ? ['http_status:503'] : []);
    expect(pending(await test.plan([homelab, example]))).toEqual([]);
    expect(failures(await test.apply([...around(host), app]))).toEqual([]);
    expect(pending(await test.plan([...around(host), app]))).toEqual([]);
  });
});
