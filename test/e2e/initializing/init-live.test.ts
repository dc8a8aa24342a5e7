import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { Typist } from '../support/typist.ts';

let sandbox: SandboxProcess;
let folders: string[];

const byHand = (method: string, where: string, body: unknown) =>
  sandbox.admin('POST', '/edit', { actor: 'me', system: 'cloudflare', method, path: where, body });

async function folder(): Promise<string> {
  const made = await temporaryDirectory();
  folders.push(made);
  return made;
}

beforeAll(async () => {
  folders = [];
  sandbox = await startSandboxProcess();
  const state = (await sandbox.admin('GET', '/state')) as { tunnels: { id: string }[] };
  const tunnel = state.tunnels[0]?.id;
  await byHand('PUT', `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel}/configurations`, {
    config: {
      ingress: [
        { hostname: 'docs.example.dev', service: 'http://docs.lan:80' },
        { service: 'http_status:404' },
      ],
    },
  });
  await byHand('POST', `/zones/${sandbox.zoneId}/dns_records`, {
    ...{ type: 'CNAME', name: 'docs', proxied: true, ttl: 1 },
    content: `${tunnel}.cfargotunnel.com`,
  });
});

afterAll(async () => {
  await sandbox.stop();
  for (const each of folders) await remove(each);
});

/** The environment without Authentik: a person has to say that there is none. */
function withoutAuthentik(): Record<string, string> {
  const { AUTHENTIK_TOKEN: _, AUTHENTIK_URL: __, ...rest } = sandbox.env;
  return rest;
}

describe('gates init from what is live', () => {
  it('begins with the hosts of the account, and adds one', needs('script'), async () => {
    const cwd = await folder();
    const person = new Typist(['init'], withoutAuthentik(), cwd);
    await person.answer('A host leads into your tunnels already', '\r');
    await person.answer('Address of Authentik', '\r');
    await person.answer('Next host', 'proxmox\r');
    await person.answer('Its server', 'http://proxmox.lan:8006\r');
    await person.answer('Who may pass', 'me@example.dev\r');
    await person.answer('Next host', '\r');
    expect(await person.ended()).toBe(0);
    expect(person.screen).toContain('Imported 1 service');
    expect(person.screen).toContain('gates adopt');
    const text = readFileSync(path.join(cwd, 'gates.yaml'), 'utf8');
    expect(text).toContain('host: docs.example.dev');
    expect(text).toContain('gate: { cloudflare: { emails: [me@example.dev] } }');
    const env = { ...withoutAuthentik(), GATES_STATE_DIR: path.join(cwd, '.state') };
    expect(await gates(['validate'], env, cwd)).toMatchObject({ code: 0 });
    expect(await gates(['plan', '--adopt'], env, cwd)).toMatchObject({ code: 2 });
  });

  it('does so without a terminal with --live, and writes nothing live', async () => {
    const cwd = await folder();
    const before = await sandbox.writes();
    const ran = await gates(['init', '--live'], sandbox.env, cwd);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    const text = readFileSync(path.join(cwd, 'gates.yaml'), 'utf8');
    expect(text).toContain('reason: "imported: nothing guards it"');
    expect(await sandbox.writes()).toEqual(before);
  });

  it('says that a host of the answers has a record already', async () => {
    const cwd = await folder();
    const args = ['init', '--host', 'docs', '--origin', 'http://docs.lan', '--admit', 'me@example.dev'];
    const ran = await gates(args, sandbox.env, cwd);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stderr).toContain('docs.example.dev has a DNS record already');
    expect(ran.stderr).toContain('gates plan --adopt');
  });
});

describe('gates init in an account with several zones and tunnels', needs('script'), () => {
  it('asks which ones the file is about', async () => {
    const large = await startSandboxProcess(['--zone', 'example.org']);
    const tunnels = `/accounts/${large.accountId}/cfd_tunnel`;
    const body = { name: 'lab', config_src: 'cloudflare' };
    await large.admin('POST', '/edit', {
      actor: 'me',
      system: 'cloudflare',
      method: 'POST',
      path: tunnels,
      body,
    });
    const cwd = await folder();
    const person = new Typist(['init'], large.env, cwd);
    await person.answer('Zones, of example.dev, example.org', 'example.net\r');
    await person.answer('Zones, of', '\r');
    await person.answer('Tunnel to your servers, of homelab, lab', 'lob\r');
    await person.answer('Tunnel to your servers', 'lab\r');
    await person.answer('Host to guard', 'docs\r');
    await person.answer('Host to guard', 'docs.example.org\r');
    await person.answer('Its server', 'http://docs.lan\r');
    await person.answer('Who may pass', 'me@example.dev\r');
    await person.answer('Next host', '\r');
    expect(await person.ended()).toBe(0);
    expect(person.screen).toContain('There is no zone "example.net". There is: example.dev, example.org');
    expect(person.screen).toContain('There is no tunnel "lob". There is: homelab, lab');
    const text = readFileSync(path.join(cwd, 'gates.yaml'), 'utf8');
    expect(text).toContain('zones: [example.dev, example.org]');
    expect(text).toContain('docs: { tunnel: lab, url: http://docs.lan }');
    await large.stop();
  });
});
