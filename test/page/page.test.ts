import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../src/page/page.tsx';
import { pageModel } from '../../src/page/page-model.ts';
import { pageScript } from '../../src/page/page-script.ts';
import { doorsIn } from '../gates/doors-in.ts';
import { BAD_DAY, DONE, GOOD_DAY, ran, WELL } from './sample-page.ts';

describe('the page', () => {
  it('shows each host, each problem, each run and what expires, with times for machines', () => {
    const html = renderPage(pageModel(BAD_DAY));
    for (const text of [
      'grafana.example.dev',
      '/api/health',
      '3 people',
      'HIDDEN',
      'did you mean &quot;emails&quot;?',
      '<code>gates outputs --format traefik</code>',
      'ends <time datetime="2026-03-06T12:00:00.000Z" title="2026-03-06 12:00 UTC">in 5 d</time>',
      'Let the family see the photos',
    ]) {
      expect(html).toContain(text);
    }
  });

  it('shows no address unless it is configured to', () => {
    expect(renderPage(pageModel(GOOD_DAY))).not.toContain('ada@example.dev');
    expect(renderPage(pageModel({ ...GOOD_DAY, addresses: true }))).toContain(
      'ada@example.dev, lin@example.dev',
    );
  });

  it('has no inline style, script or handler, and no external parts', () => {
    const html = renderPage(pageModel(BAD_DAY));
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script>|<form|<iframe/);
    const addresses = [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address]) => address ?? '');
    expect(addresses.filter((address) => /^(?!data:)[a-z]+:|^\/\//.test(address))).toEqual([]);
    expect(addresses).toEqual(expect.arrayContaining(['page.css', 'page.js', 'api/status']));
  });

  it('escapes foreign text everywhere', () => {
    const planted = '"><script>alert(1)</script>\u202e';
    const problems = [
      { status: 'failed' as const, what: planted, because: `services.${planted}`, reason: planted },
    ];
    const file = `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
origins: { apps: { tunnel: homelab, url: http://apps.lan } }
services:
  app: { host: app.example.dev, origin: apps, gate: { public: { reason: ${JSON.stringify(planted.slice(0, -1))} } } }
`;
    const html = renderPage(
      pageModel({
        ...GOOD_DAY,
        doors: doorsIn(file),
        status: {
          ...WELL,
          host: planted,
          inForce: { revision: planted, subject: planted, author: planted, since: planted, applied: true },
          lastRun: {
            ...DONE,
            triggers: [planted],
            error: planted,
            result: 'error',
            problems,
            warnings: [planted],
          },
          expiring: [{ name: planted, at: planted }],
          paused: { reason: planted, by: planted },
          gates: [
            { host: 'app.example.dev', verdict: 'unproved', since: planted, at: planted, reason: planted },
          ],
        },
        runs: [ran(planted, 60, { triggers: [planted], error: planted, result: 'error' })],
      }),
    );
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('\u202e');
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  it('serves a script that a browser can read', () => {
    expect(() => new Script(pageScript)).not.toThrow();
    expect(pageScript).not.toMatch(/innerHTML|eval\(|document\.write/);
  });
});
