import { createHash } from 'node:crypto';
import type { Json } from './json.ts';

/** The kinds of writes that reach the edge after the API's answer, each with its own delay. */
export const LAG_KINDS = [
  'access',
  'login',
  'policies',
  'revocations',
  'tokens',
  'providers',
  'records',
  'waf',
  'cache',
  'shield',
  'organization',
  'workers',
] as const;

export type LagKind = (typeof LAG_KINDS)[number];

/** Milliseconds, or a range of which each write draws its own delay. */
export type Delay = number | readonly [from: number, to: number];

/** One delay for every kind, or some kinds with their own delays. */
export type LagOptions = Delay | ({ readonly [kind in LagKind]?: Delay } & { readonly seed?: string });

/** The delays of a world as plain JSON; absent if everything arrives at once. */
export interface Lag {
  delays: { [kind in LagKind]?: number | [from: number, to: number] };
  /** The seed of drawn delays, together with the number of earlier draws. */
  seed: string;
  drawn: number;
}

/**
 * The default delay of a revocation. Cloudflare: "All previously issued tokens will stop being accepted in 20-30
 * seconds".
 */
export const REVOCATION_MS = 25_000;

const FIRST_SEED = '1';

/** The lag of these options; undefined if nothing lags. */
export function lagOf(options: LagOptions | undefined): Lag | undefined {
  const given = isDelay(options) ? everyKind(options) : (options ?? {});
  const { seed = FIRST_SEED, ...named } = given;
  const delays: Lag['delays'] = {};
  for (const kind of LAG_KINDS) {
    const delay = named[kind] ?? (kind === 'revocations' ? REVOCATION_MS : 0);
    if (delay !== 0) delays[kind] = typeof delay === 'number' ? delay : [delay[0], delay[1]];
  }
  return Object.keys(delays).length === 0 ? undefined : { delays, seed, drawn: 0 };
}

/** Sets the lag from the next write on. Draws continue. */
export function setLag(world: { lag?: Lag }, options: LagOptions | undefined): void {
  const lag = lagOf(options);
  if (lag === undefined) delete world.lag;
  else world.lag = { ...lag, drawn: world.lag?.drawn ?? 0 };
}

function isDelay(options: LagOptions | undefined): options is Delay {
  return typeof options === 'number' || Array.isArray(options);
}

/** The delay for every kind. No revocation is faster than Cloudflare says, unless its own delay does. */
function everyKind(delay: Delay): Exclude<LagOptions, Delay> {
  const all = Object.fromEntries(LAG_KINDS.map((kind) => [kind, delay]));
  return typeof delay === 'number' ? { ...all, revocations: Math.max(delay, REVOCATION_MS) } : all;
}

/** A changed object of which the edge still knows the old version. */
export interface Pending {
  /** The name of the lagging kind (`lagging.ts`). */
  of: string;
  id: string;
  /** The version that the edge still uses; absent: it knows none. */
  before?: Json;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** The delay of one write; each draw is new, and the same seed repeats the draws. */
export function delayOf(lag: Lag | undefined, kind: LagKind): number {
  const delay = lag?.delays[kind];
  if (lag === undefined || delay === undefined) return 0;
  if (typeof delay === 'number') return delay;
  lag.drawn += 1;
  const digest = createHash('sha256').update(`${lag.seed}/${lag.drawn}`).digest();
  const [from, to] = delay;
  return from + Math.floor((digest.readUIntBE(0, 6) / 2 ** 48) * (to - from + 1));
}

/**
 * Parses a lag of `gates sandbox --lag` and `GATES_LAG`: `5000`, `random:0-30000`, `access=5000,records=random:0-2000`,
 * each with `,seed=7`; `random` alone is `random:0-30000`.
 * @throws {TypeError} for anything else.
 */
export function parseLag(text: string): LagOptions {
  let all: Delay = 0;
  const named: { [kind in LagKind]?: Delay } = {};
  let seed: string | undefined;
  for (const part of text.split(',')) {
    const [, name, value = ''] = /^(?:([a-z]+)=)?(.+)$/.exec(part.trim()) ?? [];
    if (name === 'seed') seed = value;
    else if (name === undefined) all = parseDelay(value);
    else named[kindCalled(name)] = parseDelay(value);
  }
  return { ...(all === 0 ? {} : everyKind(all)), ...named, ...(seed === undefined ? {} : { seed }) };
}

function kindCalled(name: string): LagKind {
  const kind = LAG_KINDS.find((known) => known === name);
  if (kind === undefined) throw new TypeError(`${name} does not lag; these do: ${LAG_KINDS.join(', ')}`);
  return kind;
}

function parseDelay(text: string): Delay {
  if (/^\d+$/.test(text)) return Number(text);
  const [, range, from = '0', to = '30000'] = /^random(:(\d+)-(\d+))?$/.exec(text) ?? [];
  if (text !== 'random' && range === undefined) {
    throw new TypeError(`${text} is no lag: it is milliseconds, or random:FROM-TO`);
  }
  if (Number(from) > Number(to)) throw new TypeError(`${text} ends before it begins`);
  return [Number(from), Number(to)];
}
