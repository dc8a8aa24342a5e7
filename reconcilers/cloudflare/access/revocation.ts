import { RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from '../account.ts';

/** Notes under this topic name the applications whose sessions are still to be ended. */
export const revocationTopic = 'revoke';

/**
 * Narrows who gets in, and ends the sessions of those who got in before: the applications are noted first, so
 * that a crash between the two is made good by the next pass. A narrowing that was surely not done leaves no
 * note behind.
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
    else await endPerhaps(world, applicationIds);
    throw error;
  }
  for (const id of applicationIds) await endSessions(world, id);
  return result;
}

/**
 * The narrowing may be in force though its reply is lost: sessions end now rather than with the next pass. The
 * notes stay, since it may also come into force only after this.
 */
async function endPerhaps(world: World, applicationIds: readonly string[]): Promise<void> {
  for (const id of applicationIds) {
    try {
      await revoke(world, id);
    } catch {
      // The failure that is reported is that of the narrowing; the note brings this back.
    }
  }
}

/** Ends every session of an application, and clears its note; one that is gone has no sessions. */
export async function endSessions(world: World, applicationId: string): Promise<void> {
  await revoke(world, applicationId);
  await world.notes.clear(revocationTopic, applicationId);
}

async function revoke(world: World, applicationId: string): Promise<void> {
  try {
    await world.cloudflare.post(`${await accountPath(world)}/access/apps/${applicationId}/revoke_tokens`);
  } catch (error) {
    if (!(error instanceof RejectedError) || error.facts.status !== 404) throw error;
  }
}

function surelyNotDone(error: unknown): boolean {
  if (error instanceof RejectedError) return true;
  return error instanceof UnreachableError && error.facts.applied === 'no';
}
