import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/change.ts';
import { UnreachableError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { HistoryRun } from '../../../src/core/record/history.ts';
import { historyRun } from '../../../src/report/history/history.ts';
import { concernsService } from '../../../src/report/history/history-stories.ts';
import { formatHistory } from '../../../src/report/history/history-text.ts';

function change(verb: Change['verb'], key: string, more: Partial<Change> = {}): Change {
  const address = { kind: 'cloudflare/dns-record', key } as const;
  const because = `services.${key}`;
  return {
    id: `${verb} ${key}`,
    verb,
    phase: 'open',
    address,
    because,
    drift: [],
    needs: [],
    doors: [],
    ...more,
  };
}

function outcome({ id, address }: Change, more: Partial<Outcome> = {}): Outcome {
  return { change: id, address, status: 'done', ...more };
}

const plain = { color: false, width: 300 };

const RUN = {
  id: '1',
  command: 'gates run',
  triggers: ['push 1a2b3c4d'],
  revision: `1a2b3c4d${'0'.repeat(32)}`,
  startedAt: '2026-03-01T12:00:00.000Z',
  finishedAt: '2026-03-01T12:00:03.200Z',
  result: 'incomplete',
} as const;

function entry(changes: readonly Change[], outcomes: readonly Outcome[], more: Partial<HistoryRun> = {}) {
  const plan = { owner: 'home', changes, warnings: [], attributes: {}, unknown: [] };
  return { ...historyRun({ run: RUN, report: { plan, outcomes } }), ...more };
}

describe('an entry of the history', () => {
  it('has the plan and its outcome, without values and without mere lookups', () => {
    const drift = [{ field: 'content', before: 'old', after: 'new' }];
    const [made, failed, refused, kept, seen, left] = [
      change('create', 'docs'),
      change('update', 'vault', { drift }),
      change('refuse', 'auth', { reason: 'it belongs to another owner' }),
      change('keep', 'home'),
      change('verify', 'docs'),
      change('prune', 'old'),
    ] as const;
    const error = new UnreachableError('Cloudflare does not answer');
    const run = entry(
      [made, failed, refused, kept, seen, left],
      [outcome(made), outcome(failed, { status: 'failed', error }), outcome(seen)],
    );
    expect(run).toMatchObject({
      milliseconds: 3_200,
      counts: { create: 1, update: 1, refuse: 1, keep: 1, verify: 1, prune: 1 },
    });
    expect(run.changes).toEqual([
      { verb: 'create', what: 'cloudflare/dns-record:docs', because: 'services.docs', outcome: 'done' },
      {
        verb: 'update',
        what: 'cloudflare/dns-record:vault',
        because: 'services.vault',
        fields: ['content'],
        outcome: 'failed',
        reason: 'Cloudflare does not answer',
      },
      {
        verb: 'refuse',
        what: 'cloudflare/dns-record:auth',
        because: 'services.auth',
        outcome: 'refused',
        reason: 'it belongs to another owner',
      },
      { verb: 'prune', what: 'cloudflare/dns-record:old', because: 'services.old', outcome: 'planned' },
    ]);
    expect(JSON.stringify(run)).not.toMatch(/old"?,"after|"new"/);
  });

  it('has a bounded size, and says what it leaves out', () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      change('refuse', `s${index}`, { reason: 'x'.repeat(10_000) }),
    );
    const run = entry(many, []);
    expect(run.changes).toHaveLength(500);
    expect(run).toMatchObject({ omitted: 200, counts: { refuse: 700 } });
    expect(JSON.stringify(run).length).toBeLessThan(400_000);
  });
});

describe('a run with a person’s options', () => {
  const allowed = {
    limits: ['prune', 'change'],
    by: 'Ada',
    why: 'Gates-Allow in 1a2b3c4d "Close the lab"',
  } as const;
  const held = { head: `9f8e7d6c${'0'.repeat(32)}`, by: 'ada on vm', since: '2026-03-01T11:58:00.000Z' };
  const runWith = (verb: Change['verb'], more: object) => {
    const made = change(verb, 'docs');
    const plan = { owner: 'home', changes: [made], warnings: [], attributes: {}, unknown: [] };
    return historyRun({ run: { ...RUN, ...more }, report: { plan, outcomes: [outcome(made)] } });
  };

  it.each([
    { verb: 'prune', limits: ['prune'], because: 'it removes' },
    { verb: 'update', limits: ['change'], because: 'it rewrites' },
    { verb: 'adopt', limits: ['change'], because: 'what is taken over is rewritten' },
    { verb: 'create', limits: undefined, because: 'nothing that it does needs leave' },
    { verb: 'keep', limits: undefined, because: 'the trailer is that of an older run' },
  ] as const)('lists the lifted limits as $limits: $because', ({ verb, limits }) => {
    expect(runWith(verb, { allowed }).allowed?.limits).toEqual(limits);
  });

  it('says who lifted a limit, who holds the revision, and who gave the command', () => {
    const run = runWith('prune', {
      allowed,
      held,
      by: 'ada on vm',
      command: 'gates apply',
      triggers: ['gates apply'],
    });
    expect(formatHistory([run], plain).split('\n').slice(0, 3)).toEqual([
      '2026-03-01 12:00 UTC  incomplete  gates apply by ada on vm, revision 1a2b3c4d, 3.2 s',
      '    held at 1a2b3c4d by ada on vm since 2026-03-01 11:58 UTC, in place of 9f8e7d6c',
      '    prune beyond the limits allowed by Ada: Gates-Allow in 1a2b3c4d "Close the lab"',
    ]);
  });
});

describe('an outage', () => {
  it('is one trouble, however many changes wait for it', () => {
    const kinds = ['cloudflare/dns-record', 'cloudflare/tunnel', 'cloudflare/zone'];
    const unknown = kinds.map((kind) => ({ kind, reason: 'Cloudflare does not answer' }));
    const changes = ['a', 'b', 'c'].map((key) => change('refuse', key, { reason: 'not read' }));
    const plan = { owner: 'home', changes, warnings: [], attributes: {}, unknown };
    const run = historyRun({ run: RUN, report: { plan, outcomes: [] } });
    expect(run).toMatchObject({ changes: [], counts: { refuse: 3 } });
    expect(formatHistory([run], { color: false, width: 300 }).split('\n').slice(1)).toEqual([
      '    ✗ 3 kinds, as cloudflare/dns-record, could not be read: Cloudflare does not answer',
      '',
    ]);
  });
});

describe('the history for people', () => {
  it('reports only as many troubles as people read', () => {
    const many = Array.from({ length: 30 }, (_, index) => change('refuse', `s${index}`, { reason: 'no' }));
    const text = formatHistory([entry(many, [])], plain);
    expect(text.split('\n')).toHaveLength(13);
    expect(text).toContain('✗ and 20 more, see --output json\n');
  });

  it('says when, why, of which revision, what was done, and what went wrong', () => {
    const made = change('create', 'docs');
    const failed = change('update', 'vault');
    const run = entry(
      [made, failed],
      [outcome(made), outcome(failed, { status: 'failed', error: new Error('no\u001b[31m answer') })],
      {
        calls: { cloudflare: { reads: 9, writes: 2 }, authentik: { reads: 1, writes: 0 } },
        rejected: `deadbeef${'0'.repeat(32)}`,
      },
    );
    expect(formatHistory([run], plain)).toBe(
      [
        '2026-03-01 12:00 UTC  incomplete  push 1a2b3c4d, revision 1a2b3c4d, 3.2 s, 12 calls, 2 of them writing',
        '    created cloudflare/dns-record:docs',
        '    ✗ revision deadbeef has mistakes: nothing of it was done',
        '    ✗ failed cloudflare/dns-record:vault (services.vault): no·[31m answer',
        '',
      ].join('\n'),
    );
  });

  it('combines successive runs that say the same', () => {
    const quiet = (startedAt: string) =>
      entry([], [], { startedAt, triggers: ['schedule'], result: 'done', milliseconds: 900 });
    const runs = [
      quiet('2026-03-01T12:10:00Z'),
      quiet('2026-03-01T12:05:00Z'),
      quiet('2026-03-01T12:00:00Z'),
    ];
    expect(formatHistory(runs, plain)).toBe(
      [
        '2026-03-01 12:10 UTC  done        schedule, revision 1a2b3c4d, 0.9 s, and 2 before it since 2026-03-01 12:00 UTC',
        '    nothing to do',
        '',
      ].join('\n'),
    );
  });

  it('separates runs of different revisions, though they say the same', () => {
    const of = (revision: string) => entry([], [], { revision, result: 'done' });
    const text = formatHistory([of('bbbbbbbb'), of('aaaaaaaa')], plain);
    expect(text.match(/revision \w+/g)).toEqual(['revision bbbbbbbb', 'revision aaaaaaaa']);
  });

  it('groups many changes by the services that ask for them', () => {
    const changes = ['a', 'b', 'c', 'd'].map((key) => change('create', key));
    const run = entry(
      changes,
      changes.map((item) => outcome(item)),
      { result: 'done' },
    );
    expect(formatHistory([run], plain)).toContain(
      'created 4 for services.a, services.b, services.c and 1 more',
    );
  });

  it('can be restricted to one service', () => {
    const [docs, vault] = [change('create', 'docs'), change('create', 'vault')];
    const run = entry([docs, vault], [outcome(docs), outcome(vault)], { result: 'done' });
    expect(['docs', 'vault', 'doc'].map((name) => concernsService(run, name))).toEqual([true, true, false]);
    const text = formatHistory([run], { ...plain, service: 'docs' });
    expect(text).toContain('created cloudflare/dns-record:docs\n');
    expect(text).not.toContain('vault');
  });
});
