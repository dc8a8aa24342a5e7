import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { type Admitted, Moves, state, unionOf } from '../moves/moves.ts';
import { Hand } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const login = (keys: string, admit: Admitted) =>
  state(keys, `{ authentik: { mode: forwardAuth, ${keys} } }`, admit, {}, 'traefik');

const before = login('groups: [admins], policies: [office]', {
  rules: [{ include: [{ groups: ['admins'] }], require: [{ passes: ['policy office'] }] }],
});
const disabled = login('groups: [admins]', { groups: ['admins'] });
const after = login('groups: [family]', { groups: ['family'] });

/** Authentik skips a binding that is disabled, so its removal lets nobody in. */
it('a login gets other people and loses a policy that somebody disabled', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  const hand = new Hand(sandbox);
  await hand.post('/policies/expression/', { name: 'office', expression: 'return is_office(request)' });
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
  await hand.changeBinding('app-example-dev', { enabled: false }, 'policy');
  await moves.guard(unionOf([before, disabled, after]));
  const { report } = await moves.process(disk, home(after));
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  expect((await moves.process(disk, home(after))).writes).toBe(0);
  expect(await moves.judgedBy(after.guards)).toEqual([]);
});
