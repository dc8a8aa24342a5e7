import { UnsafeError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import type { GateCheckSpec, GateVerdict } from './check-spec.ts';
import { closeAtOnce } from './close.ts';
import { describeFinding, type EdgeFinding, isUndecided } from './finding.ts';
import { type OriginCheck, staysSilent } from './origin.ts';
import type { Question } from './prober.ts';

/**
 * Notes of hosts that gates closed because of their origin, until the gate has been confirmed. If such a host is open
 * again, a person has vouched for it, and gates does not close it for the same reason.
 */
export const vouchable = 'closed-by-origin';

interface Unproved {
  readonly question: Question;
  readonly finding: EdgeFinding;
  /** Undefined if the run did not ask the origin. */
  readonly origin: OriginCheck | undefined;
}

/**
 * Handles a gate that failed its check: meanwhile only people whom it should admit may get through. The edge's answer
 * decides. If the edge shows nothing of the gate, the origin decides: if it admits strangers, so does the host,
 * because the obstacle that stops the probe at the edge does not stop everybody (decision 0001).
 */
export async function unproved(
  { covered, opened, stands }: GateCheckSpec,
  { question, finding, origin }: Unproved,
  world: World,
): Promise<{ readonly verdict: GateVerdict; readonly error: unknown }> {
  const { host } = question;
  const failure = (message: string, hint = describeFinding(finding)) =>
    new UnsafeError(message, { hint, facts: { detail: host } });
  if (covered) {
    const error = failure('Could not confirm that the gate works, so the host stays closed');
    return { verdict: 'covered', error };
  }
  const silent = origin?.verdict === 'silent' && isUndecided(finding);
  const openInside =
    silent && !(await world.notes.list(vouchable)).includes(host) && (await staysSilent(question, world));
  const isOpen = finding.weight === 'open' || openInside;
  if (!isOpen && (!opened || stands === true))
    return { verdict: 'unproved', error: failure('Could not check the gate') };
  try {
    await closeAtOnce(host, world);
  } catch (error) {
    if (!isOpen) return { verdict: 'unproved', error };
    // The finding of an open host counts even if the run is stopped here.
    const stopped =
      world.signal.aborted && failure('A stranger gets in, and the run ended before gates closed the host');
    return { verdict: 'open', error: stopped || error };
  }
  if (openInside) await world.notes.put(vouchable, host);
  const insideHint = openInside
    ? `${finding.seen}; checked from inside, its origin admits strangers: ${origin.seen}`
    : undefined;
  return {
    verdict: 'closed',
    error: failure('Could not confirm that the gate works, so the host now answers 503', insideHint),
  };
}
