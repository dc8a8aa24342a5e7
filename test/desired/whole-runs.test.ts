import { expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { applyPlan } from '../../src/apply/apply.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { Desired } from '../../src/core/objects/object.ts';
import type { World } from '../../src/core/world.ts';
import { observe } from '../../src/observed/observe.ts';
import { createWorld } from '../../src/observed/world.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { failures, pending, type TestWorld, testWorld } from '../support/world.ts';
import { compileFile } from './sample.ts';

/** The world of one run over the desired objects. */
function worldFor(test: TestWorld, { scope }: Desired): World {
  const { authentik } = scope;
  const url = test.sandbox.urls.authentik;
  return createWorld({
    ...test.pass(),
    scope: { ...scope, ...(authentik !== undefined && { authentik: { ...authentik, url } }) },
  });
}

/** A plan without proofs, since the test has no visitor. */
async function planOf(desired: Desired, world: World) {
  const limits = { prune: 1, change: 1, floor: 1000 };
  return makePlan({ ...desired, proofs: [] }, await observe(reconcilers, world), reconcilers, {
    adopt: false,
    prune: true,
    limits,
    allow: [],
  });
}

async function pass(test: TestWorld, desired: Desired) {
  const world = worldFor(test, desired);
  return applyPlan(await planOf(desired, world), reconcilers, world);
}

const access = `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
docs: { host: docs.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }
api: { host: api.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
grafana:
  host: grafana.example.dev
  origin: app
  gate: { authentik: { groups: [admins] } }
  paths: { /api/health: { public: { reason: probe } } }
wiki: { host: wiki.example.dev, origin: app, gate: { authentik: { groups: [family, admins] } } }`;
const everyMode = `${access}
photos: { host: photos.example.dev, origin: app, gate: { authentik: { mode: domain } }, paths: { /s/**: { public: { reason: shared } } } }
notes: { host: notes.example.dev, origin: app, gate: { authentik: { mode: proxy, groups: [family] } } }
vault: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } } }`;
const everyPart = `authentik:
  url: "http://authentik.lan:9000"
  domains: { example.dev: { groups: [family] } }
  scopes: { roles: { expression: "return {}" } }
groups: { admins: {}, family: {} }
clients:
  vault: { redirectUris: ["https://vault.example.dev/oidc"], groups: [family], scopes: [openid, roles] }
  api: { grantTypes: [client_credentials], signingKey: own, everyone: { reason: machines } }`;
const top = `authentik: { url: "http://authentik.lan:9000" }
groups: { admins: {}, family: {} }`;

it.each([
  { file: 'Access, tunnel, DNS and forward auth', services: access, rest: top, most: 17 },
  { file: 'every mode and clients', services: everyMode, rest: everyPart, most: 19 },
])(
  'a run over $file that finds nothing to do needs at most $most calls',
  async ({ services, rest, most }) => {
    const test = await testWorld({ reconcilers });
    const desired = compileFile(services, rest);
    expect(desired.refusals).toEqual([]);
    expect(failures(await pass(test, desired))).toEqual([]);
    const before = test.lastCall();
    const plan = await planOf(desired, worldFor(test, desired));
    expect(pending(plan)).toEqual([]);
    const calls = test.sandbox.calls(before).map(({ method, path }) => `${method} ${path}`);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(most);
    expect(calls.filter((call) => !call.startsWith('GET'))).toEqual([]);
  },
);

it('objects that leave the file leave nothing behind in Authentik', async () => {
  const test = await testWorld({ reconcilers });
  const rest = top.replace(', family: {}', '');
  expect(failures(await pass(test, compileFile(everyMode, everyPart)))).toEqual([]);
  const less = compileFile(
    'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }',
    rest,
  );
  expect(failures(await pass(test, less))).toEqual([]);
  const left = (await observe(reconcilers, test.pass())).flatMap((seen) =>
    seen.state === 'known' ? seen.objects.filter(({ owner }) => owner === 'home') : [],
  );
  const inAuthentik = left
    .map(({ address }) => addressId(address))
    .filter((id) => id.startsWith('authentik/'));
  expect(inAuthentik).toEqual(['authentik/group:admins']);
});
