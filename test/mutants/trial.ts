import { isPending } from '../../src/core/change.ts';
import { createSandbox, type Exposure } from '../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home } from '../scenarios/homes/authentik-home.ts';
import { host, Moves, type State, union } from '../scenarios/moves/moves.ts';
import { copyOf, newDisk } from '../scenarios/stage/disk.ts';
import { shapeOf } from '../scenarios/stage/shape.ts';
import { runProcess, unfinished } from '../scenarios/stage/stage.ts';
import type { Misfortune } from '../scenarios/stage/trouble.ts';

/** A move of a host, and the world around it. */
export interface Trial {
  /** The state before; absent for a first apply. */
  readonly before?: State;
  readonly after: State;
  /** Foreign rules of the tunnel. */
  readonly theirs?: readonly { readonly hostname?: string; readonly service: string }[];
  /** True if a foreign name leads every host into the tunnel. */
  readonly named?: true;
  /** True if the origin does not send the host through the outpost, so that its gate cannot be confirmed. */
  readonly unproved?: true;
  /** The misfortune that happens to one write of the move after the other. */
  readonly misfortune?: Misfortune['kind'];
  /** True if an interlock holds back changes that would admit somebody new. */
  readonly interlocked?: true;
}

/**
 * Finds everything that is wrong with a move: exposures on the way or at its end, undone changes, changes that a second
 * run would still make, and an end that differs from that of `sound`, the correct move. It never uses the planner to
 * judge.
 */
export class Court {
  readonly #moves: Moves;
  readonly #trial: Trial;
  readonly #start: () => ReturnType<typeof copyOf>;

  private constructor(moves: Moves, trial: Trial, start: () => ReturnType<typeof copyOf>) {
    this.#moves = moves;
    this.#trial = trial;
    this.#start = start;
  }

  /** Prepares the start of the move, without a mutant. */
  static async of(trial: Trial): Promise<Court> {
    const { before, after, theirs, named, unproved } = trial;
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [clientGuard]);
    await moves.sendThroughOutpost(behind);
    if (theirs !== undefined) await place(moves, theirs, named === true);
    const first = sandbox.snapshot();
    const scene =
      before === undefined
        ? { snapshot: first, disk: newDisk() }
        : await moves.withMember(await moves.sceneOf(first, before), ['admins', 'family']);
    return new Court(moves, trial, async () => {
      sandbox.restore(scene.snapshot);
      if (unproved === true) await moves.sendThroughOutpost(behind.filter((other) => other !== host));
      await moves.guard(before === undefined ? after.guards : union(before, after));
      return copyOf(scene.disk);
    });
  }

  async judge(sound?: unknown): Promise<{ readonly findings: readonly string[]; readonly end: unknown }> {
    const { misfortune } = this.#trial;
    const undisturbed = await this.#run();
    const findings = [...undisturbed.findings];
    const end = sound ?? undisturbed.end;
    if (JSON.stringify(undisturbed.end) !== JSON.stringify(end)) findings.push('another end');
    if (misfortune === undefined) return { findings, end };
    for (let write = 1; write <= undisturbed.writes; write += 1) {
      const disturbed = await this.#run({ write, kind: misfortune });
      findings.push(...disturbed.findings);
      if (JSON.stringify(disturbed.end) !== JSON.stringify(end)) findings.push('another end');
    }
    return { findings, end };
  }

  async #run(misfortune?: Misfortune) {
    const { sandbox } = this.#moves;
    const { after, unproved, interlocked = false } = this.#trial;
    const file = home(after);
    const disk = await this.#start();
    const { report, writes } = await runProcess(
      sandbox,
      disk,
      file,
      misfortune,
      undefined,
      undefined,
      interlocked,
    );
    const findings = unproved === true ? [] : unfinished(report).map((change) => `not done: ${change}`);
    const again = await runProcess(sandbox, disk, file, undefined, undefined, undefined, interlocked);
    if (again.writes > 0) findings.push(`no rest: ${again.writes} writes of a second pass`);
    const pending = again.report?.plan?.changes.filter(isPending) ?? [];
    if (unproved !== true) findings.push(...pending.map(({ id }) => `no rest: ${id}`));
    findings.push(...sandbox.exposures().map(exposureText));
    const end = await shapeOf(sandbox);
    if (unproved !== true) findings.push(...(await this.#moves.judgedBy(after.guards)).map(exposureText));
    return { findings, writes, end };
  }
}

function exposureText({ principal, host, path, servedBy }: Exposure): string {
  return `exposed: ${principal} at ${host}${path}, by ${servedBy}`;
}

async function place(moves: Moves, theirs: readonly object[], named: boolean): Promise<void> {
  const { sandbox } = moves;
  const { tunnels } = JSON.parse(sandbox.snapshot()) as { readonly tunnels: readonly { id: string }[] };
  const path = `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnels[0]?.id}/configurations`;
  const catchAll = { service: 'http_status:404' };
  const ingress = theirs.some(({ hostname }: { hostname?: string }) => hostname === undefined)
    ? theirs
    : [...theirs, catchAll];
  await moves.byHand('PUT', path, { config: { ingress } });
  if (!named) return;
  const content = `${tunnels[0]?.id}.cfargotunnel.com`;
  await moves.byHand('POST', moves.records, { type: 'CNAME', name: '*', content, proxied: true, ttl: 1 });
}
