import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { Moves, type State, state } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';
import { forbidden, type Meddling } from '../stage/trouble.ts';

const none = state('none', undefined, {});
const fileWith = (settings: string) => (of: State) =>
  home(of).replace('clients:\n', `clients:\n  wiki: { ${settings} }\n`);

const rows = [
  ['saml', 'saml: { acsUrl: "https://wiki.example.net/acs" }'],
  ['oauth2', 'redirectUris: ["https://wiki.example.net/callback"]'],
] as const;

it.each(rows)(
  'a client of %s that comes to ask for more has no new people before',
  async (kind, settings) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, fileWith(`${settings}, groups: [family]`));
    const mfa = { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' };
    await moves.byHand('POST', '/api/v3/flows/instances/', mfa, 'authentik');
    await moves.sendThroughOutpost(behind);
    const scene = await moves.sceneOf(sandbox.snapshot(), none);
    const { disk } = await moves.withMember(scene, ['admins'], 'ada');
    const rules = [
      { include: [{ groups: ['family'] }] },
      { include: [{ groups: ['admins'] }], require: [{ passes: ['flow mfa'] }] },
    ];
    await moves.guard([...none.guards, { host: 'auth.example.dev', client: 'wiki', admit: { rules } }]);

    const after = fileWith(`${settings}, groups: [family, admins], flow: mfa`)(none);
    const unread: Meddling = {
      meddle: async ({ system, request }, send) => {
        const isList = request.method === 'GET' && request.url.includes(`/providers/${kind}/`);
        return isList ? forbidden[system]() : send();
      },
    };
    await moves.process(disk, after, unread);
    expect(sandbox.exposures()).toEqual([]);
    const { report } = await moves.process(disk, after);
    expect(unfinished(report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
  },
);
