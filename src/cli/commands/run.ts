import { createCommitStatuses } from '../../clients/forge/commit-status.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { ConfigError, describeError } from '../../core/errors.ts';
import type { ListenAddress } from '../../daemon/http/listener.ts';
import { onHangup, stopSignal } from '../../daemon/lease/process-signals.ts';
import { createLog } from '../../daemon/log/log.ts';
import type { CommitPlace } from '../../daemon/observer.ts';
import { fileCheck } from '../../daemon/run/file-check.ts';
import { fileRun } from '../../daemon/run/file-run.ts';
import type { AccountName } from '../../daemon/run/verdicts.ts';
import { runDaemon } from '../../daemon/run.ts';
import { createMetrics } from '../../daemon/status/metrics.ts';
import { settingsOf } from '../surroundings/accounts.ts';
import { configReader } from '../surroundings/config-reader.ts';
import { effectsMaker, vaultOf } from '../surroundings/effects.ts';
import { forgeOfRepository } from '../surroundings/forge-place.ts';
import { hasNamedAccount } from '../surroundings/named-variables.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { redactor } from '../surroundings/terminal.ts';
import { buildRevision, version } from '../surroundings/version.ts';
import { bearersOf, clientIdReader, expectedOf, keysReader } from './verifying.ts';

/** Runs the daemon until it is stopped. `reading` is the script of the thread that reads files. */
export async function run(reading: URL): Promise<number> {
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
  const metrics = createMetrics({ version, revision: buildRevision });
  const signal = stopSignal();
  const commits = commitPlace(settings, repository, signal);
  const makers = accountMakers(settings, (own) => effectsMaker(own, undefined, metrics));
  // With tokens for named accounts alone, only the file says which of them it has.
  if (!hasNamedAccount(settings.named)) makers.of(undefined);
  const readAccounts = configReader(reading);
  await runDaemon(
    {
      version,
      stateDir: settings.stateDir,
      repository,
      branch: settings.branch,
      file: settings.file,
      listen: addressOf('GATES_LISTEN', settings.listen),
      hooksListen: addressOf('GATES_HOOKS_LISTEN', settings.hooksListen),
      statusHosts: settings.statusHosts,
      ...(settings.statusPage !== undefined && { statusPage: settings.statusPage }),
      environment: { ...process.env },
      ...(gitToken !== undefined && { gitToken }),
      gitFiles: settings.gitFiles,
      ...(webhookSecret !== undefined && { webhookSecret }),
    },
    {
      check: fileCheck(readAccounts),
      reconcile: fileRun({
        file: settings.file,
        readAccounts,
        effects: (turn, account) => makers.of(account)(turn.signal, turn),
      }),
      verifying: {
        expected: (text) => expectedOf(text, (account) => makers.of(account)(signal)),
        bearers: bearersOf,
        clientId: clientIdReader((name) => vaultOf(settingsOf(settings, { name, server: undefined }))),
        keys: keysReader(settings.probeEdge),
      },
      clock: systemClock,
      log,
      redactor,
      metrics,
      ...(commits !== undefined && { commits }),
      onHangup,
    },
    signal,
  );
  return 0;
}

/** The effects of each account: each has a budget of calls of its own, for all its runs. */
function accountMakers<Maker>(settings: Settings, make: (settings: Settings) => Maker) {
  const known = new Map<string, Maker>();
  return {
    /** Throws ConfigError without a token for the account. */
    of(account: AccountName | undefined): Maker {
      const key = `${account?.name} ${account?.server}`;
      const maker = known.get(key) ?? make(account === undefined ? settings : settingsOf(settings, account));
      known.set(key, maker);
      return maker;
    },
  };
}

/** The place for commit statuses. Without one, statuses fail; without a token, nobody wants them. */
function commitPlace(settings: Settings, repository: string, signal: AbortSignal): CommitPlace | undefined {
  const { forgeToken: token, forge, forgeUrl, file, branch } = settings;
  if (token === undefined) return undefined;
  try {
    const place = forgeOfRepository(forgeUrl ?? repository, forge);
    const context = file === 'gates.yaml' ? 'gates' : `gates/${file}`;
    const parts = { place, token, redactor, clock: systemClock, signal };
    const statuses = createCommitStatuses({ ...parts, context, branch });
    return { place: `${place.repository} at ${place.api}`, statuses };
  } catch (error) {
    redactor.register(token);
    return { error: describeError(error) };
  }
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
