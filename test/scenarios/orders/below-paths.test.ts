import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk, runProcess, unfinished } from '../stage/stage.ts';

const open = '{ public: { reason: open } }';
const me = '{ cloudflare: { emails: [me@example.dev] } }';
const colleagues = '{ cloudflare: { domains: [example.net] } }';

const fileOf = (app: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
clients: { app: { redirectUris: ["https://app.example.dev/callback"], groups: [family] } }
serviceTokens: { ci: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  app: { host: app.example.dev, origin: traefik, ${app} }
`;

/** The first run removes what is open to everybody. From then on, the application of the path answers for what lies below it. */
it('a host whose origin does not ask for its new gate has its whole cover from the first run on', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const disk = newDisk();
  const before = `gate: { serviceToken: { tokens: [ci] } }, paths: { /api/**: ${open}, /api/status: ${colleagues} }`;
  await runProcess(sandbox, disk, fileOf(before));
  const after = fileOf('gate: { authentik: { mode: forwardAuth, groups: [family] } }');
  expect((await runProcess(sandbox, disk, after)).writes).toBeGreaterThan(0);
  expect((await runProcess(sandbox, disk, after)).writes).toBe(0);
});

/** What lies below the exact path belongs to the application around it until that is removed, after the check. */
it('the cover of a host leaves what lies below a path to the application of a path that goes later', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const disk = newDisk();
  const before = `gate: { serviceToken: { tokens: [ci] } }, paths: { /api/**: ${me}, /api/status: ${colleagues} }`;
  await runProcess(sandbox, disk, fileOf(before));
  const after = fileOf(
    `gate: { authentik: { mode: oidc, client: app } }, paths: { /api/status: ${colleagues} }`,
  );
  expect(unfinished((await runProcess(sandbox, disk, after)).report)).toEqual([]);
  expect((await runProcess(sandbox, disk, after)).writes).toBe(0);
});
