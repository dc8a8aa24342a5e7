import { createInterface } from 'node:readline/promises';
import { createRedactor } from '../../clients/redaction.ts';
import { describeError } from '../../core/errors.ts';
import { harmless, harmlessJson } from '../../report/screen/harmless.ts';
import { paragraph, widthOf } from '../../report/screen/screen.ts';

/** Redacts every text that leaves the process, so that none contains a secret. */
export const redactor = createRedactor();

/**
 * Goes on without output once its reader has closed the pipe, as `head` does after its last line: a run that writes must not end in
 * between.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    });
}

/** Prints data that another program may read. */
export function print(text: string): void {
  process.stdout.write(shown(text, process.stdout));
}

/** Prints data as JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(redactor.redact(harmlessJson(value)));
}

/** Prints everything else. */
export function tell(text: string): void {
  process.stderr.write(`${shown(text, process.stderr)}\n`);
}

/** Prints a line that the next text replaces, cut at the terminal's width; without a text, none. */
export function tellMoving(text = ''): void {
  const [line = ''] = paragraph(text, widthOf(process.stderr) - 1);
  process.stderr.write(`\r\u001b[K${shown(line, process.stderr)}`);
}

/** The text without secrets, and without sequences that may control a terminal. */
function shown(text: string, stream: NodeJS.WriteStream): string {
  return harmless(redactor.redact(text), { colored: wantsColor(stream, true) });
}

/** Prints an error for a person: what went wrong and what to do, never a stack trace. */
export function tellError(error: unknown, account?: string): void {
  tell(`error${account === undefined ? '' : ` in account ${account}`}: ${describeError(error)}`);
}

/** True if to use color: only on a terminal, unless the person disabled it (https://no-color.org). */
export function wantsColor(stream: NodeJS.WriteStream, option: boolean): boolean {
  if (!option || process.env.NO_COLOR) return false;
  return stream.isTTY === true || Boolean(process.env.FORCE_COLOR);
}

/** Asks on the terminal; any answer except `yes` or `y` means no. Undefined once the signal is aborted. */
export async function ask(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(question, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
