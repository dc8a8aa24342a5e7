import { expect, it } from 'vitest';
import { behind, home } from '../homes/authentik-home.ts';
import { host } from '../moves/moves.ts';
import { HandAtHome } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const file = (gate: string) =>
  home({ service: `  app: { host: ${host}, origin: traefik, gate: { authentik: ${gate} } }` });
const own = file('{ groups: [admins] }');
const ofDomain = file('{ mode: domain }');

/** The outpost prefers the provider of a host to that of its domain, so the check of the latter would meet the former. */
it.each(['.*', '^/', '(?i)^/$\n^/health$'])(
  'a host whose provider somebody opened by %j comes to the login of its domain',
  async (skip_path_regex) => {
    const hand = await HandAtHome.at(own, [], behind);
    const { disk } = await hand.begin();
    await hand.patchProxy('app-example-dev', { skip_path_regex });
    const { report, ended } = await hand.pass(disk, ofDomain);
    expect(unfinished(report)).toEqual([]);
    const at = (step: string) => ended.findIndex((change) => change.startsWith(step));
    expect(at('prune authentik/outpost-entry:app-example-dev')).toBeLessThan(at(`verify edge/proof:${host}`));
    expect((await hand.pass(disk, ofDomain)).writes).toBe(0);
  },
);

it('leaves the provider of a host in its outpost until the login of the domain has been checked', async () => {
  const hand = await HandAtHome.at(own, [], behind);
  const { disk } = await hand.begin();
  const { report, ended } = await hand.pass(disk, ofDomain);
  expect(unfinished(report)).toEqual([]);
  const at = (step: string) => ended.findIndex((change) => change.startsWith(step));
  expect(at('prune authentik/outpost-entry:app-example-dev')).toBeGreaterThan(
    at(`verify edge/proof:${host}`),
  );
});
