import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, guardedPathByDomain, home } from '../homes/authentik-home.ts';
import { host, Moves, type State, union } from '../moves/moves.ts';
import { failed, type Trouble } from '../stage/trouble.ts';

const stateOf = (name: string) => authentik.find((each) => each.name === name) as State;

const withoutRules: Trouble = {
  meddle: async ({ system, request }, send) =>
    /http_request_cache_settings|configurations/.test(request.url) ? failed[system]() : send(),
};

/** An application of somebody else for a path of the host: gates refuses the host, beside it. */
async function placeApplication(moves: Moves): Promise<void> {
  const policies = [
    { name: 'theirs', decision: 'allow', include: [{ email: { email: 'them@example.dev' } }] },
  ];
  const body = { type: 'self_hosted', name: 'theirs', domain: `${host}/theirs`, policies };
  await moves.byHand('POST', `/accounts/${moves.sandbox.accountId}/access/apps`, body);
}

/** The path is skipped by Authentik because Access guards it, but a refused host gets no application. */
it.each([
  ['its rules cannot be read', 'family, by their domain', withoutRules],
  ['its rules cannot be read', 'family, by their domain, with open paths', withoutRules],
  ['it has an application of others', 'family, by their domain', undefined],
  ['it has an application of others', 'family, by their domain, with open paths', undefined],
])('Authentik goes on asking at a refused host: %s, %s', async (_, name, trouble) => {
  const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 }), home);
  await moves.sendThroughOutpost(behind);
  const before = stateOf(name);
  const scene = await moves.withMember(await moves.sceneOf(moves.sandbox.snapshot(), before), ['family']);
  if (trouble === undefined) await placeApplication(moves);
  await moves.guard(union(before, guardedPathByDomain));
  const { report } = await moves.process(scene.disk, home(guardedPathByDomain), trouble);
  const refused = (report?.plan?.changes ?? []).filter(({ verb }) => verb === 'refuse');
  expect(refused.map(({ address }) => address.key)).toContain(host);
  expect(moves.sandbox.exposures()).toEqual([]);
});
