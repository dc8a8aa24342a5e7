import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'app.example.dev';
const at = (place: string, audience = 'api', operations = '"GET /v1/items"') =>
  `{ jwt: { at: ${place}, keys: { client: api }, audience: ${audience}, operations: [${operations}] } }`;

function file(gate?: string): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins:
  app: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
groups: { admins: {} }
clients:
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
${gate === undefined ? '' : `  app: { host: ${host}, origin: app, gate: ${gate} }`}
`;
}

/** A house in which API Shield checks the tokens of the host. */
async function shielded(gate = at('edge')) {
  const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'enterprise', callBudget: 1_000_000 });
  const disk = newDisk();
  const { report } = await runProcess(sandbox, disk, file(gate));
  expect(unfinished(report)).toEqual([]);
  return { sandbox, disk };
}

describe('a host whose tokens API Shield checked', () => {
  it.each([
    ['the origin', at('origin'), true],
    ['Authentik', '{ authentik: { mode: forwardAuth, groups: [admins] } }', true],
    ['people, in Access', '{ cloudflare: { emails: [me@example.dev] } }', false],
  ])(
    'moves to %s once it is closed in another way, and before that is checked',
    async (_, gate, isCovered) => {
      const { sandbox, disk } = await shielded();
      const { report } = await runProcess(sandbox, disk, file(gate), 'dry run');
      const ids = (report?.plan?.changes ?? []).map(({ id }) => id);
      const place = (beginning: string) => ids.findIndex((id) => id.startsWith(beginning));
      const rules = ['fallthrough', 'audience'].map((purpose) =>
        place(`prune cloudflare/waf-rule:${purpose}`),
      );
      const closed = place(
        isCovered
          ? `cover cloudflare/access-application:${host}`
          : `update cloudflare/ingress-rule:homelab/${host}`,
      );
      expect(closed).toBeGreaterThanOrEqual(0);
      for (const rule of rules) {
        expect(rule).toBeGreaterThan(closed);
        expect(rule).toBeLessThan(place(`verify edge/proof:${host}`));
      }
    },
  );

  it('that is now public loses its rules last', async () => {
    const { sandbox, disk } = await shielded();
    const { report } = await runProcess(sandbox, disk, file('{ public: { reason: open } }'), 'dry run');
    const steps = (report?.plan?.changes ?? []).flatMap(({ address, doors }) =>
      address.kind === 'cloudflare/waf-rule' ? doors.map(({ step }) => step) : [],
    );
    expect(steps).toEqual(['unguard', 'unguard']);
  });

  it('keeps its operations until its copies are purged when it leaves: the last one takes the closing of every other path along', async () => {
    const { sandbox, disk } = await shielded();
    const { report, ended } = await runProcess(sandbox, disk, file(), undefined, undefined, undefined, true);
    expect(unfinished(report)).toEqual([]);
    const place = (beginning: string) => ended.findIndex((id) => id.startsWith(beginning));
    const purge = place('prune cloudflare/cached-copies');
    expect(purge).toBeGreaterThanOrEqual(0);
    expect(place('prune cloudflare/api-operation')).toBeGreaterThan(purge);
  });

  it('loses an operation before tokens of another audience are valid at the remaining ones', async () => {
    const { sandbox, disk } = await shielded(at('edge', 'other', '"GET /v1/items", "PUT /v1/items"'));
    const next = file(at('edge', 'api', '"GET /v1/items", "POST /v1/items"'));
    const { report, ended } = await runProcess(sandbox, disk, next, undefined, undefined, undefined, true);
    expect(unfinished(report)).toEqual([]);
    const place = (beginning: string) => ended.findIndex((id) => id.startsWith(beginning));
    const audience = place('update cloudflare/waf-rule:audience');
    expect(audience).toBeGreaterThan(place('prune cloudflare/api-operation:PUT'));
    expect(place('create cloudflare/api-operation:POST')).toBeGreaterThan(audience);
  });
});
