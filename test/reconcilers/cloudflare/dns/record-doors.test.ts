import { describe, expect, it } from 'vitest';
import { dnsRecord } from '../../../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import { baseSpec } from './base-spec.ts';

const kind = 'cloudflare/dns-record';

describe('a door', () => {
  const have = (changes: Partial<DnsRecordSpec> = {}): Observed<DnsRecordSpec> => ({
    address: { kind, key: 'CNAME app.example.dev' },
    id: 'r',
    owner: 'home',
    spec: { ...baseSpec('z'), ...changes },
    attributes: {},
    uses: [],
  });
  const address = { kind, key: 'CNAME app.example.dev' } as const;
  const publish = [{ host: 'app.example.dev', step: 'publish' }];
  it.each([
    { because: 'a new name', want: baseSpec('z'), live: undefined, effects: publish },
    {
      because: 'a name that goes',
      want: undefined,
      live: have({ proxied: true }),
      effects: [{ host: 'app.example.dev', step: 'publish', live: true }],
    },
    {
      because: 'a name around the edge that goes',
      want: undefined,
      live: have(),
      effects: publish,
    },
    { because: 'another target', want: baseSpec('z'), live: have({ content: 'x.dev' }), effects: publish },
    {
      because: 'around the proxy or not',
      want: baseSpec('z'),
      live: have({ proxied: true }),
      effects: publish,
    },
    {
      because: 'a comment is seen by nobody',
      want: baseSpec('z'),
      live: have({ comment: 'x' }),
      effects: [],
    },
    { because: 'mail is no way in', want: { ...baseSpec('z'), type: 'MX' }, live: undefined, effects: [] },
  ])('$because', ({ want, live, effects }) => {
    expect(dnsRecord.doors?.(want, live, address)).toEqual(effects);
  });

  it('counts as changed while its target is unknown', () => {
    const content = { $ref: 'cloudflare/tunnel:homelab', template: '{id}.cfargotunnel.com' } as const;
    expect(dnsRecord.doors?.({ ...baseSpec('z'), content }, have(), address)).toEqual(publish);
  });
});

describe('the records of a name', () => {
  const at = (name: string, type = 'CNAME'): Observed<DnsRecordSpec> => ({
    address: { kind, key: `${type} ${name}` },
    id: name,
    owner: undefined,
    spec: { ...baseSpec('z'), name, type },
    attributes: {},
    uses: [],
  });
  it.each([
    { because: 'answer for it', record: at('a.example.dev'), beside: [], is: true },
    { because: 'answer for no other one', record: at('b.example.dev'), beside: [], is: false },
    { because: 'answer for those below as a wildcard', record: at('*.example.dev'), beside: [], is: true },
    {
      because: 'do not as a wildcard that a text at the name hides',
      record: at('*.example.dev'),
      beside: [at('a.example.dev', 'TXT')],
      is: false,
    },
    {
      because: 'do not as a wildcard that a text below the name hides',
      record: at('*.example.dev'),
      beside: [at('_dmarc.a.example.dev', 'TXT')],
      is: false,
    },
  ])('$because', ({ record, beside, is }) => {
    expect(dnsRecord.route?.answersFor?.(record.spec, 'a.example.dev', [record, ...beside])).toBe(is);
  });
});

describe('the target of a wildcard', () => {
  const wildcard = (name: string, changes: Partial<DnsRecordSpec> = {}): Observed<DnsRecordSpec> => ({
    address: { kind, key: `CNAME ${name}` },
    id: name,
    owner: undefined,
    spec: { ...baseSpec('z'), name, proxied: true, content: 'other.cfargotunnel.com', ...changes },
    attributes: {},
    uses: [],
  });
  const near = wildcard('*.in.example.dev', { content: 'near.cfargotunnel.com' });
  it.each([
    { because: 'one of the zone', siblings: [wildcard('*.example.dev')], target: 'other.cfargotunnel.com' },
    {
      because: 'the closest one',
      siblings: [wildcard('*.example.dev'), near],
      target: 'near.cfargotunnel.com',
    },
    {
      because: 'one that a text at the name hides',
      siblings: [near, wildcard('a.in.example.dev', { type: 'TXT' })],
      target: undefined,
    },
    {
      because: 'one that a name below an ancestor hides',
      siblings: [wildcard('*.example.dev'), wildcard('b.in.example.dev')],
      target: undefined,
    },
    {
      because: 'one that leads where the name is to lead',
      siblings: [wildcard('*.example.dev', { content: 'own.cfargotunnel.com' })],
      target: undefined,
    },
    {
      because: 'one that leads around the edge',
      siblings: [wildcard('*.example.dev', { proxied: false })],
      target: undefined,
    },
    { because: 'one elsewhere', siblings: [wildcard('*.out.example.dev')], target: undefined },
    { because: 'mail', siblings: [wildcard('*.example.dev', { type: 'MX' })], target: undefined },
    { because: 'none', siblings: [wildcard('app.example.dev')], target: undefined },
    {
      because: 'the record of the name itself',
      siblings: [
        wildcard('*.example.dev', { content: 'far.cfargotunnel.com' }),
        wildcard('a.in.example.dev'),
      ],
      target: 'other.cfargotunnel.com',
    },
    {
      because: 'the record of the name itself, which stays',
      siblings: [wildcard('a.in.example.dev', { content: 'own.cfargotunnel.com' })],
      target: undefined,
    },
    {
      because: 'a record of another type at the name, which goes before',
      siblings: [wildcard('a.in.example.dev', { type: 'A', content: '192.0.2.9' })],
      target: undefined,
    },
  ])('$because: $target', ({ siblings, target }) => {
    const want = { ...baseSpec('z'), name: 'a.in.example.dev', content: 'own.cfargotunnel.com' };
    expect(dnsRecord.route?.otherTarget?.(want, siblings)).toBe(target);
  });

  it('differs from a tunnel that does not exist yet', () => {
    const content = { $ref: 'cloudflare/tunnel:homelab', template: '{id}.cfargotunnel.com' } as const;
    const want = { ...baseSpec('z'), content };
    expect(dnsRecord.route?.otherTarget?.(want, [wildcard('*.example.dev')])).toBe('other.cfargotunnel.com');
  });
});
