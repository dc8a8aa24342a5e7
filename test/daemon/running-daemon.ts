import { createHmac, randomUUID } from 'node:crypto';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createRedactor } from '../../src/clients/redaction.ts';
import type { Notification } from '../../src/config/model/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Clock } from '../../src/core/world.ts';
import { type AppliedActions, actionsOf } from '../../src/daemon/actions/applied-actions.ts';
import { createLog } from '../../src/daemon/log/log.ts';
import type { CommitPlace } from '../../src/daemon/observer.ts';
import type { RunRequest } from '../../src/daemon/run/run-request.ts';
import type { Check } from '../../src/daemon/run/verdicts.ts';
import { type DaemonParts, type DaemonSettings, runDaemon } from '../../src/daemon/run.ts';
import { createMetrics } from '../../src/daemon/status/metrics.ts';
import type { Status } from '../../src/report/status/status.ts';
import type { Forge } from './forge.ts';
import { patientClock } from './patient-clock.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export const SECRET = 'canary-webhook-secret';

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = () => {};
  let reject: Deferred<T>['reject'] = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A record of repeated events; a test can wait for one by its number. */
function happenings<T>() {
  const all: T[] = [];
  let waiting: (() => void)[] = [];
  return {
    all,
    add(item: T) {
      all.push(item);
      for (const wake of waiting.splice(0)) wake();
    },
    async at(index: number): Promise<T> {
      for (;;) {
        const item = all[index];
        if (item !== undefined) return item;
        await new Promise<void>((resolve) => {
          waiting = [...waiting, resolve];
        });
      }
    },
  };
}

const check: Check = (bytes) => {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes('mistake')) {
    const notify = [...text.matchAll(/^notify (\S+)$/gm)].map(
      ([, url = '']): Notification => ({ type: 'webhook', url, secret: { env: 'NOTIFY_SECRET' } }),
    );
    return {
      settings: {
        probe: undefined,
        schedule: '0 0 1 1 *',
        timezone: 'Europe/Paris',
        drift: 'repair',
        jitter: Number(/^jitter (\d+)$/m.exec(text)?.[1] ?? 0),
        windows: [...text.matchAll(/^window (.+)$/gm)].map(([, schedule = '']) => ({
          schedule,
          duration: 30,
        })),
        notify,
        ...(text.startsWith('version:') && { actions: actionsIn(text) }),
      },
    };
  }
  const message = 'unknown key';
  return { mistakes: [{ severity: 'error', rule: 'unknown-key', line: 2, column: 3, path: '', message }] };
};

/** The actions of a complete file, read without the lines that only this check knows. */
function actionsIn(text: string): AppliedActions {
  const read = parseConfig(Buffer.from(text.replace(/^notify .*$/gm, '')));
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return actionsOf(read.parsed.config);
}

export interface RunningDaemon {
  readonly forge: Forge;
  readonly stateDir: string;
  readonly requests: ReturnType<typeof happenings<RunRequest>>;
  readonly runs: ReturnType<typeof happenings<string>>;
  readonly logged: string[];
  readonly listening: NonNullable<Status['listening']>;
  readonly done: Promise<void>;
  /** Makes every further run wait for this promise. */
  hold(until: Promise<void>): void;
  hangup(): void;
  tick(): void;
  /** Triggers the schedule of gate checks. */
  probeTick(): void;
  stop(): Promise<void>;
  status(): Promise<Status>;
  push(revision: string, more?: RequestInit): Promise<number>;
}

const NOWHERE = { status: '', hooks: '', signed: false };

type Changes = { readonly [Name in keyof DaemonSettings]?: DaemonSettings[Name] | undefined } & {
  readonly commits?: CommitPlace;
  readonly requestTimeout?: number;
};

/** A complete daemon in this process, on real git, disk and sockets; only the systems that it applies to are played. */
export async function startDaemon(
  forge: Forge,
  more: Changes = {},
  clock: Clock = patientClock(),
  until: 'listens' | 'waits' = 'listens',
): Promise<RunningDaemon> {
  const stateDir = more.stateDir ?? path.join(temporaryDirectory(), 'state');
  const requests = happenings<RunRequest>();
  const runs = happenings<string>();
  const logged: string[] = [];
  const ready = deferred<NonNullable<Status['listening']>>();
  const controller = new AbortController();
  const redactor = createRedactor();
  let held: Promise<void> = Promise.resolve();
  let hangup = () => {};
  const ticks: (() => void)[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    redact: redactor.redact,
    write: (line) => {
      logged.push(line);
      const { message, result } = JSON.parse(line);
      if (message === 'run ended') runs.add(result);
      if (message === 'waiting for the lease' && until === 'waits') ready.resolve(NOWHERE);
    },
  });
  const parts: DaemonParts = {
    check,
    reconcile: async (request) => {
      requests.add(request);
      await held;
      return { mistakes: [], outcomes: [] };
    },
    clock,
    elapsed: () => clock.now().getTime(),
    log,
    redactor,
    metrics: createMetrics({ version: '0.1.0', revision: 'unknown' }),
    verifying: {
      expected: async () => ({ doors: [], unread: [] }),
      bearers: () => [],
      clientId: async () => undefined,
      keys: async () => ({ keys: [] }),
    },
    ...(more.commits !== undefined && { commits: more.commits }),
    ...(more.requestTimeout !== undefined && { requestTimeout: more.requestTimeout }),
    onHangup: (listener) => {
      hangup = listener;
      return () => {};
    },
    schedule: (onTick) => {
      ticks.push(onTick);
      return { set: () => {}, next: () => new Date('2027-01-01T00:00:00.000Z'), stop: () => {} };
    },
    onListening: ready.resolve,
  };
  const { webhookSecret = 'webhookSecret' in more ? undefined : SECRET, ...others } = more;
  const settings = {
    version: '0.1.0',
    repository: forge.bare,
    branch: 'main',
    file: 'gates.yaml',
    listen: { host: '127.0.0.1', port: 0 },
    hooksListen: { host: '127.0.0.1', port: 0 },
    environment: process.env,
    ...others,
    ...(webhookSecret === undefined ? {} : { webhookSecret }),
    stateDir,
  } as DaemonSettings;
  const done = runDaemon(settings, parts, controller.signal);
  done.catch(ready.reject);
  // The test waits for the daemon, which still writes when it ends, before its directory is removed.
  onTestFinished(async () => {
    controller.abort(new Error('the test is over'));
    await done.catch(() => undefined);
  });
  const listening = await ready.promise;
  return {
    forge,
    stateDir,
    requests,
    runs,
    logged,
    listening,
    done,
    hold: (until) => {
      held = until;
    },
    hangup: () => hangup(),
    tick: () => ticks[0]?.(),
    probeTick: () => ticks[1]?.(),
    stop: () => {
      controller.abort(new Error('stopped by SIGTERM'));
      return done;
    },
    status: async () => (await (await fetch(`${listening.status}/api/status`)).json()) as Status,
    async push(revision, init = {}) {
      const body = JSON.stringify({ ref: 'refs/heads/main', after: revision });
      const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
      const headers = {
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': signature,
        // The server may just be closing a kept socket, so each push has its own.
        connection: 'close',
      };
      return (await fetch(`${listening.hooks}/hooks/git`, { method: 'POST', body, headers, ...init })).status;
    },
  };
}

export function textOf(request: RunRequest): string {
  return Buffer.from(request.text).toString('utf8');
}
