import { createHash } from 'node:crypto';
import type { Json } from './json.ts';

/** What reaches the edge later than the API has answered, each with a delay of its own. */
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
] as const;

export type LagKind = (typeof LAG_KINDS)[number];

/** Milliseconds, or a range of which each write draws its own delay. */
export type Delay = number | readonly [from: number, to: number];

/** One delay for every kind, or some kinds with delays of their own. */
export type LagOptions = Delay | ({ readonly [kind in LagKind]?: Delay } & { readonly seed?: string });

/** The delays of a world: plain JSON, and absent where everything arrives at once. */
export interface Lag {
  delays: { [kind in LagKind]?: number | [from: number, to: number] };
  /** From which drawn delays follow, with the number of those drawn so far. */
  seed: string;
  drawn: number;
}

/**
 * How long a revocation takes where nobody says otherwise. Cloudflare: "All previously issued tokens will stop being
 * accepted in 20-30 seconds".
 */
export const REVOCATION_MS = 25_000;

const FIRST_SEED = '1';

/** Undefined where nothing lags. */
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

/** From the next write on. Draws go on where they are. */
export function setLag(world: { lag?: Lag }, options: LagOptions | undefined): void {
  const lag = lagOf(options);
  if (lag === undefined) delete world.lag;
  else world.lag = { ...lag, drawn: world.lag?.drawn ?? 0 };
}

function isDelay(options: LagOptions | undefined): options is Delay {
  return typeof options === 'number' || Array.isArray(options);
}

/** No revocation is faster than Cloudflare says, unless its own delay does. */
function everyKind(delay: Delay): Exclude<LagOptions, Delay> {
  const all = Object.fromEntries(LAG_KINDS.map((kind) => [kind, delay]));
  return typeof delay === 'number' ? { ...all, revocations: Math.max(delay, REVOCATION_MS) } : all;
}

/** An object that the edge does not know yet as it is. */
export interface Pending {
  /** Name of what lags (`lagging.ts`). */
  of: string;
  id: string;
  /** What the edge goes on with; absent: it knows of none. */
  before?: Json;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** The delay of one write; each draw differs from the last, and the same seed draws the same again. */
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
 * A lag as `gates sandbox --lag` and `GATES_LAG` say it: `5000`, `random:0-30000`, `access=5000,records=random:0-2000`,
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
