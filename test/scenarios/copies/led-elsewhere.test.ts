import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { surroundings } from '../homes/surroundings.ts';
import { host, Moves, type State } from '../moves/moves.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const [none, me] = ['none', 'me'].map((name) => states.find((item) => item.name === name)) as [State, State];
const wildcard = surroundings.filter(({ serves }) => serves);
const nobody = [{ host, admit: {} }];
const lag = { records: 25_000, revocations: 0 };

/** A host of Access below a wildcard that serves all hosts, after a person led its name past its tunnel. */
async function sceneLedElsewhere() {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  for (const { place } of wildcard) await place(moves);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), me);
  const { records } = JSON.parse(sandbox.snapshot()) as {
    readonly records: readonly { readonly id: string; readonly name: string }[];
  };
  const record = records.find(({ name }) => name === host);
  await moves.byHand('PATCH', `${moves.records}/${record?.id}`, { content: 'elsewhere.example.net' });
  // Its people leave copies there too.
  await moves.judgedBy(me.guards);
  return { moves, scene: moves.sceneNow(disk) };
}

it('a host whose name led elsewhere is purged once the edge does not follow it any more, wherever the run is killed', async () => {
  const { moves, scene } = await sceneLedElsewhere();
  const { sandbox } = moves;
  const run = (disk: Disk, write?: number) =>
    runProcess(
      sandbox,
      disk,
      home(none),
      write === undefined ? undefined : { write, kind: 'kill' },
      undefined,
      lag,
    );
  const leave = async (write?: number) => {
    sandbox.restore(scene.snapshot);
    const disk = await copyOf(scene.disk);
    await moves.guard([{ host, admit: me.guards[0]?.admit ?? {} }]);
    if (write !== undefined) await run(disk, write);
    const { report } = await run(disk);
    const again = await run(disk);
    expect([write, unfinished(report), again.writes, sandbox.exposures()]).toEqual([write, [], 0, []]);
    expect([write, await moves.judgedBy(nobody)]).toEqual([write, []]);
    return report?.outcomes.length ?? 0;
  };
  const changes = await leave();
  for (let write = 1; write <= changes; write += 1) await leave(write);
});
