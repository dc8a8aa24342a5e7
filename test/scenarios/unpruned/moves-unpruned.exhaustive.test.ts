import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { withoutCopiesLeft } from '../copies/copies-left.ts';
import { type Login, loginHome, loginStates, settlePeople } from '../homes/access-login-home.ts';
import { authentik, home as authentikHome, behind, clientGuard, plain } from '../homes/authentik-home.ts';
import { certificateMoves, certificateStates } from '../homes/certificate-home.ts';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { home as plainHome, states as plainStates } from '../homes/plain-home.ts';
import { ruleMoves, ruleStates } from '../homes/rule-home.ts';
import { Moves, type Scene, type State, union } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('moves with pruning off');
const newSandbox = () => createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });

/** A home, its states, and the groups of the person whom Authentik knows there. */
interface Home {
  readonly states: readonly State[];
  readonly open: () => Promise<Moves>;
  readonly groups?: readonly string[];
}

const homes: Readonly<Record<string, Home>> = {
  'client certificates': { states: certificateStates, open: () => certificateMoves(tally) },
  'rules of Access': { states: ruleStates, open: () => ruleMoves(tally) },
  'no Authentik': {
    states: plainStates,
    open: async () => new Moves(await newSandbox(), plainHome, [], tally),
  },
  'every gate': {
    states: Object.values(gates),
    open: () => EveryGateMoves.open(tally),
    groups: ['admins', 'family'],
  },
  Authentik: {
    states: [...plain, ...authentik],
    open: async () => {
      const moves = new Moves(await newSandbox(), authentikHome, [clientGuard], tally);
      await moves.sendThroughOutpost(behind);
      return moves;
    },
    groups: ['admins', 'family'],
  },
  'Access, which asks Authentik': {
    states: loginStates,
    open: async () => {
      const moves = new Moves(await newSandbox(), (of) => loginHome(of as Login), [], tally);
      await moves.sendThroughOutpost(['app.example.dev']);
      await settlePeople(moves);
      return moves;
    },
  },
};

const starts = Object.entries(homes).flatMap(([home, { states, ...rest }]) =>
  states.map((before) => ({ home, from: before.name, before, states, ...rest })),
);

/**
 * Moves every state to every other one with pruning off, where the objects of the earlier one stay. Some moves wait then, because
 * what stays would admit somebody whom neither file admits. With pruning on again, the next run does the rest.
 */
describe('a host from which nothing is removed', () => {
  it.each(inTurn(starts))('$home, from: $from', async ({ before, states, open, groups }) => {
    const moves = await open();
    const begun = await moves.sceneOf(moves.sandbox.snapshot(), before);
    const scene = groups === undefined ? begun : await moves.withMember(begun, groups);
    for (const after of states.filter((other) => other !== before)) await move(moves, scene, before, after);
  });
});

async function move(moves: Moves, scene: Scene, before: State, after: State): Promise<void> {
  const where = `${before.name} → ${after.name}`;
  const { sandbox } = moves;
  sandbox.restore(scene.snapshot);
  await moves.guard(union(before, after));
  const disk = await copyOf(scene.disk);
  const pruning = moves.fileOf(after);
  const file = `${pruning}\nreconcile: { prune: false }\n`;
  await moves.process(disk, file);
  expect(withoutCopiesLeft(sandbox.exposures(), disk), where).toEqual([]);
  expect((await moves.process(disk, file)).writes, where).toBe(0);
  expect(unfinished((await moves.process(disk, pruning)).report), where).toEqual([]);
  expect(withoutCopiesLeft(await moves.judgedBy(after.guards), disk), where).toEqual([]);
  moves.tally.moves += 1;
}
