import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** The line of the report about a story of the live suite. */
    story?: StoryLine;
  }
}

export interface StoryLine {
  readonly id: string;
  /** Calls of gates, including writes; those of the other person are not counted. */
  readonly calls: number;
  readonly writes: number;
  /** True if the story passed in a stopped run and was not played again. */
  readonly earlier?: true;
  /** The belief that the server cannot be made to show, and why. */
  readonly unshown?: string;
}

/**
 * One line for each story, without ids and times, so that equal servers give equal lines. Each goes to standard output
 * when its story ends, and to the file `GATES_LIVE_REPORT`.
 */
export default class LiveReporter implements Reporter {
  readonly #print: (text: string) => void;
  readonly #file: string;
  readonly #lines: string[] = [];

  /** Vitest passes an object without `print` and `file`. */
  constructor({ print, file }: { print?: (text: string) => void; file?: string } = {}) {
    this.#print = print ?? ((text) => void process.stdout.write(text));
    this.#file = file ?? process.env.GATES_LIVE_REPORT ?? '';
  }

  onTestCaseResult(test: Pick<TestCase, 'meta' | 'result'>): void {
    const { story } = test.meta();
    if (story === undefined) return;
    const line = lineOf(story, test.result().state === 'passed');
    this.#lines.push(`${line}\n`);
    this.#print(`${line}${story.earlier === true ? ', in an earlier run' : ''}\n`);
  }

  onTestRunEnd(): void {
    if (this.#file !== '') writeFileSync(this.#file, this.#lines.join(''));
  }
}

/** The line of a story. A failed story has no counts, which would only say how far it came. */
export function lineOf({ id, calls, writes, unshown }: StoryLine, holds: boolean): string {
  if (holds && unshown !== undefined) return `${id} · not shown: ${unshown}`;
  return `${id} · ${holds ? `ok (calls ${calls}, writes ${writes})` : 'failed'}`;
}
