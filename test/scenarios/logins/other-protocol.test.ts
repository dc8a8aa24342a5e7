import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { Moves, type State, state } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

const file = (settings: string) => (of: State) =>
  home(of).replace('clients:\n', `clients:\n  grafana: { ${settings} }\n`);

const grafana = state('grafana asks', '{ authentik: { mode: saml, client: grafana } }', { public: true });
const other = state('grafana asks', '{ authentik: { mode: oidc, client: grafana } }', { public: true });

/** One of these changes follows the people of the old login, and the other one what they were asked for. */
it('a client comes to speak another protocol, and loses its flow and its policy', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const saml = file(
    'saml: { acsUrl: "https://app.example.dev/acs" }, groups: [family], flow: mfa, policies: [office]',
  );
  const oidc = file('redirectUris: ["https://app.example.dev/callback"], groups: [admins]');
  const moves = new Moves(sandbox, saml);
  const office = { name: 'office', expression: 'return is_office(request)' };
  await moves.byHand('POST', '/api/v3/policies/expression/', office, 'authentik');
  const mfa = { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' };
  await moves.byHand('POST', '/api/v3/flows/instances/', mfa, 'authentik');
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), grafana);
  await moves.guard([
    ...grafana.guards,
    { host: 'auth.example.dev', client: 'grafana', admit: { groups: ['family', 'admins'] } },
  ]);
  const { report } = await moves.process(disk, oidc(other));
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  expect((await moves.process(disk, oidc(other))).writes).toBe(0);
});
