import { describe, expect, it } from 'vitest';
import { EveryGateMoves, everyGateHome, gates } from '../homes/every-gate-home.ts';
import { inTurn } from '../stage/cut.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { type State, union } from './moves.ts';

const tally = tallied('a protected service that leaves the file in the middle of a move');
const fileOf = ({ service }: State) =>
  everyGateHome({ service: service?.replace('    gate:', '    protect: true\n    gate:') });

const { people, groups, machines, outpost, domain, proxy, edge } = gates;
const pairs = [
  [people, machines],
  [outpost, people],
  [people, outpost],
  [proxy, machines],
  [domain, groups],
  [edge, people],
].flatMap(([one, other]) =>
  one === undefined || other === undefined ? [] : [{ one, other, names: `${one.name} to ${other.name}` }],
);

describe('a protected service whose gate changes', () => {
  it.each(inTurn(pairs))(
    'leaves the file after any write, and nobody new gets in: $names',
    async ({ one, other }) => {
      const moves = await EveryGateMoves.open(tally);
      const disk = newDisk();
      expect(unfinished((await moves.process(disk, fileOf(one))).report)).toEqual([]);
      await moves.guard(union(one, other));
      const begun = moves.sandbox.snapshot();
      for (let write = 1; ; write += 1) {
        moves.sandbox.restore(begun);
        const own = await copyOf(disk);
        const pass = await moves.process(own, fileOf(other), { write, kind: 'kill' });
        await moves.process(own, everyGateHome(gates.none));
        await moves.process(own, everyGateHome(gates.none));
        expect(moves.sandbox.exposures(), `killed at write ${write}`).toEqual([]);
        const { report } = await moves.process(own, fileOf(other));
        expect(unfinished(report), `killed at write ${write}`).toEqual([]);
        expect(await moves.judgedBy(other.guards), `killed at write ${write}`).toEqual([]);
        if (pass.writes < write) break;
      }
    },
  );
});
