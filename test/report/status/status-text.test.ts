import { describe, expect, it } from 'vitest';
import type { GateSeen, LastRun, Status } from '../../../src/report/status/status.ts';
import { formatStatus } from '../../../src/report/status/status-text.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const reader = { now: NOW, alive: true, width: 200 };

const RUN: LastRun = {
  id: 'r',
  triggers: ['push 1a2b3c4d'],
  revision: `1a2b3c4d${'0'.repeat(32)}`,
  startedAt: '2026-03-01T11:57:56.000Z',
  finishedAt: '2026-03-01T11:57:58.500Z',
  result: 'done',
  counts: { create: 2, keep: 14 },
  problems: [],
  warnings: [],
};

const FINE: Status = {
  version: '0.1.0',
  pid: 812,
  host: 'nas',
  since: '2026-02-26T09:00:00.000Z',
  updatedAt: '2026-03-01T11:57:58.500Z',
  phase: 'idle',
  repository: { url: 'https://forge.example/gates.git', branch: 'main', file: 'gates.yaml' },
  inForce: {
    revision: `1a2b3c4d${'0'.repeat(32)}`,
    subject: 'Open grafana',
    author: 'Ada',
    since: '2026-03-01T11:57:56.000Z',
    applied: true,
  },
  lastRun: RUN,
  schedule: { cron: '*/5 * * * *', timezone: 'Europe/Paris', next: '2026-03-01T12:02:30.000Z' },
};

describe('the status for people', () => {
  it('on a good day is short', () => {
    expect(formatStatus(FINE, reader)).toMatchInlineSnapshot(`
      "OK: everything holds as the file says

      Daemon      gates 0.1.0, process 812 on nas, started 3 d 3 h ago, idle
      Repository  https://forge.example/gates.git, branch main, gates.yaml
      Applied     1a2b3c4d "Open grafana" by Ada, read 2 min 4 s ago, applied
      Last run    2 min 1 s ago by push 1a2b3c4d, done in 2.5 s: 2 create, 14 keep
      Next run    in 2 min 30 s, */5 * * * * Europe/Paris
      "
    `);
  });

  const seconds = { at: '2026-03-01T11:59:18.000Z', since: '2026-03-01T09:00:00.000Z' };
  const gates = (...seen: readonly (Partial<GateSeen> & Pick<GateSeen, 'host' | 'verdict'>)[]): Status => ({
    ...FINE,
    gates: seen.map((gate) => ({ ...seconds, ...gate })),
  });
  const section = (status: Status) => {
    const lines = formatStatus(status, reader).split('\n');
    return lines.slice(lines.indexOf('Gates, checked from outside'), -1);
  };

  it('lists first the gates that need attention, with their finding, since when, and the duration of the check', () => {
    const seen = gates(
      { host: 'a.example.dev', verdict: 'guarded', milliseconds: 12 },
      { host: 'long.example.dev', verdict: 'guarded', since: NOW.toISOString(), at: NOW.toISOString() },
      { host: 'b.example.dev', verdict: 'closed', milliseconds: 7, reason: 'GET / got through: add it' },
      { host: 'c.example.dev', verdict: 'covered', reason: 'GET / met the bot challenge' },
      { host: 'd.example.dev', verdict: 'unproved', reason: 'The edge does not answer' },
      { host: 'e.example.dev', verdict: 'open', milliseconds: 9, reason: 'Cloudflare refused' },
    );
    expect(section(seen)).toEqual([
      'Gates, checked from outside',
      '  b.example.dev     CLOSED, answers 503, for 3 h; answered in 7 ms 42 s ago',
      '    GET / got through: add it',
      '  c.example.dev     HIDDEN, gate not confirmed, for 3 h; checked 42 s ago',
      '    GET / met the bot challenge',
      '  d.example.dev     NOT CHECKED, unchanged, for 3 h; checked 42 s ago',
      '    The edge does not answer',
      '  e.example.dev     OPEN to strangers, gates could not close it, for 3 h; answered in 9 ms 42 s ago',
      '    Cloudflare refused',
      '  a.example.dev     guarded for 3 h; answered in 12 ms 42 s ago',
      '  long.example.dev  guarded for 0 s; checked 0 s ago',
    ]);
    expect(formatStatus({ ...FINE, gates: [] }, reader)).not.toContain('Gates');
  });

  it.each([
    { verdict: 'asks', line: 'its origin asks for a login as well' },
    { verdict: 'silent', line: 'checked from inside, its origin admits strangers, for 3 h: so it was seen' },
    {
      verdict: 'unproved',
      line: 'checked from inside, its origin does something else, for 3 h: so it was seen',
    },
    { verdict: 'unreachable', line: 'its origin is not reachable from inside' },
  ] as const)('says what an origin does: $verdict', ({ verdict, line }) => {
    const reason = verdict === 'asks' ? {} : { reason: 'so it was seen' };
    const origin = { verdict, since: seconds.since, ...reason };
    expect(section(gates({ host: 'a', verdict: 'guarded', origin })).at(-1)).toBe(`    ${line}`);
  });

  it('combines three hosts whose login does not work into one problem, on one screen', () => {
    const hosts = ['grafana.example.dev', 'photos.example.dev', 'wiki.example.dev'];
    const reason =
      'GET / got through to the application (200): the origin does not send the host through the outpost: add the forward-auth middleware to its router (`gates outputs --format traefik` prints it)';
    const covered = gates(...hosts.map((host) => ({ host, verdict: 'covered' as const, reason })));
    const problems = hosts.flatMap((host) => [
      {
        status: 'failed' as const,
        what: `edge/proof:${host}`,
        reason: `Could not confirm that the gate works, so the host stays closed (${host}). ${reason}`,
      },
      { status: 'skipped' as const, what: `cloudflare/ingress-rule:homelab/${host}`, reason: 'waits' },
    ]);
    const text = formatStatus(
      { ...covered, lastRun: { ...RUN, result: 'incomplete', problems } },
      { ...reader, width: 80 },
    );
    expect(text.split('\n').length).toBeLessThanOrEqual(24);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toMatchInlineSnapshot(`
      "INCOMPLETE: 1 problem in the last run

      Daemon      gates 0.1.0, process 812 on nas, started 3 d 3 h ago, idle
      Repository  https://forge.example/gates.git, branch main, gates.yaml
      Applied     1a2b3c4d "Open grafana" by Ada, read 2 min 4 s ago, applied
      Last run    2 min 1 s ago by push 1a2b3c4d, incomplete in 2.5 s: 2 create, 14
                  keep
      Next run    in 2 min 30 s, */5 * * * * Europe/Paris

      Problems of the last run
        failed check from outside of grafana.example.dev
        failed check from outside of photos.example.dev
        failed check from outside of wiki.example.dev
          Could not confirm that the gate works, so the host stays closed. GET / got
            through to the application (200): the origin does not send the host
            through the outpost: add the forward-auth middleware to its router (\`gates
            outputs --format traefik\` prints it)
        3 changes wait for that

      Gates, checked from outside
        grafana.example.dev  HIDDEN, gate not confirmed, for 3 h; checked 42 s ago
        photos.example.dev   HIDDEN, gate not confirmed, for 3 h; checked 42 s ago
        wiki.example.dev     HIDDEN, gate not confirmed, for 3 h; checked 42 s ago
      "
    `);
  });

  it('counts working gates if they are too many to read', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ host: `h${index}`, verdict: 'guarded' as const }));
    expect(section(gates(...many(20)))).toHaveLength(21);
    expect(section(gates(...many(21)))).toEqual(['Gates, checked from outside', '  21 hosts, guarded']);
    expect(section(gates({ host: 'b', verdict: 'covered' }, ...many(21))).slice(1)).toEqual([
      '  b  HIDDEN, gate not confirmed, for 3 h; checked 42 s ago',
      '  and 21 hosts, guarded',
    ]);
  });

  it('is not well while a gate is not confirmed, especially while strangers get in', () => {
    const headline = (status: Status) => formatStatus(status, reader).split('\n')[0];
    const unseen = { host: 'b', verdict: 'unproved' } as const;
    expect(headline(gates({ host: 'a', verdict: 'guarded' }))).toMatch(/^OK/);
    expect(headline(gates({ host: 'a', verdict: 'guarded' }, unseen))).toBe(
      'NOT CONFIRMED: could not check 1 gate',
    );
    expect(headline(gates(unseen, { host: 'c', verdict: 'covered' }))).toBe(
      'NOT CONFIRMED: could not check 2 gates',
    );
    const incomplete = { lastRun: { ...RUN, result: 'incomplete' as const } };
    expect(headline({ ...gates(unseen, { host: 'c', verdict: 'open' }), ...incomplete })).toBe(
      'OPEN: strangers get in at c',
    );
  });

  it('on a bad day says where the mistake is, what failed, and what to do', () => {
    const bad: Status = {
      ...FINE,
      rejected: {
        revision: `9f8e7d6c${'0'.repeat(32)}`,
        subject: 'Add vault',
        author: 'Bob',
        at: '2026-03-01T11:58:00.000Z',
        mistakes: [
          {
            place: 'gates.yaml:31:11',
            severity: 'error',
            code: 'G106',
            message: 'this gate admits everybody',
            hint: 'name emails or groups',
          },
        ],
      },
      repository: {
        ...FINE.repository,
        readAt: '2026-03-01T11:58:00.000Z',
        error: 'The repository cannot be reached. It is tried again',
      },
      lastRun: {
        ...RUN,
        result: 'incomplete',
        problems: [
          {
            status: 'refused',
            what: 'cloudflare/dns-record:A www.example.dev',
            because: 'dns.example.dev',
            reason: 'nobody has marked it: gates adopt',
          },
          { status: 'unknown', what: 'cloudflare/zone', reason: 'Cloudflare does not answer' },
          { status: 'unknown', what: 'cloudflare/tunnel', reason: 'Cloudflare does not answer' },
        ],
        warnings: ['groups are not built yet'],
      },
    };
    expect(formatStatus(bad, reader)).toMatchInlineSnapshot(`
      "MISTAKE in the newest revision 9f8e7d6c: gates applies nothing of it

      Daemon      gates 0.1.0, process 812 on nas, started 3 d 3 h ago, idle
      Repository  https://forge.example/gates.git, branch main, gates.yaml
      Applied     1a2b3c4d "Open grafana" by Ada, read 2 min 4 s ago, applied
      Last run    2 min 1 s ago by push 1a2b3c4d, incomplete in 2.5 s: 2 create, 14 keep
      Next run    in 2 min 30 s, */5 * * * * Europe/Paris

      gates cannot read the repository
        The repository cannot be reached. It is tried again
        It was last read 2 min ago. gates keeps revision 1a2b3c4d.

      Revision 9f8e7d6c "Add vault" by Bob, read 2 min ago, has mistakes
        gates.yaml:31:11 error G106: this gate admits everybody
          name emails or groups
        gates keeps revision 1a2b3c4d. Push a commit that fixes it.

      Problems of the last run
        refused cloudflare/dns-record:A www.example.dev (dns.example.dev)
          nobody has marked it: gates adopt
        unknown cloudflare/zone
        unknown cloudflare/tunnel
          Cloudflare does not answer

      Warnings
        groups are not built yet
      "
    `);
  });

  it.each([
    { change: {}, alive: true, headline: 'OK', because: 'everything holds' },
    { change: {}, alive: undefined, headline: 'OK', because: 'that nobody can tell does not make it dead' },
    { change: {}, alive: false, headline: 'NOT RUNNING', because: 'the process is gone' },
    { change: { phase: 'stopped' as const }, alive: true, headline: 'NOT RUNNING', because: 'it said so' },
    {
      change: { lastRun: { ...RUN, result: 'error' as const, error: 'no answer' } },
      alive: true,
      headline: 'FAILED',
      because: 'the run could not be made',
    },
    {
      change: { lastRun: { ...RUN, result: 'reported' as const } },
      alive: true,
      headline: 'DRIFTED',
      because: 'drift is only reported',
    },
    {
      change: { paused: {}, rejected: { revision: 'f', at: RUN.startedAt, mistakes: [] } },
      alive: true,
      headline: 'PAUSED',
      because: 'somebody paused it, whatever is pushed meanwhile',
    },
    {
      change: { expiring: [{ name: 'ci', at: '2026-03-04T12:00:00.000Z' }] },
      alive: true,
      headline: 'EXPIRING: the service token ci ends in 3 d',
      because: 'nothing else is wrong',
    },
    {
      change: { expiring: [{ name: 'ci', at: '2026-03-16T12:00:00.000Z' }] },
      alive: true,
      headline: 'OK',
      because: 'that is long until then',
    },
    {
      change: { repository: { ...FINE.repository, error: 'no answer' } },
      alive: true,
      headline: 'CUT OFF',
      because: 'the repository could not be read',
    },
  ])('begins with $headline when $because', ({ change, alive, headline }) => {
    const text = formatStatus(
      { ...FINE, ...change },
      alive === undefined ? { now: NOW, width: 200 } : { now: NOW, width: 200, alive },
    );
    expect(text.startsWith(`${headline}`)).toBe(true);
  });

  it('before the first run has nothing applied, and says so', () => {
    const { inForce: _, lastRun: __, ...fresh } = FINE;
    const running = { id: 'r', triggers: ['start'], startedAt: NOW.toISOString(), step: 'fetch' } as const;
    const text = formatStatus({ ...fresh, phase: 'running', running }, reader);
    expect(text).toMatch(/^STARTING/);
    expect(text).toContain('nothing yet');
    expect(text).toContain('fetch, started just now by start');
  });

  it('shows the progress of a run', () => {
    const running = { ...RUN, step: 'apply', done: 3, total: 20 } as const;
    expect(formatStatus({ ...FINE, running }, reader)).toContain('apply 3 of 20');
  });

  it('says who holds the applied revision, until when, and for whom the daemon waits', () => {
    const held = { head: `9f8e7d6c${'0'.repeat(32)}`, by: 'ada on nas', since: '2026-03-01T11:57:56.000Z' };
    const inForce = { revision: `1a2b3c4d${'0'.repeat(32)}`, since: held.since, applied: true, held };
    const waitingFor = 'gates apply, process 7 on nas, since 2026-03-01T11:59:00.000Z';
    const lines = formatStatus({ ...FINE, inForce, waitingFor }, reader).split('\n');
    expect(lines).toContain(
      'Held        at 1a2b3c4d by ada on nas, 2 min 4 s ago, until main moves on from 9f8e7d6c',
    );
    expect(lines).toContain(`Waits for   ${waitingFor}`);
  });

  it('contains no foreign text that affects the terminal', () => {
    const inForce = {
      revision: RUN.id,
      since: NOW.toISOString(),
      applied: false,
      subject: '\u001b[2Jgone\u202e',
    };
    const text = formatStatus({ ...FINE, inForce }, reader);
    expect(text).toContain('"·[2Jgone·"');
    for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
  });
});
