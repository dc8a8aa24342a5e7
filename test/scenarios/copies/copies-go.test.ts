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
const wildcards = surroundings.filter(({ serves }) => serves);
const nobody = [{ host, admit: {} }];

interface Listed<T> {
  readonly result: readonly T[];
}

async function placeWildcards(moves: Moves): Promise<void> {
  for (const { place } of wildcards) await place(moves);
}

/** Names of the zone lead to the edge, also without a record of their own. */
async function placeWildcardName(moves: Moves): Promise<void> {
  const record = { type: 'CNAME', name: '*', content: 'theirs.example.net', proxied: true, ttl: 1 };
  await moves.byHand('POST', moves.records, record);
}

/** The host as it was before, with cached copies of its files, below a wildcard: by default, one that serves all hosts. */
async function sceneOf(before: State, place = placeWildcards) {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  await moves.sendThroughOutpost(behind);
  await place(moves);
  const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), groups);
  await moves.judgedBy(before.guards);
  return { moves, scene: moves.sceneNow(scene.disk) };
}

/** Somebody removes every rule of the tunnels that leads the host somewhere. */
async function deleteRules(moves: Moves) {
  const tunnels = `/accounts/${moves.sandbox.accountId}/cfd_tunnel`;
  const { result } = (await moves.byHand('GET', tunnels, undefined)) as Listed<{ readonly id: string }>;
  for (const { id } of result) {
    const path = `${tunnels}/${id}/configurations`;
    const {
      result: { config },
    } = (await moves.byHand('GET', path, undefined)) as {
      readonly result: {
        readonly config: { readonly ingress: readonly { readonly hostname?: string }[] } | null;
      };
    };
    if (config === null) continue;
    const ingress = config.ingress.filter(({ hostname }) => hostname !== host);
    await moves.byHand('PUT', path, { config: { ...config, ingress } });
  }
}

/** Somebody deletes the applications of Access at the host. */
async function deleteApplications(moves: Moves) {
  const applications = `/accounts/${moves.sandbox.accountId}/access/apps`;
  const { result } = (await moves.byHand('GET', applications, undefined)) as Listed<{
    readonly id: string;
    readonly domain?: string;
  }>;
  for (const { id, domain } of result)
    if (domain?.split('/', 1)[0] === host) await moves.byHand('DELETE', `${applications}/${id}`, undefined);
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

it('a public host leaves the file after somebody has deleted the rule that led to it: its copies are purged', async () => {
  const { moves, scene } = await sceneOf(open, placeWildcardName);
  const { sandbox } = moves;
  await moves.guard([{ host, admit: open.guards[0]?.admit ?? {} }]);
  await deleteRules(moves);
  const { report } = await runProcess(sandbox, scene.disk, home(none));
  expect([unfinished(report), await moves.judgedBy(nobody)]).toEqual([[], []]);
  expect((await runProcess(sandbox, scene.disk, home(none))).writes).toBe(0);
});

it('somebody deletes all that is left of a leaving host before its purge: the next run purges it, wherever the run was killed', async () => {
  const { moves, scene } = await sceneOf(me, placeWildcardName);
  const { sandbox } = moves;
  const purges: boolean[] = [];
  for (let write = 1; write <= 8; write += 1) {
    sandbox.restore(scene.snapshot);
    const disk = await copyOf(scene.disk);
    await moves.guard([{ host, admit: me.guards[0]?.admit ?? {} }]);
    await runProcess(sandbox, disk, home(none), { write, kind: 'kill' });
    await deleteRules(moves);
    await deleteApplications(moves);
    // What they opened themselves does not count.
    sandbox.restore(moves.sceneNow(disk).snapshot);
    const { report } = await runProcess(sandbox, disk, home(none));
    purges.push(report?.outcomes.some(({ change }) => change.includes('cached-copies')) === true);
    expect([write, unfinished(report), await moves.judgedBy(nobody)]).toEqual([write, [], []]);
    expect([write, (await runProcess(sandbox, disk, home(none))).writes]).toEqual([write, 0]);
  }
  // Once the killed run has purged the host, the next one has no reason to.
  expect(purges).toEqual([...purges].sort().reverse());
  expect(new Set(purges)).toEqual(new Set([true, false]));
});

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
