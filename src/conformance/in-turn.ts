import { UnreachableError } from '../core/errors.ts';
import type { TakenTurns, TurnTaker } from '../core/turn-taker.ts';
import type { World } from '../core/world.ts';
import type { Ground } from './ground.ts';

/** Milliseconds for which gates waits for another run, and between two tries. */
const patience = 30_000;
const pause = 2_000;

/**
 * Does something while no run of gates writes the tunnel, not even one with another state folder (decision 19). A token
 * that may not make the object of the turn is still asked about; then only runs of this state folder wait.
 * @throws UnreachableError if another run has the turn and does not end in time.
 */
export async function inTurnOfTunnel<T>(
  turns: TurnTaker,
  world: World,
  { tunnel }: Ground,
  act: (world: World) => Promise<T>,
): Promise<T> {
  const turn = await turnInTime(turns, world, `tunnel ${tunnel.id}`);
  try {
    return await act(turn.world);
  } finally {
    await turn.release();
  }
}

async function turnInTime(turns: TurnTaker, world: World, document: string): Promise<TakenTurns> {
  const { clock, signal } = world;
  const begun = clock.now().getTime();
  for (;;) {
    const next = await turns.take([document], world);
    if (!('waitsFor' in next)) return next;
    if (clock.now().getTime() - begun >= patience) throw stillHeld(next.waitsFor);
    await clock.sleep(pause, signal);
  }
}

function stillHeld(holder: string): UnreachableError {
  return new UnreachableError('Another gates writes the rules of this tunnel', {
    hint: 'Try again when its run is over. The turn of a killed run ends by itself once another gates has waited five minutes for it; --sweep removes that of a killed gates conformance at once',
    facts: { detail: holder },
  });
}
