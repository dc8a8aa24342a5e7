import { expect, it } from 'vitest';
import { createSandbox, parseLag } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home, plain, proxied } from '../homes/authentik-home.ts';
import { Moves, type State, union } from '../moves/moves.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const named = (states: readonly State[], name: string) =>
  states.find((state) => state.name === name) as State;

/**
 * A run repairs the policy of covers, and covers a host at once. The edge serves the earlier rules for a while, and Cloudflare's cache
 * answers whom they admit.
 */
it('a policy of covers that somebody opened covers no host before its repair is in force', async () => {
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
  const lag = parseLag('policies=60000');
  const { report } = await runProcess(sandbox, disk, home(after), undefined, undefined, lag);
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  expect(await listed()).toEqual([expect.objectContaining({ decision: 'non_identity' })]);
  expect((await runProcess(sandbox, disk, home(after), undefined, undefined, lag)).writes).toBe(0);
});
