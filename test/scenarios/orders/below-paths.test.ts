import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home } from '../homes/authentik-home.ts';
import { host, Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

const open = '{ public: { reason: open } }';
const me = '{ cloudflare: { emails: [me@example.dev] } }';
const colleagues = '{ cloudflare: { domains: [example.net] } }';
const ci = 'gate: { serviceToken: { tokens: [ci] } }';

const fileOf = (keys: string) => home({ service: `  app: { host: ${host}, origin: traefik, ${keys} }` });

/** A home to which a file has been applied. The origin of its host asks Authentik about no request. */
async function appliedHome(keys: string) {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, () => '');
  const disk = newDisk();
  await moves.sendThroughOutpost(['beside.example.dev']);
  expect(unfinished((await moves.process(disk, fileOf(keys))).report)).toEqual([]);
  return (then: string) => moves.process(disk, fileOf(then));
}

/** The first run removes what is open to everybody. From then on, the application of the path guards everything below the path. */
it('a host whose origin does not ask for its new gate has its whole cover from the first run on', async () => {
  const run = await appliedHome(`${ci}, paths: { /api/**: ${open}, /api/status: ${colleagues} }`);
  const after = 'gate: { authentik: { mode: forwardAuth, groups: [family] } }';
  expect((await run(after)).writes).toBeGreaterThan(0);
  expect((await run(after)).writes).toBe(0);
});

/** The paths below the exact path belong to the application around it, which is removed after the check. */
it('the cover of a host leaves what lies below a path to the application of a path that goes later', async () => {
  const run = await appliedHome(`${ci}, paths: { /api/**: ${me}, /api/status: ${colleagues} }`);
  const after = `gate: { authentik: { mode: oidc, client: app } }, paths: { /api/status: ${colleagues} }`;
  expect(unfinished((await run(after)).report)).toEqual([]);
  expect((await run(after)).writes).toBe(0);
});
