import { RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from '../account.ts';

/** Notes under this topic name the applications whose sessions are still to be ended. */
export const revocationTopic = 'revoke';

/** Tries in all, and milliseconds before the second, which then double. */
const tries = 4;
const firstPause = 500;

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
    // It may be in force though its reply is lost: sessions end now rather than with the next pass. The notes
    // stay, since it may also come into force only after this.
    else for (const id of applicationIds) await revokeSurely(world, id);
    throw error;
  }
  for (const id of applicationIds) {
    await revokeSurely(world, id);
    await world.notes.clear(revocationTopic, id);
  }
  return result;
}

/**
 * Ends sessions, trying again where the API does not answer, which may be done as often as one likes. What fails
 * in the end is no UnreachableError: after that the engine would look, find the narrowing in force, and go on to
 * what must not happen while the old sessions last.
 */
async function revokeSurely(world: World, applicationId: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await revoke(world, applicationId);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (attempt === tries) {
        throw new RejectedError(
          'Fewer people are admitted, but the sessions of the others could not be ended',
          {
            hint: 'The next pass ends them before anything else is done at that host',
            facts: error.facts,
            cause: error,
          },
        );
      }
      await world.clock.sleep(firstPause * 2 ** (attempt - 1), world.signal);
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
