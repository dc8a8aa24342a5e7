import { describe, expect, it } from 'vitest';
import { type PageInput, pageModel } from '../../src/page/page-model.ts';
import type { GateSeen, Status } from '../../src/report/status/status.ts';
import { BAD_DAY, DONE, GOOD_DAY, ran, secondsAgo, WELL } from './sample-page.ts';

function modelOf(status: Partial<Status>, more: Partial<PageInput> = {}) {
  return pageModel({ ...GOOD_DAY, ...more, status: { ...WELL, ...status } });
}

function hostIn(model: ReturnType<typeof pageModel>, name: string) {
  const host = model.zones?.flatMap(({ hosts }) => hosts).find((item) => item.host === name);
  if (host === undefined) throw new Error(`the page has ${name}`);
  return host;
}

function withGate(host: string, more: Partial<GateSeen>): Pick<Status, 'gates'> {
  return { gates: (WELL.gates ?? []).map((gate) => (gate.host === host ? { ...gate, ...more } : gate)) };
}

describe('the content of the page', () => {
  it('on a good day is one sentence, and no problem', () => {
    const model = pageModel(GOOD_DAY);
    expect(model.verdict).toEqual({ state: 'OK', text: 'everything holds as the file says', tone: 'good' });
    expect(model.problems).toEqual([]);
    expect(model.tally).toEqual({ attention: 0, guarded: 7, public: 3 });
  });

  it('groups hosts by zone, in alphabetical order', () => {
    const zones = pageModel(GOOD_DAY).zones?.map(({ name, hosts }) => [name, hosts.map(({ host }) => host)]);
    expect(zones?.map(([name]) => name)).toEqual(['example.dev', 'example.net']);
    expect(zones?.[1]?.[1]).toEqual(['drafts.example.net', 'example.net']);
  });

  it('has the gate, visitors, state, last check and its duration of each host', () => {
    expect(hostIn(pageModel(GOOD_DAY), 'grafana.example.dev')).toMatchObject({
      gate: { name: 'Authentik', how: 'asked by the origin' },
      admits: ['group admins'],
      state: { word: 'guarded', tone: 'good' },
      filter: 'guarded',
      checked: { at: secondsAgo(124), words: '2 min 4 s ago' },
      milliseconds: 61,
      notes: [],
      paths: [{ path: '/api/health', admits: ['everyone'], reason: 'uptime probe' }],
    });
  });

  it.each([
    { verdict: 'covered', word: 'HIDDEN', tone: 'warn' },
    { verdict: 'closed', word: 'CLOSED', tone: 'warn' },
    { verdict: 'unproved', word: 'NOT CHECKED', tone: 'warn' },
    { verdict: 'open', word: 'OPEN to strangers', tone: 'bad' },
  ] as const)('counts a host that is $verdict among those that need attention', ({ verdict, word, tone }) => {
    const model = modelOf(withGate('wiki.example.dev', { verdict, since: secondsAgo(3_600) }));
    const { state, filter } = hostIn(model, 'wiki.example.dev');
    expect(state).toMatchObject({ word, tone, since: { words: '1 h' } });
    expect([filter, model.tally.attention]).toEqual(['attention', 1]);
  });

  it('distinguishes an unchecked host from a public one', () => {
    const model = modelOf({ gates: [] });
    expect(hostIn(model, 'wiki.example.dev')).toMatchObject({
      state: { word: 'not checked yet' },
      filter: 'attention',
    });
    expect(hostIn(model, 'docs.example.dev')).toMatchObject({ state: { word: 'public' }, filter: 'public' });
  });

  it('shows at its host what failed, what waits and what differs', () => {
    const { notes, filter } = hostIn(pageModel(BAD_DAY), 'wiki.example.dev');
    expect([notes, filter]).toEqual([['1 change waits'], 'attention']);
    const object = {
      verb: 'update' as const,
      what: 'cloudflare/dns-record:docs.example.dev',
      because: 'services.docs',
      fields: ['proxied'],
    };
    const drifted = modelOf({
      lastRun: { ...DONE, result: 'reported', drifted: { count: 1, objects: [object] } },
    });
    expect(hostIn(drifted, 'docs.example.dev')).toMatchObject({
      notes: ['to update cloudflare/dns-record: proxied'],
      filter: 'attention',
    });
  });

  it('shows what an origin does that admits strangers', () => {
    const origin = { verdict: 'silent', since: secondsAgo(60), reason: 'GET / got through' } as const;
    const host = hostIn(modelOf(withGate('wiki.example.dev', { origin })), 'wiki.example.dev');
    expect(host.notes).toEqual([
      'checked from inside, its origin admits strangers, for 1 min: GET / got through',
    ]);
    expect(host.filter).toBe('attention');
  });

  it('begins with the worst, and names a cause once', () => {
    const problems = pageModel(BAD_DAY).problems.map(({ about, tone }) => [about, tone]);
    expect(problems).toEqual([
      ['problems', 'bad'],
      ['mistakes', 'bad'],
      ['expiring', 'warn'],
      ['actions', 'warn'],
      ['warnings', 'warn'],
    ]);
    const open = modelOf(withGate('wiki.example.dev', { verdict: 'open', reason: 'Cloudflare refused' }));
    expect(open.verdict).toMatchObject({ state: 'OPEN', tone: 'bad' });
    expect(open.problems[0]).toMatchObject({ about: 'gates', tone: 'bad' });
  });

  it('has a tone for each word that can begin a status', () => {
    const words = {
      'CUT OFF': { repository: { ...WELL.repository, error: 'no answer' } },
      FAILED: { lastRun: { ...DONE, result: 'error', error: 'no' } },
      PAUSED: { paused: {} },
      MISTAKE: { rejected: { revision: '1', at: secondsAgo(1), mistakes: [] } },
    } as const;
    for (const [word, status] of Object.entries(words)) {
      expect(modelOf(status).verdict.state).toBe(word);
    }
  });

  it('has no hosts until a file has been read', () => {
    const { zones, tally } = modelOf({}, { doors: undefined });
    expect([zones, tally]).toEqual([undefined, { attention: 0, guarded: 0, public: 0 }]);
  });

  it('combines runs with the same result, with the changes of the others', () => {
    const [quiet, push, , failed] = pageModel(GOOD_DAY).runs;
    expect(quiet).toMatchObject({ summary: 'nothing to do', details: [], before: { count: 37 } });
    expect(push).toMatchObject({
      summary:
        'created authentik/policy-binding:photos/family; updated cloudflare/dns-record:photos.example.dev',
      details: [
        'created authentik/policy-binding:photos/family (services.photos)',
        'updated cloudflare/dns-record:photos.example.dev (services.photos): comment',
      ],
      tone: 'good',
    });
    expect(failed).toMatchObject({
      summary: 'failed authentik/application:vault (services.vault): Authentik does not answer',
      details: ['failed authentik/application:vault (services.vault): Authentik does not answer'],
      tone: 'bad',
    });
  });

  it('folds at most as many changes of a run as a page has room for', () => {
    const changes = Array.from({ length: 200 }, (_, index) => ({
      verb: 'create' as const,
      what: `cloudflare/dns-record:${index}`,
      outcome: 'done' as const,
    }));
    const [run] = modelOf({}, { runs: [ran('big', 60, { changes })] }).runs;
    expect(run?.details).toHaveLength(51);
    expect(run?.details.at(-1)).toBe('and 150 more: gates history');
  });

  it('lists what ends or is rotated, the first to end on top', () => {
    const expiries = modelOf({ expiring: [{ name: 'ci', at: secondsAgo(-3_600) }] }).expiries;
    expect(expiries).toMatchObject([
      { name: 'ci', what: 'ends', when: { words: 'in 1 h' }, isSoon: true },
      { name: 'backup', what: 'rotates', isSoon: false },
    ]);
  });
});
