import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Status } from '../../../src/report/status/status.ts';
import { collect, start } from '../../e2e/support/processes.ts';

const shiftedClock = path.resolve(import.meta.dirname, 'shifted-clock.mjs');
/** The time limit of a wait, in milliseconds. */
const PATIENCE = 120_000;

/** Processes of `gates run`, one at a time, on a calendar ahead of the machine's. */
export class WatchedDaemon {
  readonly #env: Readonly<Record<string, string>>;
  readonly #clock: string;
  #ahead = 0;
  #child: ChildProcess | undefined;
  #log: () => string = () => '';

  constructor(env: Readonly<Record<string, string>>, clock: string) {
    this.#clock = clock;
    this.#env = {
      ...env,
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
      GATES_LOG_FORMAT: 'json',
      NODE_OPTIONS: `--import=${shiftedClock}`,
      GATES_TEST_CLOCK: clock,
    };
    writeFileSync(clock, '0');
  }

  /** The daemon's time, in milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** The last line that it has logged. */
  log(): string {
    return this.#log().slice(-3_000);
  }

  async launch(): Promise<void> {
    this.#child = start(['run'], this.#env);
    this.#log = collect(this.#child.stderr);
    await this.#listening(1);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
  }

  /** Lets the machine sleep for so long; the daemon then stands by and takes its lease again. */
  async sleep(milliseconds: number): Promise<void> {
    const sessions = this.#sessions().length;
    this.#ahead += milliseconds;
    writeFileSync(this.#clock, String(this.#ahead));
    this.#child?.kill('SIGUSR2');
    await this.#listening(sessions + 1);
  }

  look(): void {
    this.#child?.kill('SIGHUP');
  }

  /** The address for webhooks. */
  hooks(): string {
    return this.#sessions().at(-1)?.hooks ?? '';
  }

  /** The daemon's own status. */
  async status(): Promise<Status> {
    const { status } = this.#sessions().at(-1) ?? {};
    return (await (await fetch(`${status}/api/status`)).json()) as Status;
  }

  /** Requests a run, and waits for the end of one that began then or later. */
  async run(): Promise<NonNullable<Status['lastRun']>> {
    await this.idle();
    const since = new Date(this.now()).toISOString();
    this.#child?.kill('SIGHUP');
    return until(`a run after ${since}`, this, async () => {
      const { lastRun, phase } = await this.status();
      return phase === 'idle' && lastRun !== undefined && lastRun.startedAt >= since ? lastRun : undefined;
    });
  }

  async idle(): Promise<void> {
    await until('the daemon to be idle', this, async () => {
      const { phase, waiting = [], lastRun } = await this.status();
      return phase === 'idle' && waiting.length === 0 && lastRun !== undefined ? true : undefined;
    });
  }

  /** Resolves once the note of sent notices contains these words. */
  async noted(words: string): Promise<void> {
    await until(`${words} to be noted`, this, () => (this.#note().includes(words) ? true : undefined));
  }

  /** The sent, held-back and missing notices on disk. */
  note(): { readonly told: { readonly held?: unknown }; readonly owed: readonly unknown[] } {
    return JSON.parse(this.#note());
  }

  #note(): string {
    return readFileSync(path.join(this.#env.GATES_STATE_DIR ?? '', 'notes', 'notify', 'told'), 'utf8');
  }

  /** The memory of the process, in bytes. */
  rss(): number {
    const text = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) * 1024;
  }

  #sessions(): readonly { readonly hooks: string; readonly status: string }[] {
    return this.#log()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.includes('"message":"listening"'))
      .map((line) => JSON.parse(line));
  }

  async #listening(times: number): Promise<void> {
    await until(`it to listen the ${times}. time`, this, () =>
      this.#sessions().length >= times ? true : undefined,
    );
  }

  get isGone(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null;
  }
}

async function until<T>(
  what: string,
  daemon: WatchedDaemon,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (daemon.isGone) throw new Error(`the daemon ended by itself:\n${daemon.log()}`);
    if (Date.now() > end) throw new Error(`waited ${PATIENCE / 1000} s for ${what}:\n${daemon.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
