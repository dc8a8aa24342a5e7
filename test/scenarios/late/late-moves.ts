import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home as homeOfAuthentik, plain } from '../homes/authentik-home.ts';
import { certificateMoves, certificateStates } from '../homes/certificate-home.ts';
import { betweenGates, EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { home, states } from '../homes/plain-home.ts';
import { surroundings, themElsewhere } from '../homes/surroundings.ts';
import { explore } from '../moves/exploration.ts';
import { Moves } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

/** Plays every move between two states of a host without faults, but with every write arriving late. */
export function lateMoves(name: string): void {
  const tally = tallied(`moves ${name}`);
  const starts = surroundings.slice(0, 2).flatMap((around) => states.map((before) => ({ around, before })));

  describe(`a host without Authentik, ${name}`, () => {
    it.each(inTurn(starts))('$around.name, from: $before.name', async ({ around, before }) => {
      const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
      const moves = new Moves(sandbox, home, [themElsewhere], tally);
      await around.place(moves);
      const open = around.serves && before.service === undefined && { open: true as const };
      const scene = { ...(await moves.sceneOf(sandbox.snapshot(), before)), ...open };
      for (const after of states) {
        if (after !== before) await explore(moves, { scene, before, after, goesWrong: 'nothing' });
      }
    });
  });

  describe(`a host that Authentik guards, will guard, or did guard, ${name}`, () => {
    it.each(inTurn([...plain, ...authentik]))('from: $name', async (before) => {
      const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
      const moves = new Moves(sandbox, homeOfAuthentik, [clientGuard], tally);
      await moves.sendThroughOutpost(behind);
      const scene = await moves.sceneOf(sandbox.snapshot(), before);
      for (const after of [...plain, ...authentik]) {
        if (after !== before) await explore(moves, { scene, before, after, goesWrong: 'nothing' });
      }
    });
  });

  describe(`a host behind certificate authorities, ${name}`, () => {
    it.each(inTurn(certificateStates))('from: $name', async (before) => {
      const moves = await certificateMoves(tally);
      const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
      for (const after of certificateStates) {
        if (after !== before) await explore(moves, { scene, before, after, goesWrong: 'nothing' });
      }
    });
  });

  const every = Object.values(gates);
  const pairs = every.flatMap((item, index) => every.slice(index + 1).map((other) => ({ one: item, other })));
  describe(`a host between two gates, ${name}`, () => {
    it.each(inTurn(pairs))('there and back: $one.name and $other.name', async ({ one, other }) => {
      await betweenGates(await EveryGateMoves.open(tally), one, other, 'nothing');
    });
  });
}
