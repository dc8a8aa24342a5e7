import { RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from '../account/account.ts';
import { forgetArrived, momentOf, untilMoment } from './moment.ts';

/**
 * Notes under this topic name the applications whose sessions are still to be ended, for the first time or, where the text
 * says when they were (RFC 3339), once more.
 */
export const revocationTopic = 'revoke';

/** Applications whose sessions were ended once more, and when: the edge may still take them for some seconds. */
const endedTopic = 'revoked';

/** For the plan. */
export const endsSessions =
  'ends the sessions there, and half a minute later once more; whoever stays admitted may meet an error for up to a minute';

/** Tries in all, and milliseconds before the second, which then double. */
const tries = 4;
const firstPause = 500;

/**
 * Narrows who gets in, and ends the sessions of those who got in before: the applications are noted first, so
 * that a crash between the two is made good by the next run. A narrowing that was surely not done leaves no
 * note behind. One that was done leaves it until {@link endAgain}.
 */
export async function narrow<T>(
  world: World,
  applicationIds: readonly string[],
  act: () => Promise<T>,
): Promise<T> {
  const pending = await world.notes.list(revocationTopic);
  const noted = applicationIds.filter((id) => !pending.includes(id));
  for (const id of noted) await world.notes.put(revocationTopic, id);
  let result: T;
  try {
    result = await act();
  } catch (error) {
    if (surelyNotDone(error)) for (const id of noted) await world.notes.clear(revocationTopic, id);
    // The write may have taken effect although its reply was lost: sessions end now rather than with the next run. The notes
    // stay, since it may also come into force only after this.
    else for (const id of applicationIds) await revokeSurely(world, id);
    throw error;
  }
  for (const id of applicationIds) await endSessions(world, id);
  return result;
}

/**
 * Ends the sessions of these applications once more, when the narrowing has surely reached the edge: whoever came in
 * between, at a place that knew of the end of the sessions and not yet of the narrowing, got a new one.
 */
export async function endAgain(world: World, applicationIds: readonly string[]): Promise<void> {
  for (const id of applicationIds) {
    const narrowed = await momentOf(world.notes, revocationTopic, id);
    // Whether it was done at all is for the next run to see.
    if (narrowed === undefined) continue;
    await untilMoment(world, narrowed + world.longestLag);
    await revokeSurely(world, id);
    await world.notes.put(endedTopic, id, world.clock.now().toISOString());
    await world.notes.clear(revocationTopic, id);
  }
}

/**
 * Begins to end the sessions of a narrowing whose reply was lost, and which the run has found in force since: whatever
 * comes next in this run counts from now.
 */
export async function endUnheard(world: World, applicationIds: readonly string[]): Promise<void> {
  const noted = await world.notes.list(revocationTopic);
  for (const id of applicationIds) {
    const isUnheard = noted.includes(id) && (await momentOf(world.notes, revocationTopic, id)) === undefined;
    if (isUnheard) await endSessions(world, id);
  }
}

/** Waits until no place takes those sessions any more. */
export async function awaitEnd(world: World, applicationIds: readonly string[]): Promise<void> {
  for (const id of applicationIds) {
    const ended = await momentOf(world.notes, endedTopic, id);
    if (ended !== undefined) await untilMoment(world, ended + world.longestLag);
  }
}

/** Forgets what has ended everywhere by now. */
export function forgetEnded(world: World): Promise<void> {
  return forgetArrived(world, endedTopic);
}

/** Applications whose sessions may still be taken somewhere. */
export async function endingSessions({ notes }: World): Promise<readonly string[]> {
  return [...new Set([...(await notes.list(revocationTopic)), ...(await notes.list(endedTopic))])];
}

/**
 * Ends sessions, trying again where the API does not answer, which may be done as often as one likes. What fails
 * in the end is no UnreachableError: after that the engine would look, find the narrowing in force, and go on to
 * what must not happen while the old sessions last.
 */
async function revokeSurely(world: World, applicationId: string): Promise<'ended' | 'gone'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await revoke(world, applicationId);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (attempt === tries) {
        throw new RejectedError(
          'Fewer people are admitted, but the sessions of the others could not be ended',
          {
            hint: 'The next run ends them before anything else is done at that host',
            facts: error.facts,
            cause: error,
          },
        );
      }
      await world.clock.sleep(firstPause * 2 ** (attempt - 1), world.signal);
    }
  }
}

/** Ends every session of an application, and notes when; one that is gone has none. */
export async function endSessions(world: World, applicationId: string): Promise<void> {
  const narrowed = await world.notes.text(revocationTopic, applicationId);
  if ((await revokeSurely(world, applicationId)) === 'gone') {
    await world.notes.clear(revocationTopic, applicationId);
    return;
  }
  await world.notes.put(revocationTopic, applicationId, narrowed || world.clock.now().toISOString());
}

async function revoke(world: World, applicationId: string): Promise<'ended' | 'gone'> {
  try {
    await world.cloudflare.post(`${await accountPath(world)}/access/apps/${applicationId}/revoke_tokens`);
    return 'ended';
  } catch (error) {
    if (!(error instanceof RejectedError) || error.facts.status !== 404) throw error;
    return 'gone';
  }
}

function surelyNotDone(error: unknown): boolean {
  if (error instanceof RejectedError) return true;
  return error instanceof UnreachableError && error.facts.applied === 'no';
}
