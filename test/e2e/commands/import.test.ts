import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

let sandbox: SandboxProcess;
let directory: string;

const command = (...args: string[]) =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);

const byHand = (method: string, where: string, body: unknown) =>
  sandbox.admin('POST', '/edit', {
    actor: 'me',
    system: 'cloudflare',
    method,
    path: where,
    body,
  }) as Promise<{
    result: { id: string; aud: string };
  }>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  const account = `/accounts/${sandbox.accountId}`;
  const zone = `/zones/${sandbox.zoneId}/dns_records`;
  const state = (await sandbox.admin('GET', '/state')) as { tunnels: { id: string }[] };
  const tunnel = state.tunnels[0]?.id;
  const content = `${tunnel}.cfargotunnel.com`;
  const guard = async (host: string, policy: object) => {
    const application = await byHand('POST', `${account}/access/apps`, {
      ...{ type: 'self_hosted', name: `Old ${host}`, domain: host, session_duration: '24h' },
      destinations: [{ type: 'public', uri: host }],
      policies: [{ name: 'mine', ...policy }],
    });
    return { access: { required: true, teamName: 'example', audTag: [application.result.aud] } };
  };
  const one = await guard('one.example.dev', {
    decision: 'allow',
    include: [{ email: { email: 'me@example.dev' } }],
  });
  const machines = await guard('machines.example.dev', {
    decision: 'non_identity',
    include: [{ any_valid_service_token: {} }],
  });
  const service = 'http://app.lan:80';
  await byHand('PUT', `${account}/cfd_tunnel/${tunnel}/configurations`, {
    config: {
      ingress: [
        { hostname: 'one.example.dev', service, originRequest: one },
        { hostname: 'two.example.dev', service },
        { hostname: 'machines.example.dev', service, originRequest: machines },
        { hostname: 'ssh.example.dev', service: 'ssh://box.lan:22' },
        { service: 'http_status:404' },
      ],
    },
  });
  for (const name of ['one', 'two', 'machines', 'ssh'])
    await byHand('POST', zone, { type: 'CNAME', name, content, proxied: true, ttl: 1 });
  await byHand('POST', zone, {
    type: 'CNAME',
    name: 'www',
    content: 'example.net',
    proxied: false,
    ttl: 300,
  });
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('gates import', () => {
  it('prints a file that says what is live, and what it leaves out', async () => {
    const before = await sandbox.writes();
    const imported = await command('import');
    expect(imported.stderr).toContain('Imported 2 services, 0 clients, 1 record; left 2.');
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stdout.replace(/127\.0\.0\.1:\d+/, 'authentik.lan:9000')).toMatchSnapshot();
    expect(await sandbox.writes()).toEqual(before);
  });

  it('imports one host only', async () => {
    const imported = await command('import', '--host', 'two.example.dev');
    expect(imported.stdout).toContain('host: two.example.dev');
    expect(imported.stdout).not.toContain('one.example.dev');
    expect(imported.stdout).not.toContain('dns:');
  });

  it('replaces a file only with --force', async () => {
    const file = path.join(directory, 'kept.yaml');
    await writeFile(file, 'mine');
    const refused = await command('import', '--write', file);
    expect(refused).toMatchObject({ code: 64, stdout: '' });
    expect(refused.stderr).toContain('exists');
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await command('import', '--write', file, '--force')).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(file, 'utf8')).toContain('host: one.example.dev');
  });

  it('takes names from a Terraform state, and shows none of its secrets', async () => {
    const { records } = (await sandbox.admin('GET', '/state')) as { records: { id: string; name: string }[] };
    const id = records.find(({ name }) => name === 'two.example.dev')?.id;
    const secret = 'Zm9yIG5vYm9keSdzIGV5ZXM=';
    const attributes = { id, comment: secret };
    const tunnel = { id: 'x', tunnel_secret: secret };
    const state = JSON.stringify({
      version: 4,
      outputs: { secret: { value: secret, type: 'string', sensitive: true } },
      resources: [
        { mode: 'managed', type: 'cloudflare_record', name: 'second_host', instances: [{ attributes }] },
        {
          mode: 'managed',
          type: 'cloudflare_zero_trust_tunnel_cloudflared',
          name: 'home',
          instances: [{ attributes: tunnel }],
        },
      ],
    });
    const names = ['state.json', 'cut.json', 'named.yaml'].map((name) => path.join(directory, name));
    const [whole = '', cut = '', written = ''] = names;
    await writeFile(whole, state);
    await writeFile(cut, state.slice(0, state.indexOf(secret) + 10));
    const imported = await command('import', '--terraform', whole, '--write', written);
    expect(imported).toMatchObject({ code: 0, stdout: '' });
    expect(imported.stderr).toContain('Terraform: 1 of 1 ');
    const text = await readFile(written, 'utf8');
    expect(text).toContain('  # cloudflare_record.second_host\n  second-host:\n    host: two.example.dev\n');
    const refused = await command('import', '--terraform', cut);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/The state is cut off at line 1, column \d+/);
    const missing = await command('import', '--terraform', path.join(directory, 'no.json'));
    expect(missing.stderr).toContain('cannot be read');
    for (const output of [imported.stderr, refused.stderr, text]) expect(output).not.toContain('Zm9yIG5v');
  });

  it('names the accounts and zones to choose from', async () => {
    const imported = await command('import', '--zone', 'example.org');
    expect(imported).toMatchObject({ code: 1 });
    expect(imported.stderr).toContain('It has: example.dev');
  });

  it('adds to a file what it lacks, and keeps its text', async () => {
    const file = path.join(directory, 'part.yaml');
    const { stdout } = await command('import', '--host', 'one.example.dev');
    const text = `\uFEFF${stdout.replace('services:\n', 'services:\n  # mine\n')}`;
    await writeFile(file, text);
    const shown = await command('import', '--into', file, '--host', 'two.example.dev');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain('\n+    host: two.example.dev\n');
    expect(shown.stdout).not.toMatch(/^-(?!--)/m);
    expect(shown.stdout).not.toContain('www');
    expect(await readFile(file, 'utf8')).toBe(text);

    expect(await command('import', '--into', file, '--write')).toMatchObject({ code: 0, stdout: '' });
    const written = await readFile(file, 'utf8');
    const left = written.split('\n');
    expect(text.split('\n').filter((line) => !left.includes(line))).toEqual([]);
    expect(written).toContain('content: example.net');
    const again = await command('import', '--into', file, '--write');
    expect(again).toMatchObject({ code: 0, stdout: '' });
    expect(again.stderr).toContain(`Nothing new for ${file}`);
    expect(await readFile(file, 'utf8')).toBe(written);
  });

  it('leaves a file with mistakes as it is, and zones that it does not have', async () => {
    const file = path.join(directory, 'wrong.yaml');
    await writeFile(file, 'version: 1\nowner: home\n');
    const refused = await command('import', '--into', file, '--write');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('correct');
    expect(await readFile(file, 'utf8')).toBe('version: 1\nowner: home\n');
    expect(await command('import', '--write', file, '--force')).toMatchObject({ code: 0 });
    const zone = await command('import', '--into', file, '--zone', 'example.org');
    expect(zone.stderr).toContain('has no zone example.org. It has: example.dev');
    expect(await command('import', '--into', file, '--write', 'other.yaml')).toMatchObject({ code: 64 });
    expect(await command('import', '--write')).toMatchObject({ code: 64 });
  });

  it('writes new entries into gates.yaml, and none into the files that it includes', async () => {
    const file = path.join(directory, 'several.yaml');
    const { stdout } = await command('import', '--host', 'one.example.dev');
    await writeFile(file, `${stdout}\ninclude: [more/*.yaml]\n`);
    await mkdir(path.join(directory, 'more'));
    const two =
      'services: { two: { host: two.example.dev, origin: app, gate: { public: { reason: mine } } } }\n';
    const www = 'dns: { example.dev: [{ name: www, type: CNAME, content: example.net }] }\n';
    await writeFile(path.join(directory, 'more/dns.yaml'), www);
    await writeFile(path.join(directory, 'more/services.yaml'), two);
    const before = await readFile(file, 'utf8');
    const known = await command('import', '--into', file);
    expect(known).toMatchObject({ code: 0, stdout: '' });
    expect(known.stderr).toContain(`Nothing new for ${file}`);
    await writeFile(path.join(directory, 'more/services.yaml'), 'services: {}\n');
    expect(await command('import', '--into', file, '--write')).toMatchObject({ code: 0, stdout: '' });
    const written = await readFile(file, 'utf8');
    expect(written.split('\n')).toEqual(expect.arrayContaining(before.split('\n')));
    expect(written).toContain('host: two.example.dev');
    expect(written).not.toContain('content: example.net');
    expect(await readFile(path.join(directory, 'more/dns.yaml'), 'utf8')).toBe(www);
  });

  it('gives a file that `gates adopt` takes over completely', async () => {
    expect(await command('import', '--write', 'gates.yaml')).toMatchObject({ code: 0 });
    expect(await command('adopt', '--yes')).toMatchObject({ code: 0 });
    expect(await command('plan')).toMatchObject({ code: 0 });
  });
});
