import { createInterface } from 'node:readline/promises';
import { createRedactor } from '../../clients/redaction.ts';
import { describeError } from '../../core/errors.ts';
import { harmless, harmlessJson } from '../../report/screen/harmless.ts';
import { paragraph, widthOf } from '../../report/screen/screen.ts';

/** Every text that leaves the process goes through this, so that no secret ever does. */
export const redactor = createRedactor();

/** Data: what another program may read. */
export function print(text: string): void {
  process.stdout.write(shown(text, process.stdout));
}

/** Data as JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(redactor.redact(harmlessJson(value)));
}

/** Everything else. */
export function tell(text: string): void {
  process.stderr.write(`${shown(text, process.stderr)}\n`);
}

/** A line that the next text takes the place of, cut where the terminal ends; none without a text. */
export function tellMoving(text = ''): void {
  const [line = ''] = paragraph(text, widthOf(process.stderr) - 1);
  process.stderr.write(`\r\u001b[K${shown(line, process.stderr)}`);
}

/** Without secrets, and without what may act on a terminal. */
function shown(text: string, stream: NodeJS.WriteStream): string {
  return harmless(redactor.redact(text), { colored: wantsColor(stream, true) });
}

/** An error for a person: what went wrong and what to do, never a stack trace. */
export function tellError(error: unknown): void {
  tell(`error: ${describeError(error)}`);
}

/** Colour only where a person looks and has not said no (https://no-color.org). */
export function wantsColor(stream: NodeJS.WriteStream, option: boolean): boolean {
  if (!option || process.env.NO_COLOR) return false;
  return stream.isTTY === true || Boolean(process.env.FORCE_COLOR);
}

/** Asks on the terminal; anything but `yes` or `y` is a no. Undefined once the signal is aborted. */
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
