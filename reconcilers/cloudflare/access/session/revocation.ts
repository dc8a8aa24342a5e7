import { RejectedError, UnreachableError } from '../../../../src/core/errors.ts';
import type { World } from '../../../../src/core/world.ts';
import { accountPath } from '../../account/account.ts';
import { forgetArrived, momentOf, untilMoment } from './moment.ts';

/**
 * Notes under this topic name applications whose sessions gates must still end: for the first time or, if the text says
 * when it first ended them (RFC 3339), a second time.
 */
export const revocationTopic = 'revoke';

/** Applications whose sessions ended a second time, and when: the edge may still accept them for some seconds. */
const endedTopic = 'revoked';

/** The text in a plan. */
export const endsSessions =
  'ends the sessions there, and half a minute later once more; whoever stays admitted may meet an error for up to a minute';

/** The most attempts, and milliseconds before the second one; the pause then doubles. */
const tries = 4;
const firstPause = 500;

/**
 * Admits fewer people, and ends the sessions of those who got in before. Notes the applications first, so that the next
 * run finishes after a crash in between. If the narrowing was surely not done, the note is cleared. If it was, the note
 * remains until {@link endAgain}.
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
    // The write may have taken effect although its reply was lost: sessions end now rather than with the next run. The
    // notes stay, since the write may also take effect later.
    else for (const id of applicationIds) await revokeSurely(world, id);
    throw error;
  }
  for (const id of applicationIds) await endSessions(world, id);
  return result;
}

/**
 * Ends the sessions of these applications a second time, once the narrowing has surely reached the edge. In between, a
 * part of the edge that knew of the end but not yet of the narrowing may have started a new session.
 */
export async function endAgain(world: World, applicationIds: readonly string[]): Promise<void> {
  for (const id of applicationIds) {
    const narrowed = await momentOf(world.notes, revocationTopic, id);
    // The next run finds out whether the narrowing was done at all.
    if (narrowed === undefined) continue;
    await untilMoment(world, narrowed + world.longestLag);
    await revokeSurely(world, id);
    await world.notes.put(endedTopic, id, world.clock.now().toISOString());
    await world.notes.clear(revocationTopic, id);
  }
}

/**
 * Starts to end the sessions after a narrowing whose reply was lost, and which the run has since found to be done. The
 * time from which later changes must wait begins now.
 */
export async function endUnheard(world: World, applicationIds: readonly string[]): Promise<void> {
  const noted = await world.notes.list(revocationTopic);
  for (const id of applicationIds) {
    const isUnheard = noted.includes(id) && (await momentOf(world.notes, revocationTopic, id)) === undefined;
    if (isUnheard) await endSessions(world, id);
  }
}

/** Waits until no part of the edge accepts those sessions. */
export async function awaitEnd(world: World, applicationIds: readonly string[]): Promise<void> {
  for (const id of applicationIds) {
    const ended = await momentOf(world.notes, endedTopic, id);
    if (ended !== undefined) await untilMoment(world, ended + world.longestLag);
  }
}

/** Clears the notes of sessions that have ended everywhere by now. */
export function forgetEnded(world: World): Promise<void> {
  return forgetArrived(world, endedTopic);
}

/** Applications whose sessions a part of the edge may still accept. */
export async function endingSessions({ notes }: World): Promise<readonly string[]> {
  return [...new Set([...(await notes.list(revocationTopic)), ...(await notes.list(endedTopic))])];
}

/**
 * Ends sessions, with new attempts if the API does not answer, since the call is repeatable. The final error is never
 * an UnreachableError: after one, the engine would find the narrowing done and continue with changes that must not
 * happen while the old sessions last.
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

/** Ends every session of an application, and notes when. An application that was removed has none. */
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
