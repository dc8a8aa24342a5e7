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
import { tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface SandboxCommandOptions {
  /** Undefined: that of `as`, or example.dev. */
  readonly zones?: readonly string[];
  readonly plan: Plan;
  readonly json: boolean;
  readonly delay: number;
  readonly settle: number;
  /** Whether the edge plays Cloudflare's cache; the sandbox's own default where it is left out. */
  readonly cache?: boolean;
  readonly authentikVersion: AuthentikChoice;
  readonly freshTunnels: 'connected' | 'inactive';
  readonly port?: number;
  /** As `parseLag` takes it. */
  readonly lag?: string;
  readonly canary?: string;
  /** A document of `gates conformance`, by which the sandbox behaves. */
  readonly as?: string;
  /** The file that the sandbox is taken up from, where there is one, and put away in. */
  readonly state?: string;
}

/**
 * Runs until it is stopped. The line goes out unredacted: its tokens open nothing but this sandbox, and
 * handing them over is what the line is for.
 */
export async function sandbox({
  json,
  state: file,
  lag,
  as,
  ...options
}: SandboxCommandOptions): Promise<number> {
  const signal = stopSignal();
  const lags = lag === undefined ? {} : { lag: readLag(lag) };
  const known = file === undefined ? undefined : await readState(file);
  const measured = as === undefined ? undefined : await readMeasured(as);
  const { zones = measured?.zones ?? ['example.dev'], ...rest } = options;
  const started = await startFrom({ ...rest, ...lags, ...measured, zones: [...zones] }, file, known);
  try {
    // At once, so that a place where nothing can be written is not found out about at the end.
    if (file !== undefined && known === undefined) await writeState(started, file);
    tellStarted(started, json);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await started.close();
  }
  if (file !== undefined) await writeState(started, file);
  return 0;
}

/** @throws ConfigError for what is no lag. */
function readLag(text: string): LagOptions {
  try {
    return parseLag(text);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const hint = `Kinds that lag: ${LAG_KINDS.join(', ')}`;
    throw new UsageError(`--lag ${text}: ${cause.message}`, { hint, cause });
  }
}

/** @throws ConfigError for a file that is none of `gates conformance --json`. */
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

/** @throws ConfigError when the file holds something else. */
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

/** Whole or not at all, and for its owner alone: it holds all tokens and secrets of the sandbox. */
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
