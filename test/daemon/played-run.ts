import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import statusSchema from '../../schema/status.schema.json' with { type: 'json' };
import type { AcceptedRevision, GitSource, SourceRevision } from '../../src/clients/git/git.ts';
import type { Change } from '../../src/core/change.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { createDaemonRun } from '../../src/daemon/run/daemon-run.ts';
import type { LastGood } from '../../src/daemon/run/last-good.ts';
import type { RunReport } from '../../src/daemon/run/run-report.ts';
import type { RunRequest } from '../../src/daemon/run/run-request.ts';
import type { LoopSettings } from '../../src/daemon/run/verdicts.ts';
import { statusFile } from '../../src/daemon/status/status-file.ts';
import type { Cause } from '../../src/daemon/triggers/triggers.ts';
import type { EndedRun } from '../../src/report/history/history.ts';
import type { RunEnd } from '../../src/report/notices/trouble.ts';
import type { Paused, Status } from '../../src/report/status/status.ts';
import { freeTurn } from './free-turn.ts';
import { quietLog } from './quiet-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { virtualClock } from './virtual-clock.ts';

export const A = 'a'.repeat(40);
export const B = 'b'.repeat(40);
export const CANARY = 'canary-91';
export const START: readonly Cause[] = [{ type: 'start' }];

/** Every status that any test saw; each must follow the schema. */
const seen: Status[] = [];

const ajv = new Ajv2020({ allErrors: true, strict: true });
addFormats.default(ajv);
const validate = ajv.compile(statusSchema);

/** Checks that the statuses of a test follow the schema. Each test file calls it after each test. */
export function expectStatusesOfSchema(): void {
  for (const status of seen.splice(0)) {
    expect(validate(JSON.parse(JSON.stringify(status))), JSON.stringify(validate.errors)).toBe(true);
  }
}

export function head(revision: string, text: string, allow: SourceRevision['allow'] = []): SourceRevision {
  return { revision, author: 'Ada', subject: 'Open', allow, file: { bytes: Buffer.from(text) } };
}

export const LATER = '2026-04-01T00:00:00.000Z';

export const ADDRESS = { kind: 'cloudflare/tunnel', key: 'homelab' } as const;

export function change(verb: Change['verb'], more: Partial<Change> = {}): Change {
  return {
    id: verb,
    verb,
    phase: 'prepare',
    address: ADDRESS,
    drift: [],
    needs: [],
    doors: [],
    ...more,
  };
}

export function report(changes: readonly Change[] = [], outcomes: readonly Outcome[] = []): RunReport {
  const plan = { owner: 'home', changes, warnings: [], attributes: {}, unknown: [] };
  return { mistakes: [], plan, outcomes };
}

/** A daemon's run on a forge and an API that the test plays. */
export function runOf(begin: { good?: LastGood } = {}) {
  const clock = virtualClock();
  const stop = new AbortController();
  const saved: LastGood[] = [];
  const requests: RunRequest[] = [];
  const settings: LoopSettings[] = [];
  const ends: RunEnd[] = [];
  const recorded: EndedRun[] = [];
  const log = quietLog();
  const play = {
    head: (): SourceRevision => head(A, 'one'),
    report: (_request: RunRequest): RunReport | Promise<RunReport> => report(),
    drift: 'repair' as LoopSettings['drift'],
    windows: [] as LoopSettings['windows'],
    windowsOf: (_text: string): LoopSettings['windows'] => play.windows,
    paused: undefined as Paused | undefined,
    lease: true,
    kept: undefined as LastGood | undefined,
    checks: 0,
    accepted: undefined as AcceptedRevision | undefined,
  };
  const file = statusFile(
    temporaryDirectory(),
    {
      version: '0.1.0',
      pid: 1,
      host: 'h',
      since: clock.now().toISOString(),
      updatedAt: clock.now().toISOString(),
      phase: 'starting',
      repository: { url: '/srv/gates.git', branch: 'main', file: 'gates.yaml' },
    },
    clock,
    (error) => {
      throw error;
    },
  );
  const status = {
    ...file,
    change: (parts: Parameters<typeof file.change>[0]) => {
      file.change(parts);
      seen.push(file.current());
    },
  };
  const read: GitSource['read'] = async (_, accepted) => {
    play.accepted = accepted;
    return play.head();
  };
  const git: Pick<GitSource, 'read'> = { read };
  const made = createDaemonRun({
    git,
    lastGood: {
      load: async () => play.kept,
      save: async (good) => {
        saved.push(good);
      },
    },
    good: begin.good,
    check: (bytes) => {
      play.checks += 1;
      const text = Buffer.from(bytes).toString('utf8');
      if (!text.includes('mistake')) {
        const when = { schedule: '*/5 * * * *', timezone: 'UTC', probe: undefined, jitter: 0 };
        return { settings: { ...when, drift: play.drift, windows: play.windowsOf(text) } };
      }
      const message = `unknown key ${CANARY}`;
      const place = { line: 31, column: 11, path: 'services' };
      return {
        mistakes: [{ ...place, severity: 'error', rule: 'G106', code: 'G106', message, hint: 'remove it' }],
      };
    },
    reconcile: async (request) => {
      requests.push(request);
      return play.report(request);
    },
    status,
    file: 'gates.yaml',
    clock,
    log,
    redact: (text) => text.replaceAll(CANARY, '[redacted]'),
    paused: async () => play.paused,
    onSettings: (wanted) => settings.push(wanted),
    record: async (ended) => {
      recorded.push(ended);
    },
    onEnd: async (end) => {
      ends.push(end);
    },
    nextRun: () => undefined,
    signal: stop.signal,
  });
  const lost = new AbortController();
  const turn = freeTurn(AbortSignal.any([stop.signal, lost.signal]), () => play.lease);
  const lose = (reason: Error) => {
    play.lease = false;
    lost.abort(reason);
  };
  const pass = (causes: readonly Cause[]) => made(causes, turn);
  const applied = () => requests.map(({ text }) => Buffer.from(text).toString('utf8'));
  const known = { status: () => file.current(), saved, requests, applied, settings, ends, recorded };
  return { pass, play, lose, ...known, log, stop, clock };
}

export const GOOD: LastGood = {
  revision: A,
  author: 'Ada',
  subject: 'Open',
  allow: [],
  since: '2026-02-01T00:00:00.000Z',
  applied: true,
  bytes: Buffer.from('one'),
};
