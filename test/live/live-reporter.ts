import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** What the report says of a story of the live suite. */
    story?: StoryLine;
  }
}

export interface StoryLine {
  readonly id: string;
  /** Calls of gates, writes among them; those of the other person are not counted. */
  readonly calls: number;
  readonly writes: number;
  /** It passed in a run that was stopped, and was not played again. */
  readonly earlier?: true;
  /** What the server cannot be made to show, and why. */
  readonly unshown?: string;
}

/**
 * One line a story, the same at every server that behaves the same: no ids, no times. They go to standard output as
 * the stories end, and to the file that `GATES_LIVE_REPORT` names.
 */
export default class LiveReporter implements Reporter {
  readonly #print: (text: string) => void;
  readonly #file: string;
  readonly #lines: string[] = [];

  /** Vitest passes an object without any of these. */
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

/** Of a story that failed half-way, how far it came says nothing. */
export function lineOf({ id, calls, writes, unshown }: StoryLine, holds: boolean): string {
  if (holds && unshown !== undefined) return `${id} · not shown: ${unshown}`;
  return `${id} · ${holds ? `ok (calls ${calls}, writes ${writes})` : 'failed'}`;
}
