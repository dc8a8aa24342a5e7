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
    throw error;
  }
  for (const id of applicationIds) await endSessions(world, id);
  return result;
}

/** Ends every session of an application, and clears its note; one that is gone has no sessions. */
export async function endSessions(world: World, applicationId: string): Promise<void> {
  try {
    await world.cloudflare.post(`${await accountPath(world)}/access/apps/${applicationId}/revoke_tokens`);
  } catch (error) {
    if (!(error instanceof RejectedError) || error.facts.status !== 404) throw error;
  }
  await world.notes.clear(revocationTopic, applicationId);
}

function surelyNotDone(error: unknown): boolean {
  if (error instanceof RejectedError) return true;
  return error instanceof UnreachableError && error.facts.applied === 'no';
}
