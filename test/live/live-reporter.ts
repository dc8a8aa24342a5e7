import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** What the report says of a story of the live suite. */
    story?: StoryLine;
  }
}

export interface StoryLine {
  readonly about: string;
  readonly name: string;
  /** Calls of gates, writes among them; those of the other person are not counted. */
  readonly calls: number;
  readonly writes: number;
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
    const line = `${lineOf(story, test.result().state === 'passed')}\n`;
    this.#lines.push(line);
    this.#print(line);
  }

  onTestRunEnd(): void {
    if (this.#file !== '') writeFileSync(this.#file, this.#lines.join(''));
  }
}

/** Of a story that failed half-way, how far it came says nothing. */
export function lineOf({ about, name, calls, writes }: StoryLine, holds: boolean): string {
  return `${about} · ${name} · ${holds ? `ok (calls ${calls}, writes ${writes})` : 'failed'}`;
}
