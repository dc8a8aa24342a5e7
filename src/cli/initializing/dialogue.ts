import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ConfigError, GatesError } from '../../core/errors.ts';
import { type InitQuestion, promptOf } from '../../init/question.ts';
import { paragraph, widthOf } from '../../report/screen/screen.ts';
import { tell } from '../surroundings/terminal.ts';

/** The person ended the questions with ^C or ^D: nothing is written. */
export class EndedDialogue extends GatesError {
  constructor() {
    super('The questions were ended');
  }
}

/** Asks questions. An answer of the command line is checked like one of a person, and not asked for again. */
export interface Dialogue {
  /** False without a terminal: only the command line answers. */
  readonly asks: boolean;
  /** Aborted when the person ends the questions, also while an answer is checked. */
  readonly signal: AbortSignal;
  answer<Value>(question: InitQuestion<Value>, given?: string): Promise<Value>;
  end(): void;
}

/** The dialogue at the terminal, or without one. */
export function startDialogue(): Dialogue {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return silentDialogue();
  return terminalDialogue();
}

/** Only the command line answers; the first question without an answer is an error. */
function silentDialogue(): Dialogue {
  return {
    asks: false,
    signal: new AbortController().signal,
    answer(question, given = question.preset?.answer) {
      if (given !== undefined) return givenAnswer(question, given);
      throw new ConfigError(`There is no terminal to ask: ${question.text}`, {
        hint: `Answer with ${question.flag}`,
      });
    },
    end: () => {},
  };
}

function terminalDialogue(): Dialogue {
  const ended = new AbortController();
  const screen = new MutableScreen();
  // One interface for all questions: between two of them the terminal would show what somebody pastes.
  const lines = createInterface({ input: process.stdin, output: screen, terminal: true, historySize: 0 });
  const end = () => ended.abort(new EndedDialogue());
  lines.on('SIGINT', end).on('close', end);
  return {
    asks: true,
    signal: ended.signal,
    async answer(question, given) {
      if (given !== undefined) return givenAnswer(question, given);
      for (;;) {
        const typed = await typedLine(lines, screen, question, ended.signal);
        const answer = typed === '' ? question.preset?.answer : typed;
        if (answer === undefined) continue;
        const reading = await question.read(answer);
        ended.signal.throwIfAborted();
        if ('value' in reading) {
          if (reading.remark !== undefined) say(reading.remark);
          return reading.value;
        }
        say(reading.wrong);
      }
    },
    end: () => lines.close(),
  };
}

async function givenAnswer<Value>(question: InitQuestion<Value>, given: string): Promise<Value> {
  const reading = await question.read(given);
  if ('wrong' in reading) throw new ConfigError(`${question.flag}: ${reading.wrong}`);
  if (reading.remark !== undefined) say(reading.remark);
  return reading.value;
}

/** Reads a line without the spaces around it. A secret is not shown. */
async function typedLine(
  lines: Interface,
  screen: MutableScreen,
  question: InitQuestion<unknown>,
  signal: AbortSignal,
): Promise<string> {
  const [...before] = paragraph(promptOf(question), widthOf(process.stderr));
  const prompt = `${before.pop() ?? ''} `;
  for (const line of before) tell(line);
  try {
    signal.throwIfAborted();
    if (question.secret !== true) return (await lines.question(prompt, { signal })).trim();
    process.stderr.write(prompt);
    screen.muted = true;
    return (await lines.question('', { signal })).trim();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    if (screen.muted) process.stderr.write('\n');
    screen.muted = false;
  }
}

/** Prints a remark below an answer. */
export function say(text: string): void {
  const width = widthOf(process.stderr);
  for (const line of text.split('\n').flatMap((part) => paragraph(part, width, '  '))) tell(line);
}

/** The terminal, which shows nothing while somebody types a secret. */
class MutableScreen extends Writable {
  muted = false;

  get columns(): number {
    return process.stderr.columns;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (!this.muted) process.stderr.write(chunk);
    done();
  }
}
