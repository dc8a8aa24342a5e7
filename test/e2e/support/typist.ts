import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { collect, type Environment } from './processes.ts';

const program = path.resolve(import.meta.dirname, '../../../dist/gates.js');

/** A person at a terminal, who reads each question before the answer. `script` makes the terminal. */
export class Typist {
  private readonly child: ChildProcess;
  private readonly printed: () => string;
  private readonly end: Promise<unknown>;
  private read = 0;

  constructor(args: readonly string[], env: Environment, cwd: string) {
    const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    // A terminal of 80 columns, whatever the test runs in.
    this.child = spawn('script', ['-qefc', `stty cols 80 rows 24; exec ${command}`, '/dev/null'], {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: cwd,
        NO_COLOR: '1',
        SHELL: '/bin/sh',
        TERM: 'xterm',
        ...env,
      },
    });
    this.end = once(this.child, 'close');
    this.printed = collect(this.child.stdout);
  }

  /** Everything on the screen so far: what the program prints, and what the terminal shows of the answers. */
  get screen(): string {
    return stripVTControlCharacters(this.printed()).replaceAll('\r', '');
  }

  /** Waits for a question that begins with this text, and types the answer. */
  async answer(question: string, keys: string): Promise<void> {
    for (;;) {
      const place = this.screen.indexOf(question, this.read);
      if (place >= 0 && this.screen.slice(place).endsWith(': ')) break;
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), this.end]);
      if (this.child.exitCode !== null)
        throw new Error(`the program ended before it asked "${question}": ${this.screen}`);
    }
    this.read = this.screen.length;
    this.child.stdin?.write(keys);
  }

  /** The exit code, once the program has ended. */
  async ended(): Promise<number | null> {
    await this.end;
    return this.child.exitCode;
  }
}
