import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { Hand } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

/** A file whose login for the domain admits these groups, at these hosts, and that gives the others gates of their own. */
function fileOf(
  groups: string,
  names: readonly string[],
  others: Readonly<Record<string, string>> = {},
): string {
  const gates = {
    ...Object.fromEntries(names.map((name) => [name, '{ authentik: { mode: domain } }'])),
    ...others,
  };
  const services = Object.entries(gates).map(
    ([name, gate]) => `  ${name}: { host: ${name}.example.dev, origin: traefik, gate: ${gate} }\n`,
  );
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [${groups}] } }
groups: { admins: {}, family: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${services.join('')}`;
}

const guardOf = (name: string, groups: readonly string[]) => ({
  host: `${name}.example.dev`,
  admit: { groups },
});

/** Obstacles at the second host: Traefik does not ask the outpost about it, or it has a foreign application. */
const hindrances = [
  { hindered: 'Traefik does not send the outpost', behind: ['a.example.dev'], occupied: false },
  {
    hindered: 'others have an Access application on',
    behind: ['a.example.dev', 'b.example.dev'],
    occupied: true,
  },
];

it.each(hindrances)(
  'people whom a domain no longer admits get in nowhere, though $hindered one of its hosts',
  async ({ behind, occupied }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, () => '');
    const disk = newDisk();
    await moves.sendThroughOutpost(behind);
    if (occupied) await placeApplication(moves, sandbox);
    await runProcess(sandbox, disk, fileOf('admins', ['a']));
    const hand = new Hand(sandbox);
    await hand.post('/core/users/', { username: 'root', name: 'root', groups: [await hand.group('admins')] });
    await moves.guard([guardOf('a', ['admins', 'family']), guardOf('b', ['family'])]);
    const { report } = await runProcess(sandbox, disk, fileOf('family', ['a', 'b']));
    expect(unfinished(report).every((line) => line.includes('b.example.dev'))).toBe(true);
    expect(await hand.groupsAdmittedTo('domain-example-dev')).toEqual(['family']);
    expect(await moves.judgedBy([guardOf('a', ['family']), guardOf('b', ['family'])])).toEqual([]);
  },
);

it('a login whose last binding a person negated admits the groups of the file, though a host cannot leave it', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, () => '');
  const disk = newDisk();
  await moves.sendThroughOutpost(['a.example.dev', 'b.example.dev']);
  await runProcess(sandbox, disk, fileOf('admins', ['a', 'b']));
  await placeApplication(moves, sandbox);
  const file = fileOf('family', ['a'], { b: '{ cloudflare: { emails: [you@example.dev] } }' });
  await runProcess(sandbox, disk, file);
  const hand = new Hand(sandbox);
  expect(await hand.groupsAdmittedTo('domain-example-dev')).toEqual(['admins']);
  await hand.changeBinding('domain-example-dev', { negate: true });
  expect(await moves.judgedBy([guardOf('a', ['admins', 'family'])])).not.toEqual([]);
  const { report } = await runProcess(sandbox, disk, file);
  expect(unfinished(report).every((line) => line.includes('b.example.dev'))).toBe(true);
  expect(await hand.groupsAdmittedTo('domain-example-dev')).toEqual(['family']);
  await moves.admin('DELETE', '/exposures');
  expect(await moves.judgedBy([guardOf('a', ['family'])])).toEqual([]);
});

it('a public host whose origin asks nobody is closed while its next login waits for another host', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, () => '');
  const disk = newDisk();
  await moves.sendThroughOutpost(['a.example.dev', 'b.example.dev']);
  await runProcess(sandbox, disk, fileOf('family', ['a', 'b'], { c: '{ public: { reason: open } }' }));
  const hand = new Hand(sandbox);
  await hand.post('/core/users/', { username: 'ana', name: 'ana', groups: [await hand.group('family')] });
  // Somebody who is admitted leaves copies in Cloudflare's cache.
  await moves.judgedBy([{ host: 'c.example.dev', admit: { public: true } }]);
  await placeApplication(moves, sandbox);
  const file = fileOf('family, admins', ['a', 'c'], { b: '{ cloudflare: { emails: [you@example.dev] } }' });
  await runProcess(sandbox, disk, file);
  await moves.admin('DELETE', '/exposures');
  expect(await moves.judgedBy([guardOf('c', ['family', 'admins'])])).toEqual([]);
  expect((await runProcess(sandbox, disk, file)).writes).toBe(0);
});

async function placeApplication(moves: Moves, { accountId }: Sandbox): Promise<void> {
  const uri = 'b.example.dev';
  await moves.byHand('POST', `/accounts/${accountId}/access/apps`, {
    ...{ name: 'theirs', type: 'self_hosted', domain: uri, destinations: [{ type: 'public', uri }] },
    policies: [{ name: 'them', decision: 'allow', include: [{ email: { email: 'them@example.dev' } }] }],
  });
}
