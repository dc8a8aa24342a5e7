import { beforeEach, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin, Hand } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import type { Meddling } from '../stage/trouble.ts';

const account = '0123456789abcdef0123456789abcdef';
const apps = `/accounts/${account}/access/apps`;

const file = (session = '') => `version: 1
owner: home
cloudflare:
  account: ${account}
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80", router: true }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [family] }
services:
  mine: { host: mine.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev]${session} } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { groups: [family] } } }
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
`;

interface AppRow {
  readonly id: string;
  readonly name: string;
  readonly revokedAt: number | null;
  settings: Record<string, unknown>;
}

let sandbox: Sandbox;
let disk: Disk;

beforeEach(async () => {
  sandbox = await createSandbox({ zones: ['example.dev'] });
  disk = newDisk();
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: ['photos.example.dev'] };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
});

async function run(text = file(), mode?: 'dry run' | Meddling) {
  const { report, writes } = await runProcess(sandbox, disk, text, mode);
  expect(report?.mistakes).toEqual([]);
  if (mode !== 'dry run') expect(unfinished(report)).toEqual([]);
  const changes = report?.plan?.changes.filter(isPending) ?? [];
  return { changes, writes, warnings: report?.plan?.warnings ?? [] };
}

/** Expects that nothing is left to do. */
async function expectNothing(text = file()): Promise<void> {
  expect(await run(text)).toMatchObject({ changes: [], writes: 0 });
}

function appRow(name = 'mine.example.dev', world = JSON.parse(sandbox.snapshot())): AppRow {
  const found = (world.apps as readonly AppRow[]).find((row) => row.name === name);
  if (found === undefined) throw new Error(`no application ${name}`);
  return found;
}

const edit = (method: string, path: string, body?: object) =>
  askAdmin(sandbox, 'POST', '/edit', { actor: 'ann', system: 'cloudflare', method, path, body });

/** Sends what the API shows of the application, with changes, as a person does. */
async function putApp(changes: object): Promise<void> {
  const path = `${apps}/${appRow().id}`;
  const { result } = (await edit('GET', path)) as { readonly result: object };
  await edit('PUT', path, { ...result, ...changes });
}

const organization = (settings: object) => edit('PUT', `/accounts/${account}/access/organizations`, settings);

describe('a way around the login that somebody enables', () => {
  it.each([
    { field: 'allow_authenticate_via_warp', on: true, back: false, ends: true },
    { field: 'options_preflight_bypass', on: true, back: false, ends: false },
    { field: 'read_service_tokens_from_header', on: 'Authorization', back: undefined, ends: false },
  ])('$field is shown by the plan, and reset by the run alone', async ({ field, on, back, ends }) => {
    await run();
    await putApp({ [field]: on, custom_deny_message: 'No' });
    const dry = await run(file(), 'dry run');
    expect(dry.writes).toBe(0);
    expect(dry.changes).toMatchObject([
      {
        verb: 'update',
        address: { kind: 'cloudflare/access-application', key: 'mine.example.dev' },
        drift: [{ field: 'waysAround', before: [field], after: [] }],
      },
    ]);
    expect(appRow().settings[field]).toBe(on);
    await run();
    expect(appRow().settings[field]).toBe(back);
    expect(appRow().settings).toMatchObject({ custom_deny_message: 'No', same_site_cookie_attribute: 'lax' });
    expect(appRow().revokedAt !== null).toBe(ends);
    await expectNothing();
  });

  it('is reported once if the API accepts the write and keeps the field on', async () => {
    await run();
    await putApp({ options_preflight_bypass: true });
    const path = `${apps}/${appRow().id}`;
    const meddle: Meddling['meddle'] = async ({ request }, send) => {
      if (request.method !== 'PUT' || !new URL(request.url).pathname.endsWith(path)) return send();
      const body = (await request.json()) as object;
      return Response.json(await edit('PUT', path, { ...body, options_preflight_bypass: true }));
    };
    const { report } = await runProcess(sandbox, disk, file(), { meddle });
    expect(unfinished(report)[0]).toContain('The write had no effect');
    const again = await runProcess(sandbox, disk, file(), { meddle });
    expect(again.writes).toBe(0);
    expect(again.report?.plan?.changes.filter(isPending)).toMatchObject([
      { verb: 'refuse', reason: expect.stringContaining('an earlier write of waysAround had no effect') },
    ]);
  });

  it('stays if another field is written and no plan has shown it', async () => {
    await run();
    const { id } = appRow();
    await putApp({ name: 'somebody’s' });
    // The change happens between the plan and its write.
    let switched = false;
    const meddle: Meddling['meddle'] = async ({ request }, send) => {
      if (!switched && request.method === 'GET' && new URL(request.url).pathname.endsWith(`/apps/${id}`)) {
        switched = true;
        const { result } = (await edit('GET', `${apps}/${id}`)) as { readonly result: object };
        await edit('PUT', `${apps}/${id}`, { ...result, options_preflight_bypass: true });
      }
      return send();
    };
    await run(file(), { meddle });
    expect(switched).toBe(true);
    expect(appRow().settings).toMatchObject({ options_preflight_bypass: true });
    expect((await run()).changes).toMatchObject([{ drift: [{ field: 'waysAround' }] }]);
    await expectNothing();
  });
});

describe('an organization that admits devices', () => {
  it('changes nothing at applications that were created with a refusal', async () => {
    await organization({ allow_authenticate_via_warp: true });
    await run();
    expect(appRow().settings).toMatchObject({ allow_authenticate_via_warp: false });
    await expectNothing();
  });

  it('gets a refusal once for an earlier application, though no reply shows it', async () => {
    await run();
    const world = JSON.parse(sandbox.snapshot());
    appRow('mine.example.dev', world).settings = {};
    sandbox.restore(JSON.stringify(world));
    await expectNothing();
    await organization({ allow_authenticate_via_warp: true });
    const { changes, writes } = await run();
    expect(changes).toMatchObject([{ drift: [{ before: ['allow_authenticate_via_warp'], after: [] }] }]);
    expect(writes).toBeGreaterThan(0);
    expect(appRow().settings).toMatchObject({ allow_authenticate_via_warp: false });
    await expectNothing();
  });

  it('is no reason for a write while it is unreadable', async () => {
    await run();
    await organization({ allow_authenticate_via_warp: true });
    const world = JSON.parse(sandbox.snapshot());
    appRow('mine.example.dev', world).settings = {};
    sandbox.restore(JSON.stringify(world));
    const match = { system: 'cloudflare', path: `/client/v4/accounts/${account}/access/organizations` };
    await askAdmin(sandbox, 'POST', '/faults', { match, fault: 'status', status: 503 });
    const { report } = await runProcess(sandbox, disk, file(), 'dry run');
    expect(report?.plan?.unknown.map(({ kind }) => kind)).toContain('cloudflare/organization');
    expect(report?.plan?.changes.filter(({ drift }) => drift.length > 0)).toEqual([]);
  });
});

describe('a field that widens access and that gates does not manage', () => {
  it.each([
    { field: 'http_only_cookie_attribute', value: false },
    { field: 'same_site_cookie_attribute', value: 'none' },
    { field: 'cors_headers', value: { allow_all_origins: true } },
    { field: 'allow_iframe', value: true },
    { field: 'oauth_configuration', value: {} },
    { field: 'mfa_config', value: { mfa_disabled: true } },
  ])('of an Access application, $field, is a warning and stays', async ({ field, value }) => {
    await run();
    await putApp({ [field]: value });
    const { warnings, changes, writes } = await run();
    expect(warnings).toEqual([
      expect.stringMatching(
        `^cloudflare/access-application:mine.example.dev: by ${field}, .*leaves it as it is$`,
      ),
    ]);
    expect({ changes, writes }).toEqual({ changes: [], writes: 0 });
    await putApp({ name: 'x' });
    await run();
    const { result } = (await edit('GET', `${apps}/${appRow().id}`)) as { readonly result: object };
    expect(result).toMatchObject({ [field]: value });
  });

  it('of an application for machines, session_duration, is a warning and stays', async () => {
    const text = `${file()}  ci: { host: ci.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
serviceTokens: { ci: {} }
`;
    await run(text);
    const path = `${apps}/${appRow('ci.example.dev').id}`;
    const { result } = (await edit('GET', path)) as { readonly result: object };
    await edit('PUT', path, { ...result, session_duration: '720h' });
    const { warnings, writes } = await run(text);
    expect(warnings).toEqual([expect.stringContaining('application:ci.example.dev: by session_duration')]);
    expect(writes).toBe(0);
  });

  it('is no warning if the file itself asks for it', async () => {
    const text = file(', session: 168h');
    await run(text);
    expect((await run(text)).warnings).toEqual([]);
  });

  it.each([
    { field: 'access_token_validity', value: 'days=3650' },
    { field: 'refresh_token_validity', value: 'days=3650' },
    { field: 'intercept_header_auth', value: false },
    { field: 'basic_auth_enabled', value: true },
    { field: 'authentication_flow', value: 'flow' },
  ])('of a proxy provider, $field, is a warning and stays', async ({ field, value }) => {
    await run();
    const hand = new Hand(sandbox);
    const attributes = { basic_auth_user_attribute: 'a', basic_auth_password_attribute: 'b' };
    const given = value === 'flow' ? await loginFlow(hand) : value;
    const slug = 'photos-example-dev';
    await hand.patchProxy(slug, { [field]: given, ...(value === true && attributes) });
    const { warnings, changes, writes } = await run();
    expect(warnings).toEqual([
      expect.stringMatching(`^authentik/proxy-provider:${slug}: by ${field}, .*leaves it as it is$`),
    ]);
    expect({ changes, writes }).toEqual({ changes: [], writes: 0 });
    const path = `/providers/proxy/${(await hand.providerOf(slug)).pk}/`;
    await hand.patchProxy(slug, { skip_path_regex: '^/open$' });
    await run();
    expect(await hand.get(path)).toMatchObject({ [field]: given, skip_path_regex: '' });
  });

  it('of a client, authentication_flow, is a warning and stays, and its lifetimes follow the file', async () => {
    await run();
    const hand = new Hand(sandbox);
    const path = `/providers/oauth2/${(await hand.providerOf('vault')).pk}/`;
    const flow = await loginFlow(hand);
    await hand.patch(path, { authentication_flow: flow, access_token_validity: 'days=3650' });
    const { warnings, changes } = await run();
    expect(changes).toMatchObject([{ drift: [{ field: 'accessLifetime' }] }]);
    expect(warnings).toEqual([
      expect.stringContaining('authentik/oauth2-provider:vault: by authentication_flow'),
    ]);
    expect(await hand.get(path)).toMatchObject({ authentication_flow: flow });
    await expectNothing();
  });

  it('of a group, that makes its members superusers, is a warning and stays', async () => {
    await run();
    const hand = new Hand(sandbox);
    await hand.patch(`/core/groups/${await hand.group('family')}/`, { is_superuser: true });
    const { warnings, writes } = await run();
    expect(warnings).toEqual([expect.stringContaining('authentik/group:family: by is_superuser')]);
    expect(writes).toBe(0);
  });
});

async function loginFlow(hand: Hand): Promise<string> {
  const flows = (await hand.get('/flows/instances/?designation=authentication')) as {
    readonly results: readonly { readonly pk: string; readonly designation: string }[];
  };
  const found = flows.results.find(({ designation }) => designation === 'authentication');
  if (found === undefined) throw new Error('there is no flow to log in by');
  return found.pk;
}

describe('objects that gates creates', () => {
  it('have safe values from the start, even a cover', async () => {
    // Traefik asks nobody, so photos stays hidden.
    await askAdmin(sandbox, 'PUT', '/origins', {
      url: 'http://traefik.lan:80',
      kind: 'traefik',
      forwardAuth: [],
    });
    await runProcess(sandbox, disk, file());
    const closed = { allow_authenticate_via_warp: false, options_preflight_bypass: false };
    const cookie = { http_only_cookie_attribute: true, same_site_cookie_attribute: 'lax' };
    for (const name of ['mine.example.dev', 'photos.example.dev']) {
      expect(appRow(name).settings).toMatchObject({ ...closed, ...cookie });
    }
    const hand = new Hand(sandbox);
    const { pk } = await hand.providerOf('photos-example-dev');
    expect(await hand.get(`/providers/proxy/${pk}/`)).toMatchObject({
      ...{ authentication_flow: null, jwt_federation_providers: [], jwt_federation_sources: [] },
      ...{ access_token_validity: 'hours=1', intercept_header_auth: true, basic_auth_enabled: false },
    });
  });
});
