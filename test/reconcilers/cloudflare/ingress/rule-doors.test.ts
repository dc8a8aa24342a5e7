import { describe, expect, it } from 'vitest';
import {
  type IngressRuleSpec,
  ingressRule,
} from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import { app, host, type RuleSpec } from './house.ts';

describe('doors', () => {
  const have = (service: string): Observed<IngressRuleSpec> => ({
    address: app.address,
    id: 'r',
    owner: 'home',
    spec: { tunnel: 'homelab', tunnelId: 't', hostname: host, service, originRequest: {} },
    attributes: {},
    uses: [],
  });
  const want = (service: string) => ({ ...(app.spec as RuleSpec), service });

  it.each([
    {
      because: 'a new way in',
      to: 'http://app.lan',
      from: undefined,
      step: { step: 'route', via: 'homelab' },
    },
    {
      because: 'another way in',
      to: 'http://app.lan',
      from: 'http://old.lan',
      step: { step: 'route', via: 'homelab' },
    },
    { because: 'closed', to: 'http_status:503', from: 'http://old.lan', step: { step: 'close' } },
    { because: 'closed from the start', to: 'http_status:400', from: undefined, step: { step: 'close' } },
    {
      because: 'gone while open',
      to: undefined,
      from: 'http://old.lan',
      step: { step: 'unroute', via: 'homelab', live: true },
    },
    {
      because: 'gone when closed',
      to: undefined,
      from: 'http_status:503',
      step: { step: 'unroute', via: 'homelab', live: false },
    },
  ])('$because', ({ to, from, step }) => {
    const effects = ingressRule.doors?.(
      to === undefined ? undefined : want(to),
      from === undefined ? undefined : have(from),
      app.address,
    );
    expect(effects).toEqual([{ host, ...step }]);
  });

  it('name the path that they concern', () => {
    const path = '^/a$';
    const asked = { ...want('http://app.lan'), path, originRequest: {} };
    const [way] = ingressRule.doors?.(asked, undefined, app.address) ?? [];
    expect(way).toEqual({ host, step: 'route', via: 'homelab', part: path });
    const access = { required: true, teamName: 'example', audTag: ['a'] } as const;
    const demanding = { ...want('http://app.lan'), path, originRequest: { access } };
    const [divided] = ingressRule.doors?.(demanding, undefined, app.address) ?? [];
    expect(divided).toEqual({ host, step: 'divide', via: 'homelab', part: path });
    const { spec, ...of } = have('http://app.lan');
    const [gone] = ingressRule.doors?.(undefined, { ...of, spec: { ...spec, path } }, app.address) ?? [];
    expect(gone).toEqual({ host, step: 'unroute', via: 'homelab', live: true, part: path });
  });

  it('let requests through with the token of a gate whose token they demand, unless they are closed', () => {
    const access = { required: true, teamName: 'example', audTag: ['a', 'b'] } as const;
    const passes = (
      service: string,
      attributes: Record<string, string>,
      originRequest: object = { access },
    ) => ingressRule.route?.passes?.({ ...have(service).spec, originRequest }, { attributes });
    expect(passes('http://app.lan', { aud: 'b' })).toBe(true);
    expect(passes('http://app.lan', { aud: 'c' })).toBe(false);
    expect(passes('http://app.lan', {})).toBe(false);
    expect(passes('http://app.lan', { aud: 'b' }, {})).toBe(false);
    expect(passes('http_status:503', { aud: 'b' })).toBe(false);
  });

  it('take a rule that answers some paths itself for a guard of these', () => {
    const path = '//|[. ](/|$)';
    const { spec, ...of } = have('http_status:400');
    const effects = ingressRule.doors?.(undefined, { ...of, spec: { ...spec, path } }, app.address);
    expect(effects).toEqual([{ host, step: 'unguard', part: path }]);
  });
});
