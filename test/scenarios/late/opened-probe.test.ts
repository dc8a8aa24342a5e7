import { expect, it } from 'vitest';
import { createSandbox, parseLag } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home, plain, proxied } from '../homes/authentik-home.ts';
import { Moves, type State, union } from '../moves/moves.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const named = (states: readonly State[], name: string) =>
  states.find((state) => state.name === name) as State;

/**
 * A run repairs the policy of covers, and covers a host at once. For a while the edge applies the open rules, and Cloudflare's cache
 * answers everybody whom they admit.
 */
it('somebody opens the policy of covers: no stored copy leaves while the edge still has its open rules', async () => {
  const [before, after] = [named(plain, 'ci'), proxied[0] as State];
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const moves = new Moves(sandbox, home, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
  const policies = `/accounts/${sandbox.accountId}/access/policies`;
  const listed = async () => {
    const { result } = (await moves.byHand('GET', policies, undefined)) as {
      readonly result: readonly { readonly id: string; readonly name: string; readonly decision: string }[];
    };
    return result.filter(({ name }) => name === 'gates:home/probe');
  };
  const [opened] = await listed();
  const everybody = { decision: 'bypass', include: [{ everyone: {} }] };
  await moves.byHand('PUT', `${policies}/${opened?.id}`, { name: opened?.name, ...everybody });
  await moves.guard(union(before, after));
  const lag = parseLag('policies=25000');
  const { report } = await runProcess(sandbox, disk, home(after), undefined, undefined, lag);
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  expect(await listed()).toEqual([expect.objectContaining({ decision: 'non_identity' })]);
  expect((await runProcess(sandbox, disk, home(after), undefined, undefined, lag)).writes).toBe(0);
});
