import { fetchStatus } from '../../clients/running-daemon.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { ConfigError } from '../../core/errors.ts';
import { isDaemonAlive } from '../../daemon/lease/lease.ts';
import { readPaused } from '../../daemon/lease/paused.ts';
import { readStatusFile } from '../../daemon/status/status-file.ts';
import { widthOf } from '../../report/screen/screen.ts';
import type { Status } from '../../report/status/status.ts';
import { formatStatus } from '../../report/status/status-text.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, printJson } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface StatusOptions {
  readonly output: 'text' | 'json';
  /** Asks a daemon elsewhere instead of the state folder. */
  readonly url?: string;
  /** Prints only the address of the status page. */
  readonly web?: boolean;
}

/** Prints the daemon's status. Returns 0 whatever the status is, 1 if there is none. */
export async function status({ output, url, web = false }: StatusOptions): Promise<number> {
  const { status: read, ...reader } = url === undefined ? await fromDisk() : await fromDaemon(url);
  if (web) {
    const page = pageAddress({ status: read, ...reader }, url);
    if (output === 'json') printJson({ page });
    else print(`${page}\n`);
    return 0;
  }
  if (output === 'json') printJson(read);
  else print(formatStatus(read, { now: systemClock.now(), width: widthOf(process.stdout), ...reader }));
  return 0;
}

/**
 * The address of the status page for a browser: below `url` if that is given, because the daemon may have another
 * name elsewhere.
 * @throws ConfigError if no daemon runs, or its page is off.
 */
export function pageAddress({ status: { listening }, alive }: ReadStatus, url: string | undefined): string {
  // A killed daemon could not write that it no longer listens.
  if (listening === undefined || alive === false) {
    throw new ConfigError('No daemon runs, so there is no status page', {
      hint: 'Start it with `gates run`',
    });
  }
  if (listening.page === undefined) {
    throw new ConfigError('The status page is off', {
      hint: 'Set GATES_STATUS_PAGE=on for `gates run`: without it, the page is only on where GATES_LISTEN is on loopback',
    });
  }
  if (url !== undefined) return `${url.replace(/\/+$/, '')}/`;
  // The daemon listens on every address of this machine; `localhost` is one of them.
  return listening.page.replace(/\/\/(0\.0\.0\.0|\[::\])(?=[:/])/, '//localhost');
}

interface ReadStatus {
  readonly status: Status;
  /** True if the daemon that wrote the status still lives; absent if that is unknown. */
  readonly alive?: boolean;
}

async function fromDaemon(url: string): Promise<ReadStatus> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError('--url is not an address', { hint: 'It is as in http://nas.lan:8420' });
  }
  return { status: (await fetchStatus(url)) as Status, alive: true };
}

async function fromDisk(): Promise<ReadStatus> {
  const { stateDir } = readSettings(process.env);
  const [written, paused, alive] = await Promise.all([
    readStatusFile(stateDir),
    readPaused(stateDir),
    isDaemonAlive(stateDir),
  ]);
  if (written === undefined) {
    throw new ConfigError('No daemon has run with this state directory', {
      hint: `Start \`gates run\`, set GATES_STATE_DIR (now ${stateDir}), or ask one elsewhere with --url`,
    });
  }
  const status = { ...written, ...(paused && { paused }) };
  return { status, ...(alive !== undefined && { alive }) };
}
