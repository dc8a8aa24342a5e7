import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ClientOutputs, OutputsDocument, SamlOutputs } from '../../../src/report/outputs/outputs.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const canary = 'canary5f0c';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth, ldapOutpost: directory }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens:
  ci: { deliver: [ { file: FOLDER/ci.env } ] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { groups: [admins] } }
  proxmox:
    host: proxmox.example.dev
    origin: app
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths: { "/api/**": { serviceToken: { tokens: [ci] } } }
  films: { host: films.example.dev, origin: app, gate: { authentik: { mode: ldap, client: films } } }
  gitlab: { host: gitlab.example.dev, origin: app, gate: { authentik: { mode: saml, client: gitlab } } }
  vault: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
  machine: { host: machine.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
clients:
  vault:
    redirectUris: ["https://vault.example.dev/callback"]
    groups: [admins]
    deliver: [ { file: FOLDER/vault.env } ]
  gitlab:
    saml: { acsUrl: "https://gitlab.example.dev/acs", audience: gitlab }
    groups: [admins]
  films: { ldap: { baseDn: "dc=Films,dc=home", tlsServerName: ldap.example.dev }, groups: [admins] }
`;

interface Row {
  readonly pk: string;
}

let directory: string;
let sandbox: SandboxProcess;
let env: Readonly<Record<string, string>>;
/** The outputs of the complete, applied file. */
let document: OutputsDocument;

const run = (...args: readonly string[]): Promise<Ran> => gates(args, env, directory);
const audienceIn = ({ headers }: { headers: Readonly<Record<string, unknown>> }): string =>
  /[?&]kid=([0-9a-f]+)/.exec(String(headers.location))?.[1] ?? 'none';

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  await writeFile(path.join(directory, 'gates.yaml'), file.replaceAll('FOLDER', directory));
  await makeOutpost();
});

/** Makes an LDAP outpost with a provider, as a person does. */
async function makeOutpost(): Promise<void> {
  const edit = async (method: string, at: string, body?: object): Promise<Row> =>
    (await sandbox.admin('POST', '/edit', {
      ...{ actor: 'somebody', system: 'authentik', method, path: `/api/v3${at}` },
      ...(body !== undefined && { body }),
    })) as Row;
  const flow = (await edit('GET', '/flows/instances/default-authentication-flow/')).pk;
  const flows = { authorization_flow: flow, invalidation_flow: flow };
  const { pk } = await edit('POST', '/providers/ldap/', { name: 'theirs', base_dn: 'dc=theirs', ...flows });
  await edit('POST', '/outposts/instances/', {
    name: 'directory',
    type: 'ldap',
    providers: [pk],
    config: {},
  });
}

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('gates outputs', () => {
  it('reports missing values on stderr, and prints the values that it already knows', async () => {
    const { code, stdout, stderr } = await run('outputs', '--service', 'proxmox');
    expect(code).toBe(1);
    expect(stderr).toBe(
      [
        'missing: services.proxmox: not applied yet: run `gates apply`',
        'missing: services.proxmox.paths./api/**: not applied yet: run `gates apply`',
        '',
      ].join('\n'),
    );
    expect(parse(stdout).services.proxmox.access).toMatchObject({
      teamDomain: 'example.cloudflareaccess.com',
      aud: null,
    });
  });

  it('prints the live values in every format, writes nothing and prints no secret', async () => {
    // The gate of grafana could not be checked: no Traefik answers here.
    const checkable = path.join(directory, 'checkable.yaml');
    const text = await readFile(path.join(directory, 'gates.yaml'), 'utf8');
    await writeFile(checkable, text.replace(/^ {2}grafana:\n(?: {4}.*\n)+/m, ''));
    for (const only of [
      ['--service', 'auth'],
      ['--file', checkable],
    ]) {
      const applied = await run('apply', '--yes', ...only);
      expect(applied.code, `${applied.stdout}${applied.stderr}`).toBe(0);
    }
    const writes = (await sandbox.writes()).length;
    const [yaml, json, environment] = await Promise.all(
      ['yaml', 'json', 'env'].map((format) => run('outputs', '--format', format)),
    );
    for (const ran of [yaml, json, environment]) {
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran?.stdout).not.toContain(canary);
    }
    document = JSON.parse(json?.stdout ?? '');
    expect(parse(yaml?.stdout ?? '')).toEqual(document);
    const { aud } = document.services.proxmox?.access ?? {};
    expect(environment?.stdout).toContain(`PROXMOX_ACCESS_AUD=${aud}\n`);
    expect((await sandbox.writes()).length).toBe(writes);
  });

  it('prints the audience by which Access guards each door', async () => {
    const { proxmox, machine } = document.services;
    expect(Object.keys(document.services)).toEqual(['proxmox', 'machine']);
    expect(proxmox?.access?.aud).toBe(audienceIn(await sandbox.visit('proxmox.example.dev')));
    const api = await sandbox.visit('proxmox.example.dev', '/api/x');
    expect(proxmox?.paths?.['/api/**']?.aud).toBe(api.headers['cf-access-aud']);
    const asked = await sandbox.visit('machine.example.dev');
    expect(machine?.access?.aud).toBe(asked.headers['cf-access-aud']);
  });

  it('prints of a client what Authentik reports at its public host, and the delivered id', async () => {
    const vault = document.clients.vault as ClientOutputs | undefined;
    const { body } = await sandbox.visit('auth.example.dev', new URL(vault?.discoveryUrl ?? '').pathname, {
      'x-forwarded-proto': 'https',
    });
    expect(JSON.parse(body)).toMatchObject({
      issuer: vault?.issuer,
      authorization_endpoint: vault?.authorizationUrl,
      token_endpoint: vault?.tokenUrl,
      userinfo_endpoint: vault?.userinfoUrl,
      jwks_uri: vault?.jwksUrl,
      end_session_endpoint: vault?.endSessionUrl,
    });
    const delivered = await readFile(path.join(directory, 'vault.env'), 'utf8');
    expect(delivered).toContain(`VAULT_CLIENT_ID=${vault?.clientId}\n`);
    expect(delivered).toContain(canary);
    const alone = JSON.parse((await run('outputs', '--service', 'vault', '--format', 'json')).stdout);
    expect(alone).toEqual({ version: 1, services: {}, clients: { vault } });
  });

  it('prints of a SAML client what Authentik answers at its public host', async () => {
    const gitlab = document.clients.gitlab as SamlOutputs;
    const visit = (url: string | null) =>
      sandbox.visit('auth.example.dev', new URL(url ?? '').pathname, { 'x-forwarded-proto': 'https' });
    const moved = await visit(gitlab.metadataUrl);
    expect(moved.status).toBe(302);
    expect(gitlab.issuer).toBe(gitlab.metadataUrl);
    // A request without a message is refused by the endpoint itself, an unknown address is not found.
    for (const url of [gitlab.ssoPostUrl, gitlab.ssoRedirectUrl]) expect((await visit(url)).status).toBe(400);
    const saml = await run('outputs', '--format', 'saml', '--client', 'gitlab');
    expect(saml).toMatchObject({ code: 0, stderr: '' });
    expect(saml.stdout).toContain(`metadata = ${gitlab.metadataUrl}\n`);
    expect(saml.stdout).toContain('assertion_consumer_service = https://gitlab.example.dev/acs\n');
    const oidc = await run('outputs', '--format', 'oidc', '--client', 'gitlab');
    expect([oidc.code, oidc.stderr]).toEqual([
      1,
      'missing: clients.gitlab: the application logs people in by SAML, which `--format saml` prints\n',
    ]);
    const env = await run('outputs', '--format', 'env', '--client', 'gitlab');
    expect(env.stdout).toContain(`GITLAB_SAML_METADATA_URL=${gitlab.metadataUrl}\n`);
  });

  it('prints names and filters for an LDAP client', async () => {
    const { films } = document.clients;
    expect(films).toEqual({
      baseDn: 'dc=Films,dc=home',
      bindDn: 'cn=USERNAME,ou=users,dc=films,dc=home',
      userBase: 'ou=users,dc=films,dc=home',
      userFilter: '(objectClass=user)',
      userNameAttribute: 'cn',
      groupBase: 'ou=groups,dc=films,dc=home',
      groupFilter: '(objectClass=group)',
      groupMemberAttribute: 'member',
      tlsServerName: 'ldap.example.dev',
    });
    const ldap = await run('outputs', '--format', 'ldap', '--service', 'films');
    expect(ldap).toMatchObject({ code: 0, stderr: '' });
    expect(ldap.stdout).toContain('bind_dn = cn=USERNAME,ou=users,dc=films,dc=home\n');
    const env = await run('outputs', '--format', 'env', '--client', 'films');
    expect(env.stdout).toContain('FILMS_LDAP_BIND_DN=cn=USERNAME,ou=users,dc=films,dc=home\n');
    expect(env.stdout).toContain("FILMS_LDAP_USER_FILTER='(objectClass=user)'\n");
  });

  it('prints the settings of one application, with its live values and no secret', async () => {
    const proxmox = await run('outputs', '--format', 'grafana', '--service', 'proxmox');
    expect(proxmox).toMatchObject({ code: 0, stderr: '' });
    expect(proxmox.stdout).toContain(`"aud": "${document.services.proxmox?.access?.aud}"`);
    const vault = await run('outputs', '--format', 'oidc', '--client', 'vault');
    expect(vault).toMatchObject({ code: 0, stderr: '' });
    expect(vault.stdout).toContain(`client_id = ${(document.clients.vault as ClientOutputs).clientId}\n`);
    expect(vault.stdout).toContain(`VAULT_CLIENT_SECRET in ${directory}/vault.env`);
    expect(vault.stdout).not.toContain(canary);
    const none = await run('outputs', '--format', 'argocd', '--service', 'machine');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('missing: name a client of the file with `--client NAME`');
  });

  it('refuses to print the settings of an application that nobody names', async () => {
    const unnamed = await run('outputs', '--format', 'proxmox');
    expect(unnamed).toMatchObject({ code: 64, stdout: '' });
    expect(unnamed.stderr).toContain('Name it with --service NAME or --client NAME');
    const unknown = await run('outputs', '--format', 'oidc', '--client', 'vualt');
    expect(unknown).toMatchObject({ code: 64, stdout: '' });
    expect(unknown.stderr).toContain('It has vault');
  });

  it('reports that it could not read a system, which differs from not applied', async () => {
    const match = { system: 'cloudflare', method: 'GET', path: '/client/v4/accounts/*/access/apps' };
    await sandbox.admin('POST', '/faults', { fault: 'status', status: 403, match });
    const { code, stderr } = await run('outputs', '--service', 'machine');
    await sandbox.admin('DELETE', '/faults');
    expect(code).toBe(1);
    expect(stderr).toContain('missing: cloudflare/access-application could not be read');
    expect(stderr).not.toContain('not applied yet');
  });

  it('prints nothing for a public service', async () => {
    const ran = await run('outputs', '--service', 'docs', '--format', 'json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ version: 1, services: {}, clients: {} });
  });

  it('prints what Traefik needs without any system or token, because that comes before the gate can be checked', async () => {
    const calls = (await sandbox.calls()).length;
    const traefik = await gates(['outputs', '--format', 'traefik'], {}, directory);
    expect(traefik).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(parse(traefik.stdout).http.routers)).toEqual(['gates-outpost-grafana']);
    const labels = await gates(['outputs', '--format', 'traefik', '--traefik', 'labels'], {}, directory);
    expect(labels).toMatchObject({ code: 0, stderr: '' });
    expect(parse(labels.stdout).labels).toContain('traefik.enable=true');
    expect((await sandbox.calls()).length).toBe(calls);
  });

  it('says with a comment that Traefik needs nothing for a service', async () => {
    const ran = await gates(['outputs', '--format', 'traefik', '--service', 'docs'], {}, directory);
    expect(ran.code).toBe(0);
    expect(parse(ran.stdout)).toBeNull();
  });

  it.each([
    { args: ['--service', 'dcos'], code: 1, says: 'has no service "dcos". It has: auth, grafana, proxmox' },
    { args: ['--file', 'absent.yaml'], code: 1, says: 'absent.yaml does not exist' },
    { args: ['--format', 'toml'], code: 64, says: 'Allowed choices are yaml, json, env, traefik' },
  ])('rejects $args', async ({ args, code, says }) => {
    const ran = await run('outputs', ...args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(says);
  });

  it('rejects a file with mistakes, and names their places', async () => {
    const broken = path.join(directory, 'broken.yaml');
    await writeFile(broken, file.replace('owner: home', 'owner: HOME'));
    const ran = await run('outputs', '--file', broken);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/broken\.yaml:2:/);
  });
});
