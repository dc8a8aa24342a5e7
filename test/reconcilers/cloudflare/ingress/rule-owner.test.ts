import { describe, expect, it } from 'vitest';
import { ingressRule } from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import {
  app,
  around,
  catchAll,
  change,
  example,
  homelab,
  host,
  order,
  reconcilers,
  record,
  write,
} from './house.ts';

describe('the owner of a rule', () => {
  async function ownerOf(test: TestWorld, hostname: string, owner = 'home'): Promise<string | undefined> {
    return (await test.read(ingressRule, owner)).find(({ spec }) => spec.hostname === hostname)?.owner;
  }

  it('is nobody, when no object names its host', async () => {
    const test = await testWorld({ reconcilers });
    await write(test, [{ hostname: host, service: 'http://x.lan' }, catchAll]);
    expect(await ownerOf(test, host)).toBeUndefined();
  });

  it('is the owner of the DNS record that leads into a tunnel, not of one that leads elsewhere', async () => {
    const test = await testWorld({ reconcilers });
    const plain = { ...(record('www.example.dev').spec as object), content: 'example.dev' };
    await test.apply([homelab, example, record(host), { ...record('www.example.dev'), spec: plain }]);
    await write(test, [
      { hostname: host, service: 'http://x.lan' },
      { hostname: 'www.example.dev', service: 'http://www.lan' },
      catchAll,
    ]);
    expect(await ownerOf(test, host)).toBe('home');
    expect(await ownerOf(test, host, 'lab')).toBe('home');
    expect(await ownerOf(test, 'www.example.dev')).toBeUndefined();
  });

  it('is the one that its closing marker names', async () => {
    const test = await testWorld({ reconcilers });
    await write(test, [
      { hostname: host, service: 'http_status:503', originRequest: { httpHostHeader: 'gates-lab' } },
      {
        hostname: 'open.example.dev',
        service: 'http://x.lan',
        originRequest: { httpHostHeader: 'gates-lab' },
      },
      catchAll,
    ]);
    expect(await ownerOf(test, host)).toBe('lab');
    expect(await ownerOf(test, 'open.example.dev')).toBeUndefined();
  });

  it('is nobody, when it is for several hosts', async () => {
    const test = await testWorld({ reconcilers });
    await write(test, [{ hostname: '*.example.dev', service: 'http://x.lan' }, catchAll]);
    expect(await ownerOf(test, '*.example.dev')).toBeUndefined();
    expect(await ownerOf(test, '*')).toBeUndefined();
  });

  it('is us, when we were stopped before we wrote the DNS record', async () => {
    const test = await testWorld({ reconcilers });
    await test.fault({ fault: 'status', status: 500, match: { method: 'POST', path: '/zones/**' } });
    await test.apply([...around(host), app]);
    expect(await ownerOf(test, host)).toBe('home');
    expect(await ownerOf(test, host, 'lab')).toBeUndefined();
    expect(failures(await test.apply([homelab, example]))).toEqual([]);
    expect(await order(test)).toEqual(['*']);
  });

  it('is us for a foreign rule at a path of our host, which goes', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    await change(test, (entries) => [
      { hostname: host, path: '^/admin', service: 'http://hole.lan' },
      ...entries,
    ]);
    expect(failures(await test.apply([...around(host), app]))).toEqual([]);
    expect(await order(test)).toEqual([host, '*']);
    expect(pending(await test.plan([...around(host), app]))).toEqual([]);
  });

  it('is us for a twin: it goes, the first stays', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...around(host), app]);
    await change(test, (entries) =>
      entries.flatMap((entry) => (entry.hostname === host ? [entry, entry] : [entry])),
    );
    expect(failures(await test.apply([...around(host), app]))).toEqual([]);
    expect(await order(test)).toEqual([host, '*']);
  });
});
