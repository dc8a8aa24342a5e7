import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { head } from '../support/file-head.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** A file of a home that was set up by hand: its objects exist already, unmarked. */
const file = `${head}services:
  one: { host: one.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }
  two: { host: two.example.dev, origin: app, gate: { public: { reason: open } } }
dns:
  example.dev:
    - { name: www, type: CNAME, content: example.net, ttl: 300 }
`;

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
    result: { id: string };
  }>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await writeFile(path.join(directory, 'gates.yaml'), file);
  const account = `/accounts/${sandbox.accountId}`;
  const zone = `/zones/${sandbox.zoneId}/dns_records`;
  const state = (await sandbox.admin('GET', '/state')) as { tunnels: { id: string }[] };
  const content = `${state.tunnels[0]?.id}.cfargotunnel.com`;
  const include = [{ email: { email: 'me@example.dev' } }];
  const policy = await byHand('POST', `${account}/access/policies`, {
    name: 'me',
    decision: 'allow',
    include,
  });
  await byHand('POST', `${account}/access/apps`, {
    type: 'self_hosted',
    name: 'My old app',
    domain: 'one.example.dev',
    destinations: [{ type: 'public', uri: 'one.example.dev' }],
    policies: [{ id: policy.result.id, precedence: 1 }],
    custom_deny_message: 'Go away',
  });
  await byHand('POST', zone, { type: 'CNAME', name: 'one', content, proxied: true, ttl: 1, comment: 'old' });
  await byHand('POST', zone, { type: 'CNAME', name: 'two', content, proxied: true, ttl: 1 });
  await byHand('POST', zone, { type: 'CNAME', name: 'www', content: 'example.net', proxied: false, ttl: 60 });
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('an existing object', () => {
  it('is refused if it differs, with the way to adopt it', async () => {
    const plan = await command('plan');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/! cloudflare\/access-application one\.example\.dev/);
    expect(plan.stdout).toMatch(/! cloudflare\/dns-record CNAME www\.example\.dev/);
    expect(plan.stdout).toMatch(/`gates adopt` takes it\s+over/);
    const applied = await command('apply', '--yes');
    expect(applied.code).toBe(1);
    expect(await sandbox.visit('one.example.dev')).not.toMatchObject({ servedBy: 'origin' });
  });

  it('is shown with the changes of its adoption, and not changed by that', async () => {
    const before = (await sandbox.writes()).length;
    const plan = await command('plan', '--adopt', '--verbose');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/> adopt cloudflare\/dns-record CNAME www\.example\.dev.*\n.*ttl: 60 → 300/);
    expect((await sandbox.writes()).length).toBe(before);
  });

  it('is adopted on request, and belongs to the file from then on', async () => {
    const adopted = await command('adopt', '--yes');
    // Nothing leads to the hosts yet, and adopting opens none.
    expect(adopted.code, adopted.stderr).toBe(1);
    expect(adopted.stderr).toContain('left     create cloudflare/ingress-rule homelab/one.example.dev');
    expect(adopted.stderr).toContain('`gates apply` does the rest');
    expect(await sandbox.visit('one.example.dev')).not.toMatchObject({ servedBy: 'origin' });
    const again = await command('adopt', '--yes');
    expect(again.stderr).toContain('left     create cloudflare/ingress-rule homelab/one.example.dev');
    const applied = await command('apply', '--yes');
    expect(applied.code, `${applied.stdout}${applied.stderr}`).toBe(0);
    expect(await command('plan')).toMatchObject({ code: 0 });
    expect(await command('adopt', '--service', 'one', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.visit('one.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
    const state = (await sandbox.admin('GET', '/state')) as {
      apps: { name: string; tags: string[] }[];
      records: { name: string; comment: string }[];
    };
    expect(state.apps).toHaveLength(1);
    expect(JSON.stringify(state.apps[0])).toContain('Go away');
    expect(state.records.map(({ comment }) => comment.split(' ')[0])).toEqual([
      'gates:home',
      'gates:home',
      'gates:home',
    ]);
  });

  it('is adopted only after a question, and silence means no', async () => {
    await writeFile(
      path.join(directory, 'gates.yaml'),
      (await readFile(path.join(directory, 'gates.yaml'), 'utf8')).replace('ttl: 300', 'ttl: 600'),
    );
    const ran = await command('apply');
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('gates apply --yes') });
  });
});
