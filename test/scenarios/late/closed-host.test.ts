import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from '../homes/authentik-home.ts';
import { host, Moves, type State, union } from '../moves/moves.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

interface Rules {
  readonly result: { readonly config: { readonly ingress: readonly { readonly hostname?: string }[] } };
}

const named = (name: string) => [...plain, ...authentik].find((state) => state.name === name) as State;

/** Somebody had removed the rule, a wildcard would have answered, and the run was killed after it had made the rule closed. */
it('a host that a killed run closed gets its next gate, at another origin, before the people of its old one', async () => {
  const [before, after] = [named('ci'), named('family, by their domain')];
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const moves = new Moves(sandbox, home, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
  const account = `/accounts/${sandbox.accountId}/cfd_tunnel`;
  const tunnels = (await moves.byHand('GET', account, undefined)) as { result: { id: string }[] };
  const place = `${account}/${tunnels.result[0]?.id}/configurations`;
  const { result } = (await moves.byHand('GET', place, undefined)) as Rules;
  const closed = { service: 'http_status:503', originRequest: { httpHostHeader: 'gates-home' } };
  const ours = result.config.ingress.map((rule) =>
    rule.hostname === host ? { hostname: host, ...closed } : rule,
  );
  const wildcard = { hostname: '*.example.dev', service: 'http://other.lan:80' };
  const ingress = ours.toSpliced(-1, 0, wildcard);
  await moves.byHand('PUT', place, { config: { ingress } });
  await moves.guard(union(before, after));
  const { report } = await runProcess(sandbox, disk, home(after));
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
});
