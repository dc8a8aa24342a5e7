import type { Reporter, TestModule } from 'vitest/node';
import type { Program } from './programs.ts';

/** `ProgramReporter` prints at the end, in one line, the number of skipped tests and the programs that they lack. */
export class ProgramReporter implements Reporter {
  readonly #print: (text: string) => void;

  constructor(print: (text: string) => void = (text) => void process.stdout.write(text)) {
    this.#print = print;
  }

  onTestRunEnd(modules: readonly Pick<TestModule, 'children'>[]): void {
    const programs = new Set<Program>();
    let skipped = 0;
    for (const { children } of modules) {
      for (const test of children.allTests('skipped')) {
        const { lacks = [] } = test.meta();
        if (lacks.length > 0) skipped += 1;
        for (const program of lacks) programs.add(program);
      }
    }
    if (skipped === 0) return;
    const tests = skipped === 1 ? '1 test needs' : `${skipped} tests need`;
    this.#print(`skipped: ${tests} ${[...programs].sort().join(', ')} (not installed)\n`);
  }
}
