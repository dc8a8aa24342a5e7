import { systemClock } from '../../clients/state/clock.ts';
import { isDaemonAlive } from '../../daemon/lease/lease.ts';
import { readPaused, removePaused, writePaused } from '../../daemon/lease/paused.ts';
import { formatAge } from '../../report/screen/time-words.ts';
import type { Paused } from '../../report/status/status.ts';
import { addressOfWhoAsks } from '../surroundings/person.ts';
import { readSettings } from '../surroundings/settings.ts';
import { printJson, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface PauseOptions {
  readonly reason: string;
  readonly output: 'text' | 'json';
}

/** The most characters of a reason: it must fit into a line of the status. */
const LONGEST_REASON = 200;

/**
 * Stops gates from changing Cloudflare and Authentik until `resume`, even if no daemon runs. It needs no turn, since it
 * must not wait for the run that it stops. Returns 0.
 */
export async function pause({ reason, output }: PauseOptions): Promise<number> {
  const { stateDir } = readSettings(process.env);
  const line = oneLine(reason);
  const now = systemClock.now();
  const { before, paused } = await writePaused(stateDir, { reason: line, by: addressOfWhoAsks(), now });
  if (output === 'json') {
    printChange({ paused, before });
    return 0;
  }
  if (before === undefined) tell(`paused: ${line}`);
  else tell(`the pause goes on, with another reason: ${line} (it was: ${reasonOf(before)})`);
  const works = await isDaemonAlive(stateDir);
  tell(
    works === false
      ? 'No daemon runs here; one that is started writes nothing until: gates resume'
      : 'The daemon writes nothing until: gates resume. It still checks and reports, and pushes wait.',
  );
  return 0;
}

/** Ends a pause, and prints it. Returns 0 even if there was none. */
export async function resume({ output }: Pick<PauseOptions, 'output'>): Promise<number> {
  const { stateDir } = readSettings(process.env);
  const before = await removePaused(stateDir);
  if (output === 'json') {
    printChange({ paused: undefined, before });
    return 0;
  }
  if (before === undefined) {
    tell('gates was not paused: nothing to resume');
    return 0;
  }
  tell(`resumed: it was paused${by(before)}${since(before)}: ${reasonOf(before)}`);
  const works = await isDaemonAlive(stateDir);
  tell(
    works === false
      ? 'No daemon runs here: start it with `gates run`'
      : 'Within seconds the daemon applies what was pushed meanwhile, and reverts what was changed by hand.',
  );
  return 0;
}

/** Says during a pause why a command continues nevertheless. */
export async function tellOfPause(stateDir: string): Promise<void> {
  const paused = await readPaused(stateDir);
  if (paused === undefined) return;
  const said = `gates is paused${by(paused)}${since(paused)}: ${reasonOf(paused)}`;
  tell(`${said}. This run goes on, because a person started it`);
}

/** @throws ConfigError for an empty reason, or a long one. */
function oneLine(reason: string): string {
  const line = reason.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line === '') {
    throw new UsageError('The reason is empty', { hint: 'Say it for those who find gates paused' });
  }
  if (line.length > LONGEST_REASON) {
    throw new UsageError(`The reason is longer than ${LONGEST_REASON} characters`, {
      hint: 'Say it in one line',
    });
  }
  return line;
}

function printChange({ paused, before }: { paused: Paused | undefined; before: Paused | undefined }): void {
  printJson({ paused: paused ?? null, before: before ?? null });
}

function by({ by: person }: Paused): string {
  return person === undefined ? '' : ` by ${person}`;
}

function since({ since: time }: Paused): string {
  return time === undefined ? '' : `, ${formatAge(systemClock.now().getTime() - Date.parse(time))}`;
}

function reasonOf({ reason }: Paused): string {
  return reason ?? 'no reason was given';
}
