import { describeError, GatesError, UnsafeError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import type { WrongTokens } from '../cloudflare/account/organization.ts';
import { zone } from '../cloudflare/account/zone.ts';
import { type EdgeFinding, type Expectation, findingOn, type Look } from './look.ts';
import { type EdgeVerdict, verdictOn } from './verdict.ts';

/** The requests to a host, and the expected answer to each. */
export interface Question {
  readonly host: string;
  readonly looks: readonly Look[];
  readonly expect: Expectation;
  /** Sent with every look, so that the cover lets it by. */
  readonly headers: Readonly<Record<string, string>>;
  /** How Access takes a wrong token in `headers`; absent where they have none, or nobody can say. */
  readonly wrongTokens?: WrongTokens | undefined;
  /** Something was written that this depends on, and may not have reached the edge. */
  readonly changed?: boolean;
  /** How an answer is read; default: as one of the edge. */
  readonly judge?: typeof verdictOn;
  /**
   * Whether paths of the host are closed for now: the rule of a path whose gate goes answers 503 until all else has
   * been seen. Nobody gets in there, and waiting for it would be waiting for what waits for the look.
   */
  readonly closesPath?: (path: string) => Promise<boolean>;
  /**
   * Whether the Access application of this audience is one of ours at a path whose gate goes: like the rule of the path
   * it stays until all else has been seen, and asks wherever it stands.
   */
  readonly leavesPath?: (audience: string) => Promise<boolean>;
  /** Whether the tunnel demands a token of Access at this path, by a rule that stays where nothing is removed. */
  readonly demandsToken?: (path: string) => Promise<boolean>;
  /**
   * Whether the tunnel lets everybody by at this path, by a rule that stays where nothing is removed. It is about the path
   * as the tunnel decodes it: an exception with an encoded slash never comes to the gate then.
   */
  readonly opensPath?: (path: string) => Promise<boolean>;
}

/** A gate that is new takes a while to be everywhere; longer than this, something is wrong. Milliseconds. */
const patience = 90_000;
const firstPause = 1_000;
const longestPause = 10_000;
/** An answer from the application may be the last of the time before: seen so often, it is believed. */
const mostOpenings = 3;

/** Asks until the gate answers everywhere, or it is clear that it will not. Undefined: it does. */
export async function prove(question: Question, world: World): Promise<EdgeFinding | undefined> {
  const begun = world.clock.now().getTime();
  const arrived = begun + (question.changed === true ? world.longestLag : 0);
  let openings = 0;
  let finding: EdgeFinding | undefined;
  for await (const _ of waits(world)) {
    finding = await look(question, world);
    if (finding === undefined || finding.weight === 'person') return finding;
    if (finding.weight === 'open') openings += 1;
    if (openings >= mostOpenings && world.clock.now().getTime() >= arrived) return finding;
  }
  return finding;
}

/** Attempts, counted from 0, with growing pauses between them, for as long as anything takes to reach the edge. */
export async function* waits({ clock, signal }: World): AsyncGenerator<number> {
  const end = clock.now().getTime() + patience;
  let pause = firstPause;
  for (let attempt = 0; ; attempt += 1) {
    yield attempt;
    if (clock.now().getTime() + pause > end) return;
    await clock.sleep(pause, signal);
    pause = Math.min(longestPause, pause * 2);
  }
}

/** Asks once. The first thing that is wrong is told; what lets somebody in before what does not. */
export async function look(question: Question, world: World): Promise<EdgeFinding | undefined> {
  const { host, looks, expect, judge = verdictOn, wrongTokens } = question;
  const edge = world.edge;
  if (edge === undefined) throw new UnsafeError('There is no way to the edge from here');
  const nameServers = await nameServersOf(host, world);
  let first: EdgeFinding | undefined;
  const hidden: Look[] = [];
  for (const one of looks) {
    const finding = await ask(one);
    if (finding === 'hidden') {
      hidden.push(one);
      continue;
    }
    if (finding?.weight === 'open') return finding;
    first ??= finding;
    // An obstacle that meets the first request meets the rest.
    if (first !== undefined && one === looks[0]) return first;
  }
  return first ?? noneSeen(question, hidden);

  async function isLeaving(verdict: EdgeVerdict, { path, encoded }: Look): Promise<boolean> {
    if (verdict.by === 'closed') return (await question.closesPath?.(path)) === true;
    if (verdict.by === 'application') return encoded === true && (await question.opensPath?.(path)) === true;
    if (verdict.by === 'block') return (await question.demandsToken?.(path)) === true;
    if (verdict.by !== 'access-login' && verdict.by !== 'access-refusal') return false;
    return verdict.audience !== undefined && (await question.leavesPath?.(verdict.audience)) === true;
  }

  async function ask(one: Look): Promise<EdgeFinding | 'hidden' | undefined> {
    const headers = { ...question.headers, ...one.headers };
    const method = one.method === undefined ? {} : { method: one.method };
    const get = (path: string) =>
      (edge as NonNullable<typeof edge>).get({ host, path, ...method, headers, nameServers }, world.signal);
    try {
      const verdict = judge(await get(one.path), host, one.path);
      if (one.path !== '/' && (await isLeaving(verdict, one))) return 'hidden';
      if (verdict.by !== 'authentik-start') return findingOn(one, verdict, expect, wrongTokens);
      const next = judge(await get(verdict.path), host, verdict.path);
      return findingOn(one, next, expect, wrongTokens);
    } catch (error) {
      world.signal.throwIfAborted();
      if (!(error instanceof GatesError)) throw error;
      return { by: undefined, seen: describeError(error), advice: undefined, weight: 'passing' };
    }
  }
}

/** The finding if no call to the hooks listener could be made: only a call shows that the listener is there. */
function noneSeen({ looks, expect }: Question, hidden: readonly Look[]): EdgeFinding | undefined {
  if (expect.type !== 'hooks' || looks.some((one) => one.method === 'POST' && !hidden.includes(one)))
    return undefined;
  return {
    by: undefined,
    seen: 'every path of its calls has a gate of its own, or had one',
    advice: 'have the paths leave the file first, and the gate change after that',
    weight: 'person',
  };
}

/** Those of the zone that the host is in; none where it is in no zone of the file. */
export async function nameServersOf(host: string, world: World): Promise<readonly string[]> {
  const zones = await world.read(zone);
  const [own] = zones
    .filter(({ address: { key } }) => host === key || host.endsWith(`.${key}`))
    .sort((left, right) => right.address.key.length - left.address.key.length);
  const { nameServers = '' } = own?.attributes ?? {};
  return nameServers === '' ? [] : nameServers.split(' ');
}
