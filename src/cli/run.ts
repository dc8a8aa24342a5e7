import { systemClock } from '../clients/state/clock.ts';
import { parseConfig } from '../config/parse-config.ts';
import { isCarriedOut } from '../core/change.ts';
import { ConfigError } from '../core/errors.ts';
import type { ListenAddress } from '../daemon/listener.ts';
import { createLog } from '../daemon/log.ts';
import type { Check, Reconcile } from '../daemon/pass.ts';
import { onHangup, stopSignal } from '../daemon/process-signals.ts';
import { runDaemon } from '../daemon/run.ts';
import { reconcile } from '../reconcile.ts';
import { effectsMaker } from './effects.ts';
import { readSettings, type Settings } from './settings.ts';
import { redactor } from './terminal.ts';
import { version } from './version.ts';

/** The daemon, until it is told to stop. */
export async function run(): Promise<number> {
  const settings = readSettings(process.env);
  const { repository, gitToken, webhookSecret } = settings;
  if (repository === undefined) {
    throw new ConfigError('No repository to watch', {
      hint: 'Set GATES_REPOSITORY to its https, ssh or file address',
    });
  }
  const log = createLog({
    level: settings.logLevel,
    format: settings.logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json'),
    redact: redactor.redact,
    write: (line) => void process.stderr.write(line),
  });
  await runDaemon(
    {
      version,
      stateDir: settings.stateDir,
      repository,
      branch: settings.branch,
      file: settings.file,
      listen: addressOf('GATES_LISTEN', settings.listen),
      hooksListen: addressOf('GATES_HOOKS_LISTEN', settings.hooksListen),
      environment: { ...process.env },
      ...(gitToken !== undefined && { gitToken }),
      ...(webhookSecret !== undefined && { webhookSecret }),
    },
    {
      check,
      reconcile: reconciler(settings),
      clock: systemClock,
      log,
      redactor,
      onHangup,
    },
    stopSignal(),
  );
  return 0;
}

const check: Check = (bytes) => {
  const read = parseConfig(bytes);
  if (!read.ok) return { mistakes: read.mistakes };
  const { reconcile: settings, notify } = read.parsed.config;
  return { settings: { ...settings, notify } };
};

function reconciler(settings: Settings): Reconcile {
  const make = effectsMaker(settings);
  return async ({ text, revision, apply, watch, allow, signal, onProgress }) => {
    let done = 0;
    let total = 0;
    const reached = make(signal);
    const effects = {
      ...reached,
      onEvent(event: Parameters<NonNullable<ReturnType<typeof make>['onEvent']>>[0]) {
        if (event.type === 'planned') total = event.plan.changes.filter(isCarriedOut).length;
        if (event.type === 'finished') done += 1;
        onProgress({ done, total });
      },
    };
    const report = await reconcile(
      { text, revision, file: settings.file, apply, options: { adopt: false, allow, watch } },
      effects,
    );
    return { ...report, calls: reached.calls() };
  };
}

/** `host:port`, with an IPv6 host in brackets. */
function addressOf(name: string, text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65_535)) {
    throw new ConfigError(`${name} is not an address`, { hint: 'Write it as host:port, 127.0.0.1:8420' });
  }
  return { host, port };
}
