import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import type { HistoryRun } from '../../../src/core/record/history.ts';
import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import { createForge, type Forge } from '../../daemon/forge.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../../e2e/support/processes.ts';
import { emptyFile, hosts, type RandomFile } from '../random-files/file.ts';
import { Author, webhookSecret } from './author.ts';
import type { Day, Event } from './days.ts';
import { firstFile, houseText, mistakes, turned } from './house.ts';
import { hasChanges, keptRuns } from './kept-runs.ts';
import { Oracle } from './oracle.ts';
import type { Month } from './played.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { WatchedDaemon } from './watched-daemon.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The time between runs that have nothing to do, in milliseconds. */
const BETWEEN = 1_500;

/** The house of the daemon, and the events of each day. */
export class Play {
  readonly #days: number;
  readonly #directory: string;
  readonly #stateDir: string;
  readonly #sandbox: SandboxProcess;
  readonly #oracle: Oracle;
  readonly #receiver: Receiver;
  readonly #forge: Forge;
  readonly #daemon: WatchedDaemon;
  readonly #author: Author;
  readonly #env: Readonly<Record<string, string>>;
  readonly #counts: Record<string, number> = {};
  readonly #ends: number[] = [];
  readonly #gone: { readonly from: number; readonly until: number }[] = [];
  readonly #findings: string[] = [];
  #memory: { readonly day: number; readonly rss: number }[] = [];
  #today = 0;
  #file: RandomFile = emptyFile;

  private constructor(parts: {
    days: number;
    directory: string;
    sandbox: SandboxProcess;
    receiver: Receiver;
    forge: Forge;
  }) {
    this.#days = parts.days;
    this.#directory = parts.directory;
    this.#sandbox = parts.sandbox;
    this.#oracle = new Oracle(parts.sandbox);
    this.#receiver = parts.receiver;
    this.#forge = parts.forge;
    this.#stateDir = path.join(parts.directory, 'state');
    this.#env = {
      ...parts.sandbox.env,
      GATES_STATE_DIR: this.#stateDir,
      GATES_REPOSITORY: `file://${parts.forge.bare}`,
      GATES_WEBHOOK_SECRET: webhookSecret,
    };
    this.#daemon = new WatchedDaemon(this.#env, path.join(parts.directory, 'clock'));
    this.#author = new Author(parts.forge, this.#daemon);
  }

  static async begin(seed: number, days: number): Promise<Play> {
    const directory = await temporaryDirectory();
    mkdirSync(path.join(directory, 'git'));
    const play = new Play({
      days,
      directory,
      sandbox: await startSandboxProcess(),
      receiver: await startReceiver(),
      forge: createForge(path.join(directory, 'git')),
    });
    const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: hosts };
    await play.#sandbox.admin('PUT', '/origins', traefik);
    const [first] = fc.sample(firstFile, { numRuns: 1, seed });
    if (first !== undefined) play.#file = turned(emptyFile, first);
    await play.#oracle.admit(play.#file);
    await play.#pushFile(true);
    await play.#daemon.launch();
    await play.#daemon.idle();
    return play;
  }

  async day(index: number, { events, pauses, staysWrong }: Day, pace: number): Promise<void> {
    this.#today = index;
    for (const [at, each] of events.entries()) {
      await pause((pace * (pauses[at] ?? 0)) / 100);
      await this.#happens(each);
      await this.#nobodyIn(`day ${index}, ${each.type}`);
    }
    // The last evening ends with a valid head, applied.
    await this.#evening(staysWrong && index < this.#days - 1);
  }

  /** The result of a day, for a progress report. */
  line(index: number): string {
    const notices = this.#receiver.webhook.length;
    const counts = { ...this.#counts, notices, findings: this.#findings.length };
    const words = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    return `day ${index + 1}: ${words.join(', ')}`;
  }

  /**
   * Plays the rest of the day: scheduled runs that have nothing to do. In the second half, which one process survives,
   * the test samples memory between them.
   */
  async quiet(index: number, until: number): Promise<void> {
    do {
      const { counts, result } = await this.#daemon.run();
      this.#count('quiet passes');
      if (result !== 'done' || hasChanges({ counts }))
        this.#findings.push(`day ${index}: a quiet pass was ${result}, ${JSON.stringify(counts)}`);
      await pause(Math.max(0, Math.min(BETWEEN, until - Date.now())));
      if (index >= this.#days / 2) this.#memory.push({ day: index, rss: this.#daemon.rss() });
    } while (Date.now() < until);
    await this.#nobodyIn(`day ${index}, quiet`);
  }

  /** Lets the machine and the sandbox sleep until the next day. */
  async night({ outage }: Day): Promise<void> {
    if (outage !== null) {
      this.#count('outages over night');
      const fault = { match: { system: outage, method: 'GET' }, fault: 'status', status: 403 };
      await this.#sandbox.admin('POST', '/faults', fault);
      await this.#daemon.run();
      // The duration of the trouble counts from here, not from the morning.
      await this.#daemon.noted('"unread ');
    }
    await this.#sleep('1d', DAY);
    await this.#daemon.run();
    if (outage === null) return;
    await this.#sandbox.admin('DELETE', '/faults');
    await this.#daemon.run();
  }

  /** Checks that the last push is applied, that the world matches it, and that no notice is missing. */
  async end(): Promise<Month> {
    // Held-back notices come too, once the hour is over.
    await this.#sleep('2h', 2 * HOUR);
    await this.#settled('in the end', await this.#daemon.run());
    if (this.#author.isHeadWrong) this.#findings.push('in the end: the head has a mistake');
    await pause(2_000);
    const { told, owed } = this.#daemon.note();
    if (told.held !== undefined || owed.length > 0)
      this.#findings.push(`in the end: not all is told: ${JSON.stringify({ held: told.held, owed })}`);
    await this.#daemon.end('SIGTERM');
    return {
      days: this.#days,
      counts: this.#counts,
      runs: this.#runs(),
      pushes: this.#author.pushes,
      ends: this.#ends,
      gone: this.#gone,
      receiver: this.#receiver,
      memory: this.#memory,
      findings: this.#findings,
      verified: await gates(['history', 'verify'], this.#env),
    };
  }

  async close(): Promise<void> {
    await this.#daemon.end('SIGKILL');
    await this.#sandbox.stop();
    await this.#receiver.stop();
    await remove(this.#directory);
  }

  async #happens(each: Event): Promise<void> {
    switch (each.type) {
      case 'push':
        for (const file of each.files) await this.#push(file);
        if (each.waits) await this.#daemon.idle();
        return;
      case 'mistake': {
        this.#count('pushes with a mistake');
        await this.#author.pushMistake(mistakes[each.of]?.(this.#text()) ?? '', `Try ${each.of}`);
        return;
      }
      case 'hand':
        await this.#daemon.idle();
        await this.#nobodyIn('before a hand');
        for (const deed of each.deeds) if (await this.#oracle.change(deed)) this.#count('edits by hand');
        this.#daemon.look();
        return;
      case 'faults':
        this.#count('faults', each.faults.length);
        for (const fault of each.faults) await this.#sandbox.admin('POST', '/faults', fault);
        this.#daemon.look();
        return;
      case 'restart':
        // One process survives the second half, so that its memory is meaningful.
        if (this.#today >= this.#days / 2 - 1) return;
        if (each.file !== null) await this.#push(each.file);
        else this.#daemon.look();
        await pause(each.after);
        await this.#restart(each.signal);
        return;
      case 'repository': {
        await this.#daemon.idle();
        this.#count('times without repository');
        const from = this.#daemon.now();
        renameSync(this.#forge.bare, `${this.#forge.bare}.gone`);
        await this.#daemon.run();
        if (each.restarts && this.#today < this.#days / 2 - 1) await this.#restart('SIGTERM');
        await this.#daemon.idle();
        renameSync(`${this.#forge.bare}.gone`, this.#forge.bare);
        this.#gone.push({ from, until: this.#daemon.now() });
        return;
      }
      case 'receiver':
        this.#receiver.refuse(each.times);
    }
  }

  async #restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#count(signal === 'SIGKILL' ? 'kills' : 'restarts');
    this.#ends.push(this.#daemon.now());
    await this.#daemon.end(signal);
    await this.#daemon.launch();
  }

  /** Ends all faults; then the last push is applied, and the next run writes nothing. */
  async #evening(staysWrong: boolean): Promise<void> {
    await this.#sandbox.admin('DELETE', '/faults');
    this.#receiver.refuse(0);
    await this.#daemon.idle();
    // The daemon reads only the head: a push below a later mistake is applied with the next good push.
    const isCovered =
      this.#author.isHeadWrong && !this.#runs().some(({ revision }) => revision === this.#author.valid);
    if (isCovered) this.#count('pushes under a mistake before a look');
    if (this.#author.isHeadWrong && (isCovered || !staysWrong)) await this.#pushFile();
    let last = await this.#daemon.run();
    for (let more = 0; more < 3 && (last.result !== 'done' || hasChanges(last)); more += 1) {
      last = await this.#daemon.run();
    }
    const when = `evening of day ${this.#today}`;
    await this.#settled(when, last);
    await this.#nobodyIn(when);
    await this.#nobodyIn(`${when}, by the last file alone`, await this.#oracle.admitOnly(this.#file));
  }

  /** Checks that the run had nothing left to do, and that the applied revision is the last good push. */
  async #settled(when: string, run: Pick<HistoryRun, 'result' | 'counts'>): Promise<void> {
    if (run.result !== 'done' || hasChanges(run))
      this.#findings.push(`${when}: not done: ${JSON.stringify(run)}\n${houseText(this.#file, '')}`);
    const { inForce } = await this.#daemon.status();
    if (inForce?.revision !== this.#author.valid)
      this.#findings.push(
        `${when}: lost push: ${this.#author.valid} is not in force, but ${inForce?.revision}`,
      );
  }

  /** Lets the machine and the sandbox sleep for so long. */
  async #sleep(words: string, milliseconds: number): Promise<void> {
    await this.#sandbox.admin('POST', '/clock', { advance: words });
    await this.#daemon.sleep(milliseconds);
  }

  async #push(next: Parameters<typeof turned>[1]): Promise<void> {
    this.#file = turned(this.#file, next);
    await this.#oracle.admit(this.#file);
    await this.#pushFile();
  }

  async #pushFile(silently = false): Promise<void> {
    this.#count('pushes');
    await this.#author.push(this.#text(), silently);
  }

  #runs(): readonly HistoryRun[] {
    return keptRuns(path.join(this.#stateDir, 'history'));
  }

  #text(): string {
    return houseText(this.#file, this.#receiver.url);
  }

  async #nobodyIn(when: string, exposed?: readonly Exposure[]): Promise<void> {
    const found = exposed ?? (await this.#oracle.exposed());
    if (found.length > 0)
      this.#findings.push(
        `EXPOSED, ${when}: ${JSON.stringify(found.slice(0, 5))}\n${houseText(this.#file, '')}`,
      );
  }

  #count(what: string, times = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + times;
  }
}
