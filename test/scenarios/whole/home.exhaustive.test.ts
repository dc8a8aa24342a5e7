import { beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { home, homeGuards, traefik } from '../../e2e/whole/home.ts';
import { Beginning } from '../stage/beginning.ts';
import { inTurn, isUncut, playedAt } from '../stage/cut.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { Settled } from '../stage/settled.ts';
import { shapeOf } from '../stage/shape.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import { standingTime } from '../stage/tally.ts';
import type { Misfortune } from '../stage/trouble.ts';
import { misfortunes } from '../stage/trouble.ts';

const first = home('/secrets');
const second = first
  .replace('groups: [admins] } }', 'groups: [family] } }')
  .replace('groups: [family], deliver', 'groups: [admins], deliver')
  .replace('      /api/health: { public: { reason: "uptime probe" } }\n', '')
  .replace('{ public: { reason: "documentation" } }', '{ authentik: { mode: domain } }')
  .replace('  flows:', '  domains: { example.dev: { groups: [family] } }\n  flows:');

const clients = [
  { host: 'login.example.dev', client: 'api', admit: { groups: ['admins'] } },
  { host: 'vault.example.dev', client: 'vault', admit: { groups: ['family'] } },
];

/** The people whom either file admits. */
const meanwhile = [
  ...homeGuards.filter(({ host }) => host !== 'grafana.example.dev'),
  ...homeGuards
    .filter(({ host }) => host === 'grafana.example.dev')
    .map((guard) => ('path' in guard ? guard : { ...guard, admit: { groups: ['admins', 'family'] } })),
  { host: 'login.example.dev', client: 'api', admit: { groups: ['admins'] } },
];

const troubles = [
  { fault: 'status', status: 403 },
  { fault: 'status', status: 500 },
  { fault: 'drop' },
] as const;

/** One file after another, with one disturbance at a time. */
interface Step {
  readonly name: string;
  readonly file: string;
  readonly guards: readonly object[];
  /** The files that were applied before, undisturbed. */
  readonly before?: string;
}

const steps: readonly Step[] = [
  { name: 'the first apply', file: first, guards: [...homeGuards, ...clients] },
  { name: 'a change', file: second, guards: meanwhile, before: first },
];

standingTime();

describe.each(inTurn(steps))('$name', ({ name, file, guards, before }) => {
  let sandbox: Sandbox;
  let start: Snapshot;
  let disk: Disk;
  let undisturbed: unknown;
  let writes = 0;
  let reads: readonly string[] = [];
  const [beginning, settled] = [new Beginning(), new Settled()];

  beforeAll(async () => {
    sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    await askAdmin(sandbox, 'PUT', '/origins', traefik);
    disk = newDisk();
    if (before !== undefined) {
      expect(unfinished((await runProcess(sandbox, disk, before)).report)).toEqual([]);
      const behind = ['grafana.example.dev', 'docs.example.dev'];
      await askAdmin(sandbox, 'PUT', '/origins', { ...traefik, forwardAuth: behind });
    }
    await askAdmin(sandbox, 'PUT', '/guards', guards);
    for (const [username, group] of [
      ['ana', 'family'],
      ['root', 'admins'],
    ] as const) {
      // Adds a person outside the one group and in the other, if the group exists.
      const { results } = (await authentik(sandbox, 'GET', `/core/groups/?name=${group}`)) as Groups;
      const groups = results.map(({ pk }) => pk);
      await authentik(sandbox, 'POST', '/core/users/', {
        username,
        name: username,
        groups,
        type: 'internal',
      });
    }
    start = sandbox.snapshot();
    const since = sandbox.calls().at(-1)?.n ?? 0;
    const pass = await runProcess(sandbox, await copyOf(disk), file, undefined, beginning);
    expect(unfinished(pass.report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    undisturbed = await shapeOf(sandbox);
    ({ writes } = pass);
    reads = sandbox
      .calls(since)
      .filter(({ write }) => !write)
      .map(({ system, path }) => `${system} ${path}`);
    expect(writes).toBeGreaterThan(5);
  });

  /** Disturbs one run, then leaves the next alone: the same end, no duplicates, and nobody gets in meanwhile. */
  async function converges(where: string, fault: object | undefined, misfortune?: Misfortune): Promise<void> {
    sandbox.restore(start);
    const own = await copyOf(disk);
    if (fault !== undefined) await askAdmin(sandbox, 'POST', '/faults', fault);
    const since = sandbox.calls().at(-1)?.n ?? 0;
    await runProcess(sandbox, own, file, misfortune, beginning);
    await askAdmin(sandbox, 'DELETE', '/faults');
    const hit = sandbox.calls(since).filter(({ status }) => [0, 403, 500].includes(status));
    expect(hit.length > 0, `${where}: a call suffers`).toBe(fault !== undefined);
    expect(sandbox.exposures(), where).toEqual([]);
    await settled.once(sandbox, own, async () => {
      await runProcess(sandbox, own, file);
      expect(sandbox.exposures(), where).toEqual([]);
      await settled.once(sandbox, own, () => rests(own, where));
    });
  }

  async function rests(own: Disk, where: string): Promise<void> {
    const third = await runProcess(sandbox, own, file);
    expect(third.writes, `${where}: the third process writes nothing`).toBe(0);
    expect(third.report?.plan?.changes.filter(isPending), where).toEqual([]);
    expect(await shapeOf(sandbox), where).toEqual(undisturbed);
    expect(sandbox.exposures(), where).toEqual([]);
  }

  it.each(misfortunes)('at a write: %s', async (kind) => {
    const played = playedAt(writes).filter((misfortune) => misfortune.kind === kind);
    for (const { write } of played) {
      await converges(`${kind} at write ${write}`, undefined, { write, kind });
    }
    process.stdout.write(
      `${name}: ${played.length} of ${writes} writes × ${kind}: converged, zero exposures\n`,
    );
  });

  // A check rejects every second read.
  it('with one read rejected, at any place', async () => {
    const refused = [...reads.entries()].filter(([skip]) => isUncut || skip % 2 === 0);
    for (const [skip, path] of refused) {
      const fault = { match: { method: 'GET' }, fault: 'status', status: 403, skip, times: 1 };
      await converges(`403 at read ${skip + 1}, ${path}`, fault);
    }
    process.stdout.write(
      `${name}: ${refused.length} of ${reads.length} reads refused: converged, zero exposures\n`,
    );
  });

  // A check silences each path in one of the three ways, and its neighbor in the next.
  it.each(troubles)('with no answer at a path: %o', async (trouble) => {
    const turn = troubles.indexOf(trouble);
    const distinct = [...new Set(reads)].filter((_, index) => isUncut || index % troubles.length === turn);
    for (const read of distinct) {
      const [system, path] = read.split(' ');
      await converges(`${JSON.stringify(trouble)} at ${read}`, {
        match: { system, method: 'GET', path },
        ...trouble,
      });
    }
    process.stdout.write(`${name}: ${distinct.length} paths silent: converged, zero exposures\n`);
  });
});

interface Groups {
  readonly results: readonly { readonly pk: string }[];
}

function authentik(sandbox: Sandbox, method: string, path: string, body?: object): Promise<unknown> {
  const call = { actor: 'somebody', system: 'authentik', method, path: `/api/v3${path}`, body };
  return askAdmin(sandbox, 'POST', '/edit', call);
}
