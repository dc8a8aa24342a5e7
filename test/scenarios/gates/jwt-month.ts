import { createSign, generateKeyPairSync } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { Notice } from '../../../src/core/record/notice.ts';
import { summarise } from '../../../src/daemon/run/run-report.ts';
import { advance, nothingReported, type Reported } from '../../../src/report/notices/advance.ts';
import { judgeRun } from '../../../src/report/notices/troubles.ts';
import type { Status } from '../../../src/report/status/status.ts';
import type { SigningKeyHome } from '../homes/signing-key-home.ts';
import type { Pass } from '../stage/stage.ts';

const MINUTE = 60_000;

/** The default of `cloudflare.apiShield.sync` and of `reconcile.schedule`, in minutes. */
const SYNC = 5;
/** The minutes after which each application gets a new token; the applications are equally far apart. */
const RENEWED = 45;
const APPLICATIONS = 3;
/** The minutes between restarts of the daemon, besides those right after each event. */
const RESTARTED = 421;

/** The title of a notice for the metric `gates_issuer_keys_changed_total`. */
const keysChanged = 'the keys of an issuer have changed, and not by `gates rotate`';

interface Token {
  readonly text: string;
  /** The end of the token, in milliseconds since 1970. */
  readonly ends: number;
}

/** A change of the key at a minute of the month: by `gates rotate`, or by somebody else. */
interface Event {
  readonly minute: number;
  readonly what: 'rotate' | 'replace by hand' | 'switch by hand';
}

interface Numbers {
  requests: number;
  rotations: number;
  /** The calls of the rotations. After each, every token in flight and a new one were tried. */
  calls: number;
  passes: number;
  /** The runs that changed something, by the minute. */
  readonly changed: number[];
  /** Minutes in which a valid token was refused. */
  readonly refused: number[];
  /** The invalid tokens that were admitted. */
  readonly admitted: string[];
  readonly notices: { readonly minute: number; readonly title: string }[];
  /** The configurations that checked tokens. */
  readonly configurations: Set<string>;
  /** The most keys at once in a configuration. */
  mostKeys: number;
}

export interface Play {
  readonly events: readonly Event[];
  readonly days: number;
  /** True if the scheduled run at this minute is made. */
  readonly isMade: (minute: number) => boolean;
  /** True if requests are sent at this minute. */
  readonly isRequested: (minute: number) => boolean;
}

/** Plays days at a house, minute by minute, with requests and runs at the chosen minutes. */
export class JwtMonth {
  readonly #home: SigningKeyHome;
  readonly numbers: Numbers = {
    requests: 0,
    rotations: 0,
    calls: 0,
    passes: 0,
    changed: [],
    refused: [],
    admitted: [],
    notices: [],
    configurations: new Set(),
    mostKeys: 0,
  };
  #inFlight: Token[] = [];
  #expired: string | undefined;
  #told: Reported = nothingReported;
  #toldByDaemon = 0;
  #minute = 0;
  readonly #foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  constructor(home: SigningKeyHome) {
    this.#home = home;
  }

  async play({ events, days, isMade, isRequested }: Play): Promise<Numbers> {
    const start = Date.now();
    for (this.#minute = 0; this.#minute < days * 24 * 60; this.#minute += 1) {
      const minute = this.#minute;
      vi.setSystemTime(start + minute * MINUTE);
      if (minute % (RENEWED / APPLICATIONS) === 0) await this.#fetch();
      for (const event of events) if (event.minute === minute) await this.#happen(event);
      if (isRequested(minute)) await this.#request();
      if (minute % SYNC === 0 && isMade(minute)) await this.#pass();
      if (minute % RESTARTED === 0 || events.some((event) => event.minute + 1 === minute))
        this.#home.restartDaemon();
    }
    return this.numbers;
  }

  async #fetch(): Promise<void> {
    const text = await this.#home.token();
    this.#inFlight.push({ text, ends: Number(claimsOf(text).exp) * 1000 });
  }

  async #happen({ what }: Event): Promise<void> {
    const [pair = ''] = await this.#home.pairs();
    if (what === 'replace by hand') await this.#home.replacePair(pair);
    if (what === 'switch by hand') await this.#home.signWith(await this.#home.makePair('made by hand'));
    if (what !== 'rotate') return this.#fetch();
    const { error, calls } = await this.#home.rotate({
      between: async () => {
        await this.#fetch();
        for (const { text, ends } of this.#inFlight) if (ends > Date.now()) await this.#try(text);
        this.#inFlight.pop();
      },
    });
    if (error !== undefined) throw error;
    this.numbers.rotations += 1;
    this.numbers.calls += calls.length;
  }

  /** Requests with the token that ends first, the newest, and an invalid one. */
  async #request(): Promise<void> {
    const now = Date.now();
    const over = this.#inFlight.filter(({ ends }) => ends <= now - 2 * MINUTE);
    this.#expired = over.at(-1)?.text ?? this.#expired;
    this.#inFlight = this.#inFlight.filter(({ ends }) => ends > now - 2 * MINUTE);
    const valid = this.#inFlight.filter(({ ends }) => ends > now);
    const [oldest, newest] = [valid[0], valid.at(-1)];
    if (oldest !== undefined) await this.#try(oldest.text);
    if (newest !== undefined && newest !== oldest) await this.#try(newest.text);
    const [name, bad] = await this.#bad(newest?.text ?? '');
    this.numbers.requests += 1;
    while (this.#home.told > this.#toldByDaemon) {
      this.#toldByDaemon += 1;
      this.numbers.notices.push({ minute: this.#minute, title: keysChanged });
    }
    if ((await this.#home.visit(bad)) === 200) this.numbers.admitted.push(`${name} at ${this.#minute}`);
  }

  async #try(token: string): Promise<void> {
    this.numbers.requests += 1;
    if ((await this.#home.visit(token)) !== 200) this.numbers.refused.push(this.#minute);
  }

  /** An invalid token; each minute has another sort. */
  async #bad(valid: string): Promise<readonly [name: string, token: string | undefined]> {
    const [header = '', payload = ''] = valid.split('.');
    const sorts = [
      () => ['none', undefined] as const,
      () => ['garbage', 'garbage'] as const,
      () => ['unsigned', `${part({ alg: 'none' })}.${payload}.`] as const,
      () => ['of another key by this name', this.#signed(header, payload)] as const,
      () => ['expired', this.#expired] as const,
      async () => ['of another client', await this.#home.token('other')] as const,
    ];
    // A token of another client needs a signature, so that one an hour suffices.
    const sort = this.#minute % 60 === 59 ? sorts[5] : sorts[this.#minute % 5];
    return (await sort?.()) ?? ['none', undefined];
  }

  #signed(header: string, payload: string): string {
    // Within an hour, the same token serves again, since only its key matters.
    const text = `${header}.${payload}`;
    return `${text}.${createSign('sha256').update(text).sign(this.#foreign).toString('base64url')}`;
  }

  async #pass(): Promise<void> {
    const { numbers } = this;
    const pass = await this.#home.pass();
    numbers.passes += 1;
    if (pass.writes > 0) numbers.changed.push(this.#minute);
    this.#notify(pass);
    if (this.#home.at === 'origin') return;
    const { id, credentials } = await this.#home.configuration();
    numbers.configurations.add(id);
    numbers.mostKeys = Math.max(numbers.mostKeys, credentials.keys.length);
  }

  /** Collects the notices of a run on an already applied revision, as the daemon does. */
  #notify({ report }: Pass): void {
    if (report === undefined) throw new Error('the pass was killed');
    const lastRun = { ...summarise(report, true, 'gates.yaml'), finishedAt: new Date().toISOString() };
    const status = { lastRun, gates: [], repository: { file: 'gates.yaml' } } as unknown as Status;
    const end = { status, passing: false, settled: true, expiring: [] };
    const now = new Date();
    const { told, notices } = advance(this.#told, judgeRun(end, now), { now, timezone: 'UTC' });
    this.#told = told;
    this.numbers.notices.push(...notices.map(({ title }: Notice) => ({ minute: this.#minute, title })));
  }
}

/**
 * Checks what must hold in any month, and returns its numbers in a line. At the edge, the next scheduled run adopts an
 * unexpected key; the origin adopts it as soon as a token names it.
 */
export function judged(at: 'edge' | 'origin', { events }: Pick<Play, 'events'>, numbers: Numbers): string {
  const byHand = events.filter(({ what }) => what !== 'rotate').map(({ minute }) => minute);
  const bound = at === 'edge' ? SYNC : 0;
  const gaps = byHand.map(
    (minute) => numbers.refused.filter((then) => then >= minute && then < minute + bound).length,
  );
  expect(numbers.rotations).toBe(events.length - byHand.length);
  expect(numbers.admitted).toEqual([]);
  // Valid tokens are refused only within the interval after an unexpected change.
  expect(numbers.refused.length).toBe(gaps.reduce((sum, gap) => sum + gap, 0));
  expect(numbers.configurations.size).toBe(at === 'edge' ? 1 : 0);
  // Each unexpected change causes one alert once it is found; a rotation and its end cause none.
  expect(numbers.notices).toEqual(
    byHand.map((minute) =>
      at === 'edge'
        ? {
            minute: Math.ceil(minute / SYNC) * SYNC,
            title: expect.stringMatching(/^Drift: .* gates reverted them/),
          }
        : { minute, title: keysChanged },
    ),
  );
  const count = (value: number) => value.toLocaleString('en');
  return [
    `at: ${at}: ${count(numbers.requests)} requests, ${count(numbers.passes)} passes, of them with changes ${numbers.changed.length}`,
    `${numbers.rotations} rotations of ${numbers.calls} calls with no valid token refused`,
    `${byHand.length} changes behind our back with ${gaps.join(' and ')} requests refused, within ${bound} minutes, each told once`,
    `${numbers.configurations.size} configuration with ${numbers.mostKeys} keys at most\n`,
  ].join('; ');
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}
