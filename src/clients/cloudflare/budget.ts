import type { Clock } from '../../core/world.ts';

/** A token's budget as an API reports it: 1,200 calls in 5 minutes for the whole token, including the dashboard. */
export interface Allowance {
  /** Calls left until `resetsAt`. */
  readonly remaining: number;
  /** Epoch milliseconds. */
  readonly resetsAt: number;
  /** Calls of a complete window; undefined if the API does not say. */
  readonly quota: number | undefined;
}

/** Paces calls so that the API never has to refuse one. */
export interface Budget {
  /** Resolves when the next call may be made, and counts it. */
  take(signal: AbortSignal): Promise<void>;
  /** Learns from the headers of a reply. */
  learn(headers: Headers): void;
  /** The rest of the current window; undefined if no window is known. */
  left(): Allowance | undefined;
}

/** The share of a window that is left to people, who use the same budget in the dashboard. */
const RESERVE = 0.1;

/** Below this share of a window, calls are spread over the remaining time. */
const CALM = 0.25;

const DEFAULT_QUOTA = 1200;

/** Milliseconds to wait before the next call. */
export function pace(allowance: Allowance | undefined, now: number): number {
  if (allowance === undefined || now >= allowance.resetsAt) return 0;
  const quota = allowance.quota ?? DEFAULT_QUOTA;
  const spare = allowance.remaining - Math.ceil(quota * RESERVE);
  const timeLeft = allowance.resetsAt - now;
  if (spare <= 0) return timeLeft;
  if (allowance.remaining > quota * CALM) return 0;
  return Math.ceil(timeLeft / (spare + 1));
}

/**
 * Reads `Ratelimit: "default";r=50;t=30` and `Ratelimit-Policy: "burst";q=100;w=60`. Of several limits, the one with
 * the fewest calls left counts. Older documents name `x-ratelimit-limit`, `-remaining` and `-reset` (seconds) instead.
 * Undefined without either.
 */
export function readAllowance(headers: Headers, now: number): Allowance | undefined {
  const limits = (headers.get('ratelimit') ?? '').split(',').map(readParameters);
  const quotas = (headers.get('ratelimit-policy') ?? '').split(',').map(readParameters);
  let tightest: Allowance | undefined;
  for (const { name, values } of limits) {
    const { r: remaining, t: seconds } = values;
    if (remaining === undefined || seconds === undefined) continue;
    if (tightest !== undefined && tightest.remaining <= remaining) continue;
    const policy = quotas.find((candidate) => candidate.name === name) ?? quotas[0];
    tightest = { remaining, resetsAt: now + seconds * 1000, quota: policy?.values.q };
  }
  return tightest ?? olderAllowance(headers, now);
}

function olderAllowance(headers: Headers, now: number): Allowance | undefined {
  const [remaining, seconds, quota] = ['remaining', 'reset', 'limit'].map((name) => {
    const text = headers.get(`x-ratelimit-${name}`) ?? '';
    return /^\d+$/.test(text) ? Number(text) : undefined;
  });
  if (remaining === undefined || seconds === undefined) return undefined;
  return { remaining, resetsAt: now + seconds * 1000, quota };
}

export function createBudget(clock: Clock): Budget {
  let allowance: Allowance | undefined;
  return {
    async take(signal) {
      const wait = pace(allowance, clock.now().getTime());
      // Counted before the wait, so that simultaneous calls queue behind each other.
      if (allowance !== undefined) allowance = { ...allowance, remaining: allowance.remaining - 1 };
      if (wait > 0) await clock.sleep(wait, signal);
    },
    learn(headers) {
      allowance = readAllowance(headers, clock.now().getTime()) ?? allowance;
    },
    left() {
      const isOpen = allowance !== undefined && clock.now().getTime() < allowance.resetsAt;
      return isOpen ? allowance : undefined;
    },
  };
}

function readParameters(item: string): { name: string; values: Readonly<Record<string, number>> } {
  const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
  const values: Record<string, number> = {};
  for (const parameter of parameters) {
    const [key = '', value = ''] = parameter.split('=');
    if (/^\d+(\.\d+)?$/.test(value)) values[key] = Number(value);
  }
  return { name, values };
}
