import { describeError, GatesError, UnsafeError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import type { WrongTokens } from '../cloudflare/account/organization.ts';
import { zone } from '../cloudflare/account/zone.ts';
import { type CheckRequest, type EdgeFinding, type Expectation, findingOn } from './finding.ts';
import { type EdgeVerdict, verdictOn } from './reading/verdict.ts';

/** The requests to a host, and the expected answer to each. */
export interface Question {
  readonly host: string;
  readonly looks: readonly CheckRequest[];
  readonly expect: Expectation;
  /** Headers of every request, so that the cover admits it. */
  readonly headers: Readonly<Record<string, string>>;
  /** The reaction of Access to a wrong token in `headers`. Absent if they have none, or if it is unknown. */
  readonly wrongTokens?: WrongTokens | undefined;
  /** gates wrote something that the answer depends on, and that may not have reached the edge. */
  readonly changed?: boolean;
  /** Reads an answer; the default reads it as one of the edge. */
  readonly judge?: typeof verdictOn;
  /**
   * True if paths of the host are closed for now: the rule of a path whose gate is removed answers 503 until everything
   * else has been checked. Nobody gets in there, and it opens only after this check, so the check must not wait for it.
   */
  readonly closesPath?: (path: string) => Promise<boolean>;
  /**
   * True if the Access application of this audience is one of ours at a path whose gate is removed: like the path's
   * rule it stays until everything else has been checked, and until then it asks.
   */
  readonly leavesPath?: (audience: string) => Promise<boolean>;
  /**
   * True if the tunnel demands a token of Access at this path, which the request does not get: by a rule that stays if nothing is removed,
   * or since an application that stays leads around the cover.
   */
  readonly demandsToken?: (path: string) => Promise<boolean>;
  /**
   * True if the tunnel admits everybody at this path, as it decodes it, by a rule that stays if nothing is removed. An
   * exception with an encoded slash never reaches the gate then.
   */
  readonly opensPath?: (path: string) => Promise<boolean>;
}

/** Milliseconds that a new gate may take to be everywhere. */
const patience = 90_000;
const firstPause = 1_000;
const longestPause = 10_000;
/** The most answers from the application that may be leftovers from before the gate. */
const mostOpenings = 3;

/** Asks until the gate answers everywhere, or until it is clear that it will not. Undefined if it does. */
export async function checkGate(question: Question, world: World): Promise<EdgeFinding | undefined> {
  const begun = world.clock.now().getTime();
  const arrived = begun + (question.changed === true ? world.longestLag : 0);
  let openings = 0;
  let finding: EdgeFinding | undefined;
  for await (const _ of waits(world)) {
    finding = await askOnce(question, world);
    if (finding === undefined || finding.weight === 'person') return finding;
    if (finding.weight === 'open') openings += 1;
    if (openings >= mostOpenings && world.clock.now().getTime() >= arrived) return finding;
  }
  return finding;
}

/** Attempts, counted from 0, with growing pauses, for as long as any change takes to reach the edge. */
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

/** Asks once. Returns the first finding that somebody gets in, else the first other finding. */
export async function askOnce(question: Question, world: World): Promise<EdgeFinding | undefined> {
  const { host, looks, expect, judge = verdictOn, wrongTokens } = question;
  const edge = world.edge;
  if (edge === undefined) throw new UnsafeError('There is no way to the edge from here');
  const nameServers = await nameServersOf(host, world);
  let first: EdgeFinding | undefined;
  const hidden: CheckRequest[] = [];
  for (const probe of looks) {
    const finding = await ask(probe);
    if (finding === 'hidden') {
      hidden.push(probe);
      continue;
    }
    if (finding?.weight === 'open') return finding;
    first ??= finding;
    // An obstacle in front of the first request stops the others too.
    if (first !== undefined && probe === looks[0]) return first;
  }
  return first ?? noneSeen(question, hidden);

  async function isLeaving(verdict: EdgeVerdict, { path, encoded }: CheckRequest): Promise<boolean> {
    if (verdict.by === 'closed') return (await question.closesPath?.(path)) === true;
    if (verdict.by === 'application') return encoded === true && (await question.opensPath?.(path)) === true;
    if (verdict.by === 'block') return (await question.demandsToken?.(path)) === true;
    if (verdict.by !== 'access-login' && verdict.by !== 'access-refusal') return false;
    return verdict.audience !== undefined && (await question.leavesPath?.(verdict.audience)) === true;
  }

  async function ask(probe: CheckRequest): Promise<EdgeFinding | 'hidden' | undefined> {
    const headers = { ...question.headers, ...probe.headers };
    const method = probe.method === undefined ? {} : { method: probe.method };
    const get = (path: string) =>
      (edge as NonNullable<typeof edge>).get({ host, path, ...method, headers, nameServers }, world.signal);
    try {
      const verdict = judge(await get(probe.path), host, probe.path);
      // The answer of the Worker at its own path counts, whatever rules lie there.
      const isOrdinary = probe.path !== '/' && expect.type !== 'worker';
      if (isOrdinary && (await isLeaving(verdict, probe))) return 'hidden';
      if (verdict.by !== 'authentik-start') return findingOn(probe, verdict, expect, wrongTokens);
      const next = judge(await get(verdict.path), host, verdict.path);
      return findingOn(probe, next, expect, wrongTokens);
    } catch (error) {
      world.signal.throwIfAborted();
      if (!(error instanceof GatesError)) throw error;
      return { by: undefined, seen: describeError(error), advice: undefined, weight: 'passing' };
    }
  }
}

/** The finding if no call to the hooks listener was possible: only a call shows that the listener is there. */
function noneSeen({ looks, expect }: Question, hidden: readonly CheckRequest[]): EdgeFinding | undefined {
  if (expect.type !== 'hooks' || looks.some((one) => one.method === 'POST' && !hidden.includes(one)))
    return undefined;
  return {
    by: undefined,
    seen: 'every path of its calls has a gate of its own, or had one',
    advice: 'have the paths leave the file first, and the gate change after that',
    weight: 'person',
  };
}

/** The name servers of the host's zone; none if the file does not have the zone. */
export async function nameServersOf(host: string, world: World): Promise<readonly string[]> {
  const zones = await world.read(zone);
  const [own] = zones
    .filter(({ address: { key } }) => host === key || host.endsWith(`.${key}`))
    .sort((left, right) => right.address.key.length - left.address.key.length);
  const { nameServers = '' } = own?.attributes ?? {};
  return nameServers === '' ? [] : nameServers.split(' ');
}
