import { once } from 'node:events';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';
import { ConfigError } from '../../core/errors.ts';
import { stopSignal } from '../../daemon/lease/process-signals.ts';
import {
  type AuthentikChoice,
  asMeasured,
  LAG_KINDS,
  type LagOptions,
  type Plan,
  parseLag,
  type SandboxOptions,
  type StartedSandbox,
  startSandbox,
} from '../../lab/sandbox/index.ts';
import { copiedState } from '../exporting/copied-state.ts';
import { tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface SandboxCommandOptions {
  /** Undefined: the zones of `as`, or example.dev. */
  readonly zones?: readonly string[];
  readonly plan: Plan;
  readonly json: boolean;
  readonly delay: number;
  readonly settle: number;
  /** True if the edge plays Cloudflare's cache. Undefined: the sandbox's own default. */
  readonly cache?: boolean;
  readonly authentikVersion: AuthentikChoice;
  readonly freshTunnels: 'connected' | 'inactive';
  readonly port?: number;
  /** A text for `parseLag`. */
  readonly lag?: string;
  readonly canary?: string;
  /** A document of `gates conformance`, which the behavior of the sandbox follows. */
  readonly as?: string;
  /** The file from which the sandbox is restored, if it exists, and in which it is saved. */
  readonly state?: string;
  /** A folder of `gates export`, whose systems the sandbox copies. */
  readonly from?: string;
}

/**
 * Runs until it is stopped. The printed line is not redacted: its tokens open only this sandbox, and a client needs
 * them.
 */
export async function sandbox({
  json,
  state: file,
  lag,
  as,
  from,
  ...options
}: SandboxCommandOptions): Promise<number> {
  const signal = stopSignal();
  const lags = lag === undefined ? {} : { lag: readLag(lag) };
  const known = file === undefined ? undefined : await readState(file);
  const measured = as === undefined ? undefined : await readMeasured(as);
  const { zones = measured?.zones ?? ['example.dev'], ...rest } = options;
  const wanted = { ...rest, ...lags, ...measured, zones: [...zones] };
  const copied = known === undefined && from !== undefined ? await copiedState(from, wanted) : undefined;
  const started = await startFrom(wanted, file, known ?? copied);
  try {
    // Saved at once, so that an unwritable place is reported at the start and not at the end.
    if (file !== undefined && known === undefined) await writeState(started, file);
    tellStarted(started, json);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await started.close();
  }
  if (file !== undefined) await writeState(started, file);
  return 0;
}

/** @throws ConfigError for an invalid lag. */
function readLag(text: string): LagOptions {
  try {
    return parseLag(text);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const hint = `Kinds that lag: ${LAG_KINDS.join(', ')}`;
    throw new UsageError(`--lag ${text}: ${cause.message}`, { hint, cause });
  }
}

/** @throws ConfigError for a file that is not from `gates conformance --json`. */
async function readMeasured(file: string): Promise<ReturnType<typeof asMeasured>> {
  const text = (await readOptionalFile(file))?.toString() ?? '';
  try {
    return asMeasured(JSON.parse(text));
  } catch (cause) {
    const hint = 'Name one that `gates conformance --json` has written';
    throw new ConfigError(`${file} says nothing about an account`, { hint, cause });
  }
}

/** Prints the settings that a client needs, on stdout. */
function tellStarted({ line }: StartedSandbox, json: boolean): void {
  const exports = Object.entries(line.env).map(([name, value]) => `export ${name}='${value}'\n`);
  process.stdout.write(json ? `${JSON.stringify(line)}\n` : exports.join(''));
  if (!json) tell(`sandbox: edge ${line.edge.url}, admin ${line.admin.url}; stop it with Ctrl-C`);
}

/** @throws ConfigError if the file has other content. */
async function startFrom(
  options: SandboxOptions & { port?: number },
  file: string | undefined,
  state: string | undefined,
): Promise<StartedSandbox> {
  if (state === undefined) return startSandbox(options);
  try {
    return await startSandbox({ ...options, state });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const hint = 'Name another with --state, or one that does not exist for a new sandbox';
    throw new ConfigError(`${file} is no state of a sandbox`, { hint, cause });
  }
}

async function readState(file: string): Promise<string | undefined> {
  try {
    return (await readOptionalFile(file))?.toString();
  } catch (cause) {
    throw unusable(file, 'read', cause);
  }
}

/** Saves the state atomically and only for its owner, since it holds all tokens and secrets of the sandbox. */
async function writeState({ sandbox }: StartedSandbox, file: string): Promise<void> {
  try {
    await writePrivateFile(file, sandbox.snapshot());
  } catch (cause) {
    throw unusable(file, 'written', cause);
  }
}

function unusable(file: string, verb: string, cause: unknown): ConfigError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === undefined ? '' : ` (${code})`;
  return new ConfigError(`${file} cannot be ${verb}${why}`, { hint: 'Name another with --state', cause });
}
