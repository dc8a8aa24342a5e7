import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, home, plain } from '../homes/authentik-home.ts';
import { surroundings } from '../homes/surroundings.ts';
import { host, Moves, type State } from '../moves/moves.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const named = (name: string) => [...plain, ...authentik].find((item) => item.name === name) as State;
const [none, me, open, waiting, admins] = [
  ...['none', 'me', 'public', 'family, by their domain, with open paths', 'admins'],
].map(named) as [State, State, State, State, State];
const groups = ['admins', 'family'];
const wildcard = surroundings.filter(({ serves }) => serves);
const nobody = [{ host, admit: {} }];

/** The host as it was before, with cached copies of its files, below a wildcard that serves all hosts. */
async function sceneOf(before: State) {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  await moves.sendThroughOutpost(behind);
  for (const { place } of wildcard) await place(moves);
  const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), groups);
  await moves.judgedBy(before.guards);
  return { moves, scene: moves.sceneNow(scene.disk) };
}

it.each([me, open])(
  'a host that leaves the file has its copies purged while its name still resolves, wherever the run is killed: $name',
  async (before) => {
    const { moves, scene } = await sceneOf(before);
    const { sandbox } = moves;
    const leave = async (disk: Disk, write?: number) => {
      await moves.guard([{ host, admit: before.guards[0]?.admit ?? {} }]);
      if (write !== undefined) await runProcess(sandbox, disk, home(none), { write, kind: 'kill' });
      const { report } = await runProcess(sandbox, disk, home(none));
      const again = await runProcess(sandbox, disk, home(none));
      expect([write, unfinished(report), again.writes, sandbox.exposures()]).toEqual([write, [], 0, []]);
      expect([write, await moves.judgedBy(nobody)]).toEqual([write, []]);
      return report?.outcomes.length ?? 0;
    };
    sandbox.restore(scene.snapshot);
    const changes = await leave(await copyOf(scene.disk));
    for (let write = 1; write <= changes; write += 1) {
      sandbox.restore(scene.snapshot);
      await leave(await copyOf(scene.disk), write);
    }
  },
);

it('hosts of a domain are not purged in every run while its login waits for one whose origin does not ask', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  await moves.sendThroughOutpost(behind.filter((item) => item !== host));
  const { disk } = await moves.sceneOf(sandbox.snapshot(), me);
  const { report } = await runProcess(sandbox, disk, home(waiting));
  expect(unfinished(report)).not.toEqual([]);
  const again = await runProcess(sandbox, disk, home(waiting));
  expect(unfinished(again.report)).toEqual(unfinished(report));
  expect(again.writes).toBe(0);
});

it('the host to which somebody led a login is purged once, although the check of another host fails in every run', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), admins);
  await moves.sendThroughOutpost(behind.filter((item) => item !== host));
  const providers = '/api/v3/providers/proxy/';
  const { results } = (await moves.byHand('GET', providers, undefined, 'authentik')) as {
    readonly results: readonly { readonly pk: number; readonly external_host: string }[];
  };
  const login = results.find(({ external_host }) => external_host === `https://${host}`);
  const moved = { mode: 'forward_single', external_host: 'https://elsewhere.example.dev' };
  await moves.byHand('PATCH', `${providers}${login?.pk}/`, moved, 'authentik');
  const { report } = await runProcess(sandbox, disk, home(waiting));
  const purge = { change: expect.stringMatching(/cached-copies:elsewhere/), status: 'done' };
  expect(report?.outcomes).toContainEqual(expect.objectContaining(purge));
  const left = unfinished(report);
  expect(left).toContainEqual(expect.stringContaining('Could not confirm that the gate works'));
  expect(left).not.toContainEqual(expect.stringContaining('elsewhere'));
  expect((await runProcess(sandbox, disk, home(waiting))).writes).toBe(0);
});
