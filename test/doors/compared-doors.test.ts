import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import { doorsIn } from '../../src/doors/compared-doors.ts';
import { application, name, origin, provider, record, rule, zone } from './parts.ts';

const host = 'app.example.dev';
const operation = (method: string): Part => {
  return { part: 'operation', id: method, zone: 'example.dev', host, method, endpoint: '/v1' };
};
const route = (pattern: string): Part => {
  return { part: 'worker-route', zone: 'example.dev', pattern, script: 'w', failsOpen: false };
};
const link = (id: string): Part => ({ part: 'provider-link', application: `app-${id}`, provider: id });

const hostsOf = (...parts: readonly Part[]) => [...new Set(doorsIn(parts).map((door) => door.host))];

describe('the doors that the interlock compares', () => {
  it.each([
    { named: 'a proxied name', part: name(host), are: [host] },
    { named: 'an address', part: record(host, '192.0.2.1', { type: 'A' }), are: [host] },
    { named: 'an address of IPv6', part: record(host, '2001:db8::1', { type: 'AAAA' }), are: [host] },
    { named: 'name servers', part: record(host, 'ns.example.net', { type: 'NS' }), are: [host] },
    { named: 'a text, which leads nobody anywhere', part: record(host, 'text', { type: 'TXT' }), are: [] },
    { named: 'a name for machines', part: name('_dmarc.example.dev'), are: [] },
    { named: 'a name that only ends like one', part: name('a_.example.dev'), are: ['a_.example.dev'] },
    {
      named: 'a wildcard, by a name that nothing else has',
      part: name('*.example.dev'),
      are: ['gates-other.example.dev'],
    },
    { named: 'a rule of a tunnel', part: rule(host, 'http://a.lan'), are: [host] },
    { named: 'a rule for every host, which names none', part: rule('*', 'http://a.lan'), are: [] },
    {
      named: 'each destination of an application',
      part: application('a', [`${host}/a`, host, '*.b.example.dev/c'], []),
      are: [host, 'gates-other.b.example.dev'],
    },
    { named: 'a route of a Worker', part: route(`${host}/a*`), are: [host] },
    { named: 'no host, if a part has none', part: zone, are: [] },
    { named: 'an origin, which is behind some host', part: origin('http://a.lan'), are: [] },
  ])('are at $named', ({ part, are }) => {
    expect(hostsOf(part)).toEqual(are);
  });

  it('are one for each class of paths, with each method that an operation has', () => {
    const get = [
      { host, path: '/', method: 'GET' },
      { host, path: '/gates-other.css', method: 'GET' },
    ];
    expect(doorsIn([name(host)])).toEqual(get);
    const doors = doorsIn([name(host), rule('b.example.dev', 'http://b.lan'), operation('PUT')]);
    expect(new Set(doors.map(({ method }) => method))).toEqual(new Set(['GET', 'PUT']));
    expect(doors).toContainEqual({ host: 'b.example.dev', path: '/', method: 'PUT' });
    expect(doors.filter(({ method }) => method === 'GET')).toHaveLength(doors.length / 2);
  });

  it('are the logins of clients, and of no other provider', () => {
    const clients: readonly Part[] = [
      { part: 'client', id: 'oidc', trusts: [] },
      { part: 'other-client', id: 'saml' },
    ];
    const proxy: Part = provider('proxy', 'https://app.example.dev');
    expect(doorsIn([...clients, proxy, link('oidc'), link('saml'), link('proxy')])).toEqual([
      { host: 'app-oidc', path: '', application: 'app-oidc' },
      { host: 'app-saml', path: '', application: 'app-saml' },
    ]);
    expect(doorsIn(clients)).toEqual([]);
  });
});
