import { describe, expect, it } from 'vitest';
import { anonymized } from '../../../src/export/anonymize/anonymize.ts';
import type { ExportedAnswer, JsonValue, SystemsExport } from '../../../src/export/exported-answer.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { done } from '../../lab/sandbox/mirror/recorded.ts';
import { richSandbox } from '../../lab/sandbox/mirror/rich-world.ts';
import { copyOf, exportOf } from '../systems.ts';

/** Names of a home that no anonymized export may contain. */
const names = [
  'muster',
  'wohnzimmer',
  'kasse',
  'adaline',
  'lovelace',
  'geheim',
  'tresor',
  'familie',
  '203.0.113',
  '4711',
];

async function homeSandbox(): Promise<Sandbox> {
  const sandbox = await createSandbox({ zones: ['muster.de'] });
  const [zone] = sandbox.zones;
  const account = `/accounts/${sandbox.accountId}`;
  const post = (path: string, body: object) => done(sandbox, 'cloudflare', 'POST', path, body);
  await post(`/zones/${zone?.id}/dns_records`, {
    ...{ type: 'A', name: 'kasse.wohnzimmer', content: '203.0.113.7', ttl: 1, proxied: true },
    comment: 'gates:home for Adaline Lovelace, adaline@muster.de',
  });
  await post(`/zones/${zone?.id}/dns_records`, {
    type: 'AAAA',
    name: 'six',
    content: '2001:db8:4711::7',
    ttl: 1,
  });
  await post(`${account}/access/policies`, {
    ...{ name: 'gates:home/kasse', decision: 'allow' },
    include: [{ email: { email: 'adaline@muster.de' } }, { ip: { ip: '203.0.113.0/24' } }],
  });
  await post(`${account}/access/apps`, {
    ...{ type: 'self_hosted', name: 'Kasse', domain: 'kasse.wohnzimmer.muster.de/tresor', policies: [] },
  });
  await done(
    sandbox,
    'cloudflare',
    'PUT',
    `/zones/${zone?.id}/rulesets/phases/http_request_firewall_custom/entrypoint`,
    {
      rules: [
        {
          ...{ action: 'block', ref: 'geheim', description: 'nobody from outside' },
          expression:
            'http.host eq "kasse.wohnzimmer.muster.de" and ip.src in {203.0.113.7} and http.request.headers["x-geheim"][0] eq "tresor"',
        },
      ],
    },
  );
  const flows = await done(sandbox, 'authentik', 'GET', '/api/v3/flows/instances/');
  const flow = (slug: string) => flows.results.find((each: { slug: string }) => each.slug === slug)?.pk;
  await done(sandbox, 'authentik', 'POST', '/api/v3/providers/oauth2/', {
    ...{ name: 'Kasse', redirect_uris: [] },
    authorization_flow: flow('default-provider-authorization-implicit-consent'),
    invalidation_flow: flow('default-provider-invalidation-flow'),
    redirect_uris: [{ matching_mode: 'strict', url: 'https://kasse.wohnzimmer.muster.de/callback' }],
  });
  await done(sandbox, 'authentik', 'POST', '/api/v3/propertymappings/provider/scope/', {
    ...{ name: 'families', scope_name: 'familie' },
    expression: '# for Familie Lovelace\nreturn {"familie": request.user.name == "Adaline"}',
  });
  await done(sandbox, 'authentik', 'POST', '/api/v3/core/users/', {
    ...{ username: 'adaline', name: 'Adaline Lovelace', email: 'adaline@muster.de' },
  });
  await done(sandbox, 'authentik', 'POST', '/api/v3/core/groups/', {
    ...{ name: 'Familie', attributes: { 'gates/owner': 'home', Lovelace: 'tresor' } },
  });
  return sandbox;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever an answer contains
function objects({ answers }: SystemsExport, end: string): any[] {
  const found = answers.find(({ path }) => path.endsWith(end));
  return found === undefined
    ? []
    : 'items' in found.content
      ? [...found.content.items]
      : [found.content.object];
}

/** An export of one Cloudflare list with one object. */
function exportWith(object: JsonValue): SystemsExport {
  const answer: ExportedAnswer = { system: 'cloudflare', path: '/list', content: { items: [object] } };
  return { account: '', zones: [], isAnonymized: false, answers: [answer], refused: [] };
}

const only = (object: JsonValue) => objects(anonymized(exportWith(object)).made, '/list')[0];

describe('an anonymized export', () => {
  it('contains no name, address or IP', async () => {
    const { made, left } = anonymized(await exportOf(await homeSandbox()));
    const text = JSON.stringify(made).toLowerCase();
    // The name of the header is the one text that only the code of an expression has.
    expect(names.filter((name) => text.replace('x-geheim', '').includes(name))).toEqual([]);
    expect(names.filter((name) => left.join('\n').includes(name))).toEqual([]);
    expect(made.isAnonymized).toBe(true);
  });

  it('has the same replacement for a name everywhere, also in expressions and URLs', async () => {
    const { made } = anonymized(await exportOf(await homeSandbox()));
    const [record] = objects(made, '/dns_records').filter(({ type }) => type === 'A');
    const [zone] = made.zones;
    expect(record.name).toMatch(new RegExp(`^name\\d+\\.name\\d+\\.${zone}$`));
    expect(zone).toMatch(/^name\d+\.de$/);
    const [host] = record.name.split('.');
    const [app] = objects(made, '/access/apps');
    expect(app.name).toBe(host);
    expect(app.domain.split('/')[0]).toBe(record.name);
    const [rule] = objects(made, '/entrypoint')[0].rules;
    expect(rule.expression).toBe(
      `http.host eq "${record.name}" and ip.src in {${record.content}} and http.request.headers["x-geheim"][0] eq "${app.domain.split('/')[1]}"`,
    );
    const [provider] = objects(made, '/providers/oauth2/');
    expect(provider.redirect_uris[0].url).toBe(`https://${record.name}/callback`);
    const [policy] = objects(made, '/access/policies');
    const [{ email }, range] = policy.include;
    const [user] = objects(made, '/core/users/').filter(({ email: address }) => address === email.email);
    expect(email.email).toBe(`${user.username}@${zone}`);
    expect(user.name.split(' ')[0]).toBe(user.username);
    expect(range.ip.ip).toBe(`${record.content.replace(/\d+$/, '0')}/24`);
    expect(policy.name).toMatch(new RegExp(`^gates:name\\d+/${host}$`));
    expect(record.comment.startsWith(policy.name.split('/')[0])).toBe(true);
    const [group] = objects(made, '/core/groups/').filter(({ attributes }) => 'gates/owner' in attributes);
    expect(group.attributes).toEqual({ 'gates/owner': policy.name.slice('gates:'.length).split('/')[0] });
  });

  it('leads to a copy, in which what it leaves behaves as before', async () => {
    const { copy, unplayed } = await copyOf(anonymized(await exportOf(await richSandbox())).made);
    expect(unplayed.map((sentence) => sentence.replace(/name\d+/, 'NAME'))).toEqual([
      'policy "NAME password" is a Password Policy: here it is what its binding says of a failure',
    ]);
    expect(objects(await exportOf(copy), '/flows/instances/').map(({ slug }) => slug)).toContain(
      'default-provider-authorization-implicit-consent',
    );
  });

  it('has no name in the path of a refused question', () => {
    const [application, rules] = ['/core/applications/tresor/', '/zones/z/token_validation/rules'];
    const refused = [application, rules].map((path) => ({ system: 'authentik' as const, path, status: 403 }));
    const { made } = anonymized({ ...exportWith({}), refused });
    expect(made.refused.map(({ path }) => path)).toEqual(['/core/applications/name1/', rules]);
  });

  it('is the same each time', async () => {
    const exported = await exportOf(await homeSandbox());
    expect(anonymized(exported)).toEqual(anonymized(exported));
  });
});

describe('a text', () => {
  it.each([
    ['an expression with countries', { expression: 'ip.src.country in {"DE" "FR"}' }],
    ['the name of a header', { expression: 'http.request.headers["authorization"][0] eq ""' }],
    ['a time', { created: '2026-11-28T09:05:49.547Z' }],
    ['an id', { policy: '00000000-0000-4000-8000-00000000000a' }],
    ['a duration', { session: '730h0m' }],
    ['a range of characters', { path: '^/[a-z0-9_-]+$' }],
    ['a variable of an endpoint', { endpoint: '/v1/{var1}' }],
    ['a loopback address', { service: 'http://127.0.0.1:8080' }],
    ['a whole private network', { ip: '10.0.0.0/8' }],
    ['a removed secret', { client_secret: '[redacted]' }],
  ])('stays as it is: %s', (_, object) => {
    expect(only(object)).toEqual(object);
  });

  it.each([
    ['a host', 'a.muster.de', 'a.name1.de'],
    ['a host of two letters', 'hq.ab.de', 'name1.name2.de'],
    ['an address with two letters', 'max.li@ab.de', 'name1.name2@name3.de'],
    ['a wildcard', '*.muster.de/tresor*', '*.name1.de/name2*'],
    ['a service record', '_sip._tcp.muster.de', '_name1._tcp.name2.de'],
    ['a private address', 'http://192.168.178.20:8123', 'http://10.0.0.20:8123'],
    ['an IPv6 address', '[2a02:8071:1:2::abcd]:443', '[2001:db8:0:0::1]:443'],
    ['a range of IPv6', '2a02:8071:1:2::/64', '2001:db8:0:0::/64'],
    ['a large range of IPv6', '2a02:8071::/32', '2001:db8::/32'],
    ['a large range', '203.0.112.0/20', '198.18.0.0/20'],
    ['a long number', 'call 0049711123', 'name1 name2'],
    ['another script', 'Größe 東京', 'name1 name2'],
  ])('is replaced: %s', (_, text, replaced) => {
    expect(only({ comment: text })).toEqual({ comment: replaced });
  });
});
