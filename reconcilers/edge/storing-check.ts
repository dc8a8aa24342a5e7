import { describeError, GatesError, UnsafeError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import type { EdgeFinding } from './finding.ts';
import { nameServersOf, waits } from './prober.ts';
import { type Storing, storingOf } from './reading/cached.ts';

/**
 * The measure that keeps a host's answers out of Cloudflare's cache: our rule or, if the file says so, a header of its
 * origin.
 */
export type Kept = 'rule' | 'header';

export interface StoringQuestion {
  readonly host: string;
  readonly kept: Kept;
  /** Headers with which the cover admits the request. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Requests new files until an answer shows that the edge stores none. A rule reaches the edge some seconds after the
 * API's answer, and before that every admitted visitor would leave copies for everybody. Undefined: the edge stores
 * nothing, or the origin's own headers hide until the end whether it would. The rule itself was read back.
 */
export async function awaitNotStored(
  question: StoringQuestion,
  world: World,
): Promise<EdgeFinding | undefined> {
  let finding: EdgeFinding | undefined;
  for await (const attempt of waits(world)) {
    const result = await storing(question, attempt, world);
    if (result === 'left-out' || (result === 'untold' && question.kept === 'header')) return undefined;
    finding = typeof result === 'string' ? findingOf(result, question) : result;
  }
  return finding;
}

/** The folder whose paths the tunnel itself answers, for this check. */
export const storingFolder = '/gates-cache/';

async function storing(
  { host, kept, headers }: StoringQuestion,
  attempt: number,
  world: World,
): Promise<Storing | EdgeFinding> {
  const { clock, edge, signal } = world;
  if (edge === undefined) throw new UnsafeError('There is no way to the edge from here');
  // A new name, of which the edge has no copy. The tunnel answers it for our rule, whatever the origin sends.
  const name = `${clock.now().getTime().toString(36)}-${attempt}.css`;
  const path = kept === 'rule' ? `${storingFolder}${name}` : `/gates-probe-${name}`;
  try {
    const nameServers = await nameServersOf(host, world);
    return storingOf(await edge.get({ host, path, headers, nameServers }, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GatesError)) throw error;
    return { by: undefined, seen: describeError(error), advice: undefined, weight: 'passing' };
  }
}

function findingOf(result: Storing, { kept }: StoringQuestion): EdgeFinding | undefined {
  if (result === 'untold' || result === 'left-out') return undefined;
  const [what, advice] =
    result === 'unasked'
      ? [
          'was answered before Cloudflare asked its cache',
          'a rule, a Worker or Access answers there: `gates doctor` names what stands before the tunnel',
        ]
      : [
          'would be stored by Cloudflare',
          kept === 'rule'
            ? 'the cache rule has no effect (yet): a page rule, a Worker or another cache rule may decide instead'
            : 'the origin does not send `Cloudflare-CDN-Cache-Control: no-store`: add it, or take `cache: header` out of the file',
        ];
  return { by: undefined, seen: `a file of a new name ${what}`, advice, weight: 'passing' };
}
