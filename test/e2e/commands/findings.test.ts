import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingsDocument } from '../../../src/report/findings/findings.ts';
import { head } from '../support/file-head.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const file = `${head}services:
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
`;

let sandbox: SandboxProcess;
let directory: string;

const command = (args: readonly string[], more: Record<string, string> = {}) =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state'), ...more }, directory);

const live = (...args: readonly string[]) => command(['doctor', '--live', ...args]);

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await writeFile(path.join(directory, 'gates.yaml'), file);
  expect(await command(['apply', '--yes'])).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

function byHand(method: string, where: string, body: object): Promise<unknown> {
  const edit = { actor: 'ann', system: 'cloudflare', method, path: where, body };
  return sandbox.admin('POST', '/edit', edit);
}

describe('gates doctor --live', () => {
  it('ends with 0 in a home as its file says, and writes nothing', async () => {
    const before = await sandbox.writes();
    const found = await live();
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toBe(
      'Read: Cloudflare and Authentik, zone example.dev\n0 exposed, 0 weak, 0 broken, 0 unused.\n',
    );
    expect(await sandbox.writes()).toEqual(before);
  });

  it('needs no file, and then an open host is a finding', async () => {
    const found = await live('--file', 'none.yaml');
    expect(found).toMatchObject({ code: 1 });
    expect(found.stdout).toContain('Everybody gets in at docs.example.dev');
    expect(found.stdout).toContain('No file says which hosts are open on purpose');
  });

  it('reads Cloudflare alone without a token for Authentik, and says so', async () => {
    const found = await command(['doctor', '--live', '--file', 'none.yaml'], { AUTHENTIK_TOKEN: '' });
    expect(found).toMatchObject({ code: 1 });
    expect(found.stdout).toContain('Read: Cloudflare, without Authentik');
  });

  it('prints a fault in all formats, with 1 as the exit code', async () => {
    await byHand('POST', `/zones/${sandbox.zoneId}/dns_records`, {
      ...{ type: 'CNAME', name: 'alias', content: 'gone.example.dev', proxied: true, ttl: 1 },
    });
    const [text, json, sarif, markdown] = await Promise.all([
      live('--zone', 'example.dev'),
      live('--output', 'json'),
      live('--output', 'sarif'),
      live('--output', 'markdown'),
    ]);
    for (const each of [text, json, sarif, markdown]) expect(each).toMatchObject({ code: 1, stderr: '' });
    expect(text.stdout).toContain(`Broken
  ✗ alias.example.dev leads to gone.example.dev, which has no record
    (name-to-nowhere)
    → Correct the target, or remove the record
`);
    const document = JSON.parse(json.stdout) as FindingsDocument;
    expect(document).toMatchObject({ version: 1, file: 'read', authentik: true, zones: ['example.dev'] });
    expect(document.findings.map(({ rule, subject }) => [rule, subject.name])).toEqual([
      ['name-to-nowhere', 'CNAME alias.example.dev'],
    ]);
    const [run] = JSON.parse(sarif.stdout).runs;
    expect(run.results[0]).toMatchObject({
      ruleId: 'name-to-nowhere',
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'gates.yaml' } } }],
    });
    expect(markdown.stdout).toContain('**0 exposed, 0 weak, 1 broken, 0 unused**');
    expect(markdown.stdout).toContain('- alias.example.dev leads to gone.example.dev');
  });

  it('a file with mistakes explains nothing, and the output says so', async () => {
    await writeFile(path.join(directory, 'wrong.yaml'), 'version: 7\n');
    const found = await live('--file', 'wrong.yaml');
    expect(found.stdout.replace(/\s+/g, ' ')).toContain('The file has mistakes');
    expect(found.stdout).toContain('(open-door)');
  });

  it('refuses a zone that the file does not have, and formats that only --live has', async () => {
    expect(await live('--zone', 'example.org')).toMatchObject({ code: 64, stdout: '' });
    for (const option of ['--output=sarif', '--zone=example.dev', '--owner=o']) {
      const refused = await command(['doctor', option]);
      expect(refused).toMatchObject({ code: 64, stdout: '' });
      expect(refused.stderr).toContain('gates doctor --live');
    }
    const account = await command(['doctor', '--account=a']);
    expect(account).toMatchObject({ code: 64, stdout: '' });
    expect(account.stderr).toContain('has no account "a". It has one, without a name');
  });
});

it('gates import ends with the findings in short', async () => {
  const imported = await command(['import']);
  expect(imported).toMatchObject({ code: 0 });
  expect(imported.stderr).toContain('Findings: 1 exposed, 0 weak, 1 broken, 0 unused.');
  expect(imported.stderr.replace(/\s+/g, ' ')).toContain('`gates doctor --live` shows all, with what to do');
  expect(imported.stderr).toContain('✗ Everybody gets in at docs.example.dev');
});
