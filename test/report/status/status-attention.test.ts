import { expect, it } from 'vitest';
import type { LastRun, Status } from '../../../src/report/status/status.ts';
import { formatStatus } from '../../../src/report/status/status-text.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const revision = `1a2b3c4d${'0'.repeat(32)}`;

const run: LastRun = {
  id: 'r',
  triggers: ['schedule'],
  revision,
  startedAt: '2026-03-01T11:57:56.000Z',
  finishedAt: '2026-03-01T11:57:58.500Z',
  result: 'reported',
  counts: { update: 1, prune: 1, keep: 14 },
  problems: [],
  warnings: [],
};

const fine: Status = {
  version: '0.1.0',
  pid: 812,
  host: 'nas',
  since: '2026-02-26T09:00:00.000Z',
  updatedAt: '2026-03-01T11:57:58.500Z',
  phase: 'idle',
  repository: { url: 'https://forge.example/gates.git', branch: 'main', file: 'gates.yaml' },
  inForce: { revision, since: '2026-03-01T11:57:56.000Z', applied: false },
  lastRun: run,
};

it('a bad status says what is paused, pending, drifted, expiring, and that commits do not show it', () => {
  const bad: Status = {
    ...fine,
    paused: { reason: 'moving house', by: 'ada', since: '2026-03-01T10:00:00.000Z' },
    waiting: ['push 9f8e7d6c'],
    expiring: [
      { name: 'backup', at: '2026-03-10T12:00:00.000Z' },
      { name: 'ci', at: '2026-02-28T12:00:00.000Z' },
      { name: 'far', at: '2026-06-01T12:00:00.000Z' },
    ],
    commitStatus: { place: 'you/home at https://api.github.com', error: 'GitHub does not know this token' },
    lastRun: {
      ...run,
      drifted: {
        count: 3,
        objects: [
          {
            verb: 'update',
            what: 'cloudflare/dns-record:CNAME grafana.example.dev',
            because: 'services.grafana',
            fields: ['content', 'proxied'],
          },
          { verb: 'prune', what: 'cloudflare/access-policy:old' },
        ],
      },
    },
  };
  expect(formatStatus(bad, { now, alive: true, width: 200 })).toMatchInlineSnapshot(`
    "PAUSED: gates writes nothing until: gates resume

    Daemon      gates 0.1.0, process 812 on nas, started 3 d 3 h ago, idle
    Repository  https://forge.example/gates.git, branch main, gates.yaml
    Applied     1a2b3c4d, read 2 min 4 s ago, not applied completely yet
    Pending     a run, asked for by push 9f8e7d6c
    Last run    2 min 1 s ago by schedule, reported in 2.5 s: 1 update, 1 prune, 14 keep

    Paused by ada, 2 h ago
      moving house
      gates checks and reports, and writes nothing. \`gates resume\` ends the pause: gates then applies what was pushed meanwhile, and reverts what was changed by hand.

    Not as the file of 1a2b3c4d says, and left so while gates is paused
      to update cloudflare/dns-record:CNAME grafana.example.dev (services.grafana): content, proxied
      to prune cloudflare/access-policy:old
      and 1 more
      \`gates plan\` shows the values, \`gates apply\` reverts them.

    Service tokens that expire soon
      ci has expired, on 2026-02-28
      backup ends in 9 d, on 2026-03-10
      Refresh it in the dashboard of Cloudflare (Access, service tokens), or give it another \`duration\`.

    Commits of you/home at https://api.github.com do not show what came of them
      GitHub does not know this token
    "
  `);
});

it('a good status leaves out everything in order', () => {
  const text = formatStatus(
    {
      ...fine,
      inForce: { revision, since: run.startedAt, applied: true },
      commitStatus: { place: 'you/home at https://api.github.com' },
      expiring: [],
      // A failure is listed as a problem, and not a second time.
      lastRun: { ...run, result: 'incomplete', drifted: { count: 1, objects: [] } },
    },
    { now, alive: true, width: 200 },
  );
  for (const word of ['Pending', 'Paused', 'Not as the file says', 'Service tokens', 'Commits']) {
    expect(text).not.toContain(word);
  }
});

it('a status reports the pause of a file without content', () => {
  const text = formatStatus({ ...fine, paused: {} }, { now, alive: true, width: 200 });
  expect(text).toContain('\nPaused\n  no reason was given\n');
});

it('a status says when each token gets its next secret, the first one first', () => {
  const rotations = [
    { name: 'backup', at: '2026-03-10T12:00:00.000Z' },
    { name: 'ci', at: '2026-02-28T12:00:00.000Z' },
  ];
  const text = formatStatus({ ...fine, rotations }, { now, alive: true, width: 200 });
  expect(text.slice(text.indexOf('Service tokens'))).toBe(`Service tokens that gates rotates
  ci by the next run
  backup in 9 d, on 2026-03-10
`);
});

it('a status has the outcome of the last call of each action', () => {
  const at = '2026-03-01T11:58:00.000Z';
  const actions = [
    { name: 'purge', id: '1', state: 'failed' as const, at, reason: 'exit status 1', waits: true },
    { name: 'reconcile', id: '2', state: 'done' as const, at },
    { name: 'tidy', id: '3', state: 'running' as const, at },
  ];
  const text = formatStatus({ ...fine, actions }, { now, alive: true, width: 200 });
  expect(text.slice(text.indexOf('Actions'))).toBe(`Actions
  purge      FAILED 2 min ago: exit status 1, and another call waits
  reconcile  done 2 min ago
  tidy       runs, begun 2 min ago
`);
});
