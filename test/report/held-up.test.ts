import { describe, expect, it } from 'vitest';
import { samplesOfStatus } from '../../src/report/metrics/metrics-of-status.ts';
import { commitNews } from '../../src/report/notices/commit-status.ts';
import { judgeRun } from '../../src/report/notices/troubles.ts';
import type { Paused, Upcoming } from '../../src/report/status/status.ts';
import { formatStatus } from '../../src/report/status/status-text.ts';
import { A, B, ended, gate, NOON, type StatusParts } from './notices/status.ts';

/** Tests of a pause and a closed window, in every place where people read about them. */
const now = new Date('2026-03-01T12:20:00.000Z');
const paused: Paused = { reason: 'moving house', by: 'ada@vm', since: NOON };
const upcoming: Upcoming = { revision: B, subject: 'Open', author: 'Ada', since: NOON, for: 'pause' };
const shut: Upcoming = { ...upcoming, for: 'window', until: '2026-03-07T01:00:00.000Z' };
const schedule = { cron: '*/5 * * * *', timezone: 'Europe/Paris', next: '2026-03-01T12:25:00.000Z' };

const status = (parts: StatusParts) =>
  formatStatus(ended({ schedule, ...parts }).status, { now, width: 200 });

describe('the status', () => {
  it('during a pause says what waits and what differs', () => {
    const drifted = {
      count: 1,
      objects: [{ verb: 'update' as const, what: 'cloudflare/dns-record:CNAME a.example.dev' }],
    };
    const lastRun = { result: 'reported' as const, drifted, counts: { update: 1, keep: 3 } };
    expect(status({ paused, upcoming, lastRun })).toMatchInlineSnapshot(`
      "PAUSED: gates writes nothing until: gates resume

      Daemon      gates 0.1.0, process 1 on h, started 20 min ago, idle
      Repository  /srv/gates.git, branch main, gates.yaml
      Applied     aaaaaaaa, read 20 min ago, applied
      Newest      bbbbbbbb "Open" by Ada, read 20 min ago, applies after: gates resume
      Last run    20 min ago by schedule, reported in 0.0 s: 1 update, 3 keep
      Next run    in 5 min, */5 * * * * Europe/Paris

      Paused by ada@vm, 20 min ago
        moving house
        gates checks and reports, and writes nothing. \`gates resume\` ends the pause: gates then applies what was pushed meanwhile, and reverts what was changed by hand.

      Not as the file of aaaaaaaa says, and left so while gates is paused
        to update cloudflare/dns-record:CNAME a.example.dev
        \`gates plan\` shows the values, \`gates apply\` reverts them.
      "
    `);
  });

  it('before a window says when it opens', () => {
    expect(status({ upcoming: shut })).toMatchInlineSnapshot(`
      "WAITING: gates applies revision bbbbbbbb when a window opens, in 5 d 12 h

      Daemon      gates 0.1.0, process 1 on h, started 20 min ago, idle
      Repository  /srv/gates.git, branch main, gates.yaml
      Applied     aaaaaaaa, read 20 min ago, applied
      Newest      bbbbbbbb "Open" by Ada, read 20 min ago, applies when a window opens, in 5 d 12 h (2026-03-07 02:00 Europe/Paris)
      Last run    20 min ago by schedule, done in 0.0 s: 3 keep
      Next run    in 5 min, */5 * * * * Europe/Paris
      "
    `);
  });

  it.each([
    { parts: { upcoming: { ...shut, until: NOON } }, says: 'with the next run' },
    {
      parts: { upcoming: { ...upcoming, for: 'window' as const } },
      says: 'when a window opens',
    },
    { parts: { upcoming }, says: 'after: gates resume' },
  ])('$says', ({ parts, says }) => {
    expect(status(parts).split('\n')[0]).toBe(`WAITING: gates applies revision bbbbbbbb ${says}`);
  });

  it('mentions that a run may begin late at random', () => {
    const text = status({ schedule: { ...schedule, jitter: 90 } });
    expect(text).toContain('in 5 min, */5 * * * * Europe/Paris, up to 1 min 30 s later\n');
  });
});

describe('the commit status', () => {
  const told = (parts: StatusParts, of: string, during?: Paused) => {
    const end = ended({ schedule, ...parts }, during && { paused: during });
    return commitNews(end, of);
  };

  it('of a waiting revision says for what it waits', () => {
    expect(told({ upcoming }, B, paused)).toMatchObject({
      state: 'pending',
      description: 'Paused: moving house',
    });
    expect(told({ upcoming }, B, {})?.description).toBe('Paused: no reason was given');
    expect(told({ upcoming: shut }, B)).toMatchObject({
      state: 'pending',
      description: 'Waits for the window that opens on 2026-03-07 02:00 Europe/Paris',
    });
    expect(told({ upcoming: { ...upcoming, for: 'window' } }, B)?.description).toBe(
      'Waits for the window that opens',
    );
  });

  it('of a revision that a pause interrupted is neither success nor failure', () => {
    const inForce = { revision: A, since: NOON, applied: false };
    for (const result of ['stopped', 'reported', 'incomplete'] as const)
      expect(told({ inForce, lastRun: { result } }, A, paused)?.description).toBe('Paused: moving house');
  });

  it('of a revision that was applied before the pause stays success', () => {
    expect(told({ upcoming }, A, paused)?.state).toBe('success');
  });
});

describe('notices', () => {
  const titles = (parts: StatusParts, during?: Paused) =>
    judgeRun(ended(parts, during && { paused: during }), now).troubles.map((trouble) => ({
      said: trouble.title([trouble.subject]),
      state: trouble.state,
      advice: trouble.advice,
    }));
  const reported = { result: 'reported' as const, counts: { update: 1 } };

  it('about drift in a pause say that resuming repairs it', () => {
    expect(titles({ lastRun: reported }, paused)).toMatchObject([
      {
        said: 'Drift: live objects differ from the file',
        advice: expect.stringContaining('so does `gates resume`, since gates is paused'),
      },
    ]);
    expect(titles({ lastRun: reported })[0]?.advice).toContain('`reconcile.drift` is `report`');
  });

  it('do not mention changes that a pause prevented', () => {
    const inForce = { revision: A, since: NOON, applied: false };
    expect(titles({ lastRun: reported, inForce }, paused)).toEqual([]);
  });

  it('about an open host say that gates will not close it, and are the same trouble as before', () => {
    const gates = [gate('app.example.dev', 'open')];
    const [before] = titles({ gates });
    const [during] = titles({ gates }, paused);
    expect(during).toMatchObject({
      said: 'OPEN: strangers get in at app.example.dev, and gates is paused',
      advice: expect.stringContaining('run `gates resume`'),
    });
    expect(during?.state).toBe(before?.state);
    expect(titles({ gates: [gate('app.example.dev', 'closed')] }, paused)[0]?.said).toContain('stays closed');
  });
});

it('the metrics have a gauge for a waiting revision', () => {
  const value = (parts: StatusParts) =>
    samplesOfStatus(ended(parts).status).find(({ name }) => name === 'gates_revision_waiting')?.value;
  expect([value({}), value({ upcoming }), value({ upcoming: shut })]).toEqual([0, 1, 1]);
});
