import { describe, expect, it } from 'vitest';
import { tunnel } from '../../../../reconcilers/cloudflare/account/tunnel.ts';
import {
  type IngressRuleSpec,
  ingressRule,
} from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { describeError } from '../../../../src/core/errors.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import {
  app,
  around,
  catchAll,
  change,
  configurations,
  type Document,
  doorOf,
  type Entry,
  example,
  homelab,
  host,
  live,
  order,
  type RuleSpec,
  reconcilers,
  record,
  rule,
  write,
} from './house.ts';

const onApp = (edit: (entry: Entry) => Entry) => (entries: readonly Entry[]) =>
  entries.map((entry) => (entry.hostname === host ? edit(entry) : entry));

contract({
  reconciler: ingressRule,
  reconcilers,
  collection: '/accounts/*/cfd_tunnel/*/configurations',
  unmarked: true,
  desired: () => [...around(host), app],
  drifts: [
    {
      field: 'service',
      edit: (_, test) =>
        change(
          test,
          onApp((entry) => ({ ...entry, service: 'http://evil.lan' })),
        ),
    },
    {
      field: 'originRequest',
      edit: (_, test) =>
        change(
          test,
          onApp((entry) => ({ ...entry, originRequest: { noTLSVerify: true } })),
        ),
    },
    {
      field: 'repeats',
      edit: (_, test) =>
        change(test, (entries) =>
          entries.flatMap((entry) => (entry.hostname === host ? [entry, entry] : [entry])),
        ),
    },
    {
      field: 'shadowedBy',
      edit: (_, test) =>
        change(test, (entries) => [{ hostname: '*.example.dev', service: 'http://wide.lan' }, ...entries]),
    },
  ],
  async crowd(test, count) {
    const entries = Array.from({ length: count - 1 }, (_, n) => ({
      hostname: `other-${n}.example.dev`,
      service: `http://other-${n}.lan`,
    }));
    await write(test, [...entries, catchAll]);
    return configurations(test);
  },
  items: (reply) =>
    (reply as Document).config?.ingress.map((entry) => ({ ...entry, id: doorOf(entry) })) ?? [],
  remove: (_, test) => change(test, (entries) => entries.filter((entry) => entry.hostname !== host)),
});

describe('merging into an existing list', () => {
  const foreign: readonly Entry[] = [
    { hostname: 'Other.example.dev', service: 'http://other.lan:1', originRequest: { connectTimeout: 0 } },
    { hostname: 'app.other.dev', path: '^/x', service: 'http://x.lan' },
    { hostname: '*.example.dev', service: 'http://wide.lan', originRequest: { httpHostHeader: 'wide.lan' } },
    { service: 'http_status:410' },
  ];

  it('leaves foreign entries, defaults for all rules and unknown keys as they are, and goes before a wildcard', async () => {
    const test = await testWorld({ reconcilers });
    await write(test, foreign, { originRequest: { keepAliveTimeout: 40 } });
    const before = (await live(test)).config;
    expect(failures(await test.apply([...around(host), app]))).toEqual([]);
    const after = (await live(test)).config;
    expect(after?.ingress.filter((entry) => entry.hostname !== host)).toEqual(before?.ingress);
    expect(after?.originRequest).toEqual({ keepAliveTimeout: 40 });
    expect(await order(test)).toEqual(
      ['Other.example.dev', 'app.other.dev ^/x', host, '*.example.dev', '*'].map((line) =>
        line.startsWith('Other') ? doorOf(before?.ingress[0] ?? catchAll) : line,
      ),
    );
  });

  it('writes all rules of a tunnel at once, and creates the catch-all when there is none', async () => {
    const test = await testWorld({ reconcilers });
    const hosts = Array.from({ length: 20 }, (_, n) => `h${n}.example.dev`);
    const wants = hosts.flatMap((name) => [rule(name), record(name)]);
    expect(failures(await test.apply([homelab, example, ...wants]))).toEqual([]);
    expect(test.writes().filter(({ path }) => path.endsWith('/configurations'))).toHaveLength(1);
    expect((await live(test)).config?.ingress.at(-1)?.service).toBe('http_status:404');
    expect(await order(test)).toEqual([...hosts.sort(), '*']);
  });

  it('puts exact hosts with a path before their host, the longest literal path first', async () => {
    const test = await testWorld({ reconcilers });
    const paths = ['^/a(/.*)?$', '^/a/b$', '//|[%]', '(?i)^/a/b/c(/)?$', '^/a$'];
    const wants = paths.map((path) => rule(host, { path, service: 'http://p.lan' }));
    expect(failures(await test.apply([...around(host), app, ...wants]))).toEqual([]);
    expect(await order(test)).toEqual([
      `${host} (?i)^/a/b/c(/)?$`,
      `${host} ^/a/b$`,
      `${host} ^/a$`,
      `${host} ^/a(/.*)?$`,
      `${host} //|[%]`,
      host,
      '*',
    ]);
    expect(pending(await test.plan([...around(host), app, ...wants]))).toEqual([]);
  });

  it('keeps the place of a changed rule', async () => {
    const test = await testWorld({ reconcilers });
    const wants = ['b', 'a'].flatMap((name) => [rule(`${name}.example.dev`), record(`${name}.example.dev`)]);
    await test.apply([homelab, example, ...wants]);
    await change(test, ([first, second, ...rest]) =>
      [second, first, ...rest].filter((entry) => entry !== undefined),
    );
    const before = await order(test);
    const later = wants.map((want) =>
      want.address.kind === 'cloudflare/ingress-rule'
        ? { ...want, spec: { ...(want.spec as RuleSpec), service: 'http://new.lan' } }
        : want,
    );
    expect(failures(await test.apply([homelab, example, ...later]))).toEqual([]);
    expect(await order(test)).toEqual(before);
  });

  it('reports foreign rules that were written between its read and its write, and are lost', async () => {
    const test = await testWorld({ reconcilers });
    const late: Entry = { hostname: 'late.example.dev', service: 'http://late.lan' };
    const world = test.pass();
    const path = await configurations(test);
    const put = async (asked: string, body?: unknown) => {
      if (asked === path) await write(test, [late, catchAll]);
      return world.cloudflare.put(asked, body);
    };
    const [have] = await test.read(tunnel);
    const spec = { ...(app.spec as IngressRuleSpec), tunnelId: have?.id ?? '' };
    const ready = {
      id: 'c',
      verb: 'create' as const,
      address: app.address,
      want: spec,
      have: undefined,
      drift: [],
    };
    const outcomes = await ingressRule.write?.([ready], {
      ...world,
      cloudflare: { ...world.cloudflare, put },
    });
    expect(outcomes?.map(({ status }) => status)).toEqual(['done']);
    expect(await order(test)).toEqual([host, '*']);
    expect(world.shared.interferences.map(({ severity, what }) => [severity, what])).toEqual([
      ['loss', 'cloudflare/tunnel:homelab'],
    ]);
  });

  it('lets a single rule fail that the API rejects', async () => {
    const test = await testWorld({ reconcilers });
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example.dev`);
    const wants = names.flatMap((name) => [
      rule(name, name.startsWith('c') ? { service: 'http://bad.lan/with/a/path' } : {}),
      record(name),
    ]);
    const outcomes = await test.apply([homelab, example, ...wants]);
    const [refused, ...more] = outcomes.filter(({ status }) => status === 'failed');
    expect(more).toEqual([]);
    expect(refused?.address.key).toBe('homelab/c.example.dev');
    expect(describeError(refused?.error)).toContain('1056');
    expect(await test.notes.list('create-ingress-rule')).not.toContain('home homelab/c.example.dev');
    expect(await order(test)).toEqual([...names.filter((name) => !name.startsWith('c')), '*']);
  });
});

describe('equal in effect', () => {
  const have: IngressRuleSpec = {
    tunnel: 'homelab',
    tunnelId: 't',
    hostname: host,
    service: 'http://app.lan:80',
    originRequest: { noTLSVerify: true },
  };

  it.each([
    { because: 'a final slash is nothing', want: { service: 'http://App.lan:80/' }, drift: [] },
    {
      because: 'zero values set nothing',
      want: { originRequest: { noTLSVerify: true, connectTimeout: 0, caPool: '', http2Origin: false } },
      drift: [],
    },
    { because: 'another setting is another rule', want: { originRequest: {} }, drift: ['originRequest'] },
    { because: 'a tunnel that was made anew', want: { tunnelId: 'u' }, drift: ['tunnelId'] },
  ])('$because', ({ want, drift }) => {
    expect(ingressRule.drift?.(want, have)).toEqual(drift);
  });

  it('audience tags have no order, and nothing unset is sent', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    const [entry] = (await live(test)).config?.ingress ?? [];
    expect(entry?.originRequest).toEqual({
      noTLSVerify: true,
      connectTimeout: 10,
      access: { required: true, teamName: 'example', audTag: ['a', 'b'] },
    });
    await change(
      test,
      onApp((item) => ({
        ...item,
        originRequest: {
          ...item.originRequest,
          access: { required: true, teamName: 'example', audTag: ['b', 'a'] },
        },
      })),
    );
    expect(pending(await test.plan([...around(host), app]))).toEqual([]);
  });
});

it('the empty values that the dashboard writes on every rule are no difference', async () => {
  const test = await testWorld({ reconcilers });
  const plain = rule(host);
  await test.apply([...around(host), plain]);
  const written = (entry: Entry): Entry => ({ ...entry, hostname: entry.hostname ?? '', originRequest: {} });
  await change(test, (entries) => entries.map(written));
  expect((await live(test)).config?.ingress).toContainEqual(
    expect.objectContaining({ hostname: '', originRequest: {} }),
  );
  expect(pending(await test.plan([...around(host), plain]))).toEqual([]);
});

describe('the host of a rule', () => {
  it('is the name that cloudflared compares with the host of a request', async () => {
    const test = await testWorld({ reconcilers });
    const written = [
      'Upper.example.dev',
      'bücher.example.dev',
      '*.Deep.example.dev',
      'My_App.example.dev',
      '*',
    ];
    await write(test, [
      ...written.map((hostname) => ({ hostname, path: '^/x', service: 'http://x.lan' })),
      catchAll,
    ]);
    expect((await test.read(ingressRule)).map(({ spec }) => spec.hostname)).toEqual([
      'upper.example.dev',
      'xn--bcher-kva.example.dev',
      // cloudflared has no other form of these: no host in lower case is theirs.
      '*.Deep.example.dev',
      'My_App.example.dev',
      ...['*', '*'],
    ]);
  });
});
