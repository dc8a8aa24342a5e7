import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { type Admitted, host, Moves, type State, state, union } from '../moves/moves.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

function passing(users: string[], ...passes: string[]): Admitted {
  return { rules: [{ include: [{ users }], require: passes.map((name) => ({ passes: [name] })) }] };
}

const unpruned = (of: State) => `${home(of)}reconcile: { prune: false }\n`;

/** A client without a host, in the protocol of the settings. */
const clientFile = (settings: string) => (of: State) =>
  unpruned({ ...of, service: undefined }).replace(
    'clients:\n',
    `clients:\n  portal: { ${settings}, ${of.name} }\n`,
  );

const oidc = 'redirectUris: ["https://portal.example.net/callback"]';
const saml = 'saml: { acsUrl: "https://portal.example.net/acs" }';

const clients = { 'a client of OpenID Connect': clientFile(oidc), 'a client of SAML': clientFile(saml) };

/** The keys of a login that asks for more, and of one that asks for less, each with its people. */
const changes = [
  ['users: [ada], flow: mfa', passing(['ada'], 'flow mfa'), 'users: [ben]', { users: ['ben'] }],
  ['users: [ada], policies: [office]', passing(['ada'], 'policy office'), 'users: [ben]', { users: ['ben'] }],
] as const;

/** The keys of a client that comes to speak the other protocol, and asks for less. */
const exchange = [
  `${saml}, users: [ada], flow: mfa`,
  passing(['ada'], 'flow mfa'),
  `${oidc}, users: [ben]`,
  { users: ['ben'] },
] as const;

const clientState = (name: string, admit: Admitted): State => {
  const guards = [{ host: 'auth.example.dev', client: 'portal', admit }];
  return { name, service: undefined, guards };
};
const hostState = (name: string, admit: Admitted): State =>
  state(name, `{ authentik: { ${name} } }`, admit, {}, 'traefik');

const rows = [
  ...Object.entries(clients).flatMap(([what, file]) =>
    changes.map((change) => ({ what, file, change, of: clientState })),
  ),
  { what: 'a client', file: clientFile('protect: false'), change: exchange, of: clientState },
  ...[
    ...changes,
    // One flow for another, and a flow together with other fields.
    [
      'users: [ada], flow: mfa',
      passing(['ada'], 'flow mfa'),
      'users: [ben], flow: key',
      passing(['ben'], 'flow key'),
    ],
    [
      'users: [ada], flow: mfa',
      passing(['ada'], 'flow mfa'),
      'mode: proxy, users: [ben]',
      { users: ['ben'] },
    ],
  ].map((change) => ({
    what: 'a host',
    file: unpruned,
    change: change as unknown as (typeof changes)[number],
    of: hostState,
  })),
].map((row) => ({ ...row, name: `${row.what}: ${row.change[0]} → ${row.change[2]}` }));

/** While pruning is off, the people of before stay bound. So a login keeps asking what it asked of them. */
describe('a login that is to ask for less while nothing is removed', () => {
  it.each(rows)('waits, and admits nobody whom neither file admits: $name', async ({ file, change, of }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, file);
    for (const username of ['ada', 'ben'])
      await moves.byHand(
        'POST',
        '/api/v3/core/users/',
        { username, name: username, groups: [] },
        'authentik',
      );
    for (const slug of ['mfa', 'key']) {
      const flow = { name: slug, slug, title: slug, designation: 'authorization' };
      await moves.byHand('POST', '/api/v3/flows/instances/', flow, 'authentik');
    }
    const office = { name: 'office', expression: 'return is_office(request)' };
    await moves.byHand('POST', '/api/v3/policies/expression/', office, 'authentik');
    await moves.sendThroughOutpost([...behind, host]);
    const [keys, admit, laterKeys, laterAdmit] = change;
    const [before, after] = [of(keys, admit), of(laterKeys, laterAdmit)];
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    sandbox.restore(scene.snapshot);
    await moves.guard(union(before, after));
    const disk = await copyOf(scene.disk);
    const { report } = await moves.process(disk, file(after));
    expect(sandbox.exposures()).toEqual([]);
    expect(unfinished(report).join('\n')).toContain('let gates remove it (`reconcile.prune`)');
    const again = await moves.process(disk, file(after));
    expect(again.writes).toBe(0);
    expect(sandbox.exposures()).toEqual([]);
    const pruning = await moves.process(disk, file(after).replace('prune: false', 'prune: true'));
    expect(unfinished(pruning.report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy(after.guards)).toEqual([]);
  });
});
