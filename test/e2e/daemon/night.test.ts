import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startForge, token } from '../../clients/forge/fake-forge.ts';
import { fakeReceiver } from '../../clients/notify/fake-receiver.ts';
import { createForge } from '../../daemon/forge.ts';
import { until } from '../../support/until.ts';
import { head } from '../support/file-head.ts';
import {
  collect,
  gates,
  remove,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** A mistake that is pushed at night: in the morning, every report has its line and what to do. */
const canary = 'c4n4ry5ecret';
const secret = 'webhook-secret-c4n4ry';

const file = (ntfy: string, more = '') => `${head}services:
  one: { host: one.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
serviceTokens:
  ci: { duration: 8760h }
notify:
  - ntfy: { url: "${ntfy}/my-topic" }
${more}`;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function stage() {
  const directory = await temporaryDirectory();
  const sandbox = await startSandboxProcess(['--canary', canary]);
  const ntfy = await fakeReceiver({ status: 200, body: '{}' });
  const shown = await startForge('gitea');
  cleanUps.push(() => remove(directory), sandbox.stop, shown.stop);
  const forge = createForge(directory);
  const first = forge.push({ 'gates.yaml': file(ntfy.url) });
  const env = {
    ...sandbox.env,
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_FORGE: 'forgejo',
    GATES_FORGE_URL: shown.url,
    GATES_FORGE_TOKEN: token,
    GATES_WEBHOOK_SECRET: secret,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
  const daemon = start(['run'], env);
  cleanUps.push(() => daemon.exitCode === null && daemon.kill('SIGKILL'));
  const log = collect(daemon.stderr);
  await until(() => log().includes('"message":"listening"'));
  const listening =
    log()
      .split('\n')
      .find((line) => line.includes('"message":"listening"')) ?? '{}';
  const { status, hooks } = JSON.parse(listening) as { status: string; hooks: string };
  const push = async (text: string) => {
    const revision = forge.push({ 'gates.yaml': text });
    const body = JSON.stringify({ ref: 'refs/heads/main', after: revision });
    const headers = {
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    expect((await fetch(`${hooks}/hooks/git`, { method: 'POST', body, headers })).status).toBe(202);
    return revision;
  };
  return { env, ntfy, shown, first, daemon, log, url: status, push };
}

describe('a mistake pushed at night', () => {
  it('appears in the status, the notice, the commit status and the metrics', async () => {
    const { env, ntfy, shown, first, daemon, log, url, push } = await stage();
    const said = (revision: string) => shown.statuses.filter((status) => status.revision === revision);
    await until(() => said(first).length === 2);
    expect(said(first)[1]).toMatchObject({ state: 'success', context: 'gates' });
    expect(said(first)[1]?.description).toMatch(/^Applied: \d+ created/);

    const bad = await push(file(ntfy.url, 'servces: {}\nclints: {}\n'));
    await until(() => said(bad).length === 2 && ntfy.calls.length > 0);
    const place = /gates\.yaml:16:1 .*"servces"/;
    const advice = 'did you mean "services"?';

    const { state, description } = said(bad)[1] ?? {};
    expect(state).toBe('failure');
    expect(description).toMatch(place);
    expect(description).toContain(advice);
    expect(description).toMatch(/stays applied \(and 1 more mistake\)$/);

    const notice = String(ntfy.calls[0]?.body.message);
    for (const words of [place, /did you mean/, /Push a commit that fixes it/]) expect(notice).toMatch(words);

    const here = await gates(['status'], env);
    const elsewhere = await gates(['status', '--url', `${url}/`], {});
    for (const { code, stdout } of [here, elsewhere]) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^MISTAKE in the newest revision/);
      expect(stdout).toMatch(place);
      for (const words of [
        advice,
        `gates keeps revision ${first.slice(0, 8)}`,
        'Push a commit that fixes it',
      ]) {
        expect(stdout).toContain(words);
      }
    }
    const json = JSON.parse((await gates(['status', '--url', url, '--output', 'json'], {})).stdout);
    expect(json).toMatchObject({ rejected: { revision: bad }, commitStatus: { place: expect.any(String) } });

    const measured = async () => (await fetch(`${url}/metrics`)).text();
    await until(async () => (await measured()).includes('\ngates_revision_rejected 1\n'));
    const metrics = await measured();
    for (const line of [
      /^gates_changes_total\{kind="cloudflare\/dns-record",verb="create",outcome="done"\} 1$/m,
      /^gates_api_requests_total\{system="cloudflare",status="2xx"\} [1-9]/m,
      /^gates_host_verdict\{host="one\.example\.dev",verdict="guarded"\} 1$/m,
      /^gates_commit_statuses_total\{outcome="set"\} 4$/m,
      /^gates_mistake_info\{place="gates\.yaml:16:1",message="[^}]*servces[^}]*",hint="[^}]*services[^}]*"\} 1$/m,
      /^gates_build_info\{version="[\d.]+",revision="([0-9a-f]{40}|unknown)",node="[\d.]+"\} 1$/m,
    ]) {
      expect(metrics).toMatch(line);
    }

    // The alert uses an existing metric, and links to the page that says what to do.
    const rule = readFileSync('docs/alerts.yaml', 'utf8')
      .split('- alert: ')
      .find((text) => text.startsWith('GatesFileMistake'));
    expect(rule).toMatch(
      /expr: gates_revision_rejected == 1\n(?:.*\n)*.*query "gates_mistake_info"(?:.*\n)*.*#gatesfilemistake/,
    );
    const runbook = readFileSync('docs/when-it-goes-wrong.md', 'utf8').split('\n## GatesFileMistake\n')[1];
    expect(runbook?.split('\n## ')[0]).toContain('Push a commit that fixes it.');

    const good = await push(file(ntfy.url));
    await until(() => said(good).length === 2 && ntfy.calls.length === 2);
    expect(said(good)[1]?.state).toBe('success');
    await until(async () => (await measured()).includes('\ngates_revision_rejected 0\n'));
    daemon.kill('SIGTERM');
    await until(() => daemon.exitCode !== null);

    const texts = [log(), here.stdout, elsewhere.stdout, metrics, notice, JSON.stringify(shown.statuses)];
    for (const text of texts) {
      for (const hidden of [canary, secret, token]) expect(text).not.toContain(hidden);
    }
  });

  it('is requested from an address without a daemon, and the error says so', async () => {
    const shown = await startForge('gitea');
    cleanUps.push(shown.stop);
    const rows = [
      ['http://127.0.0.1:1', 1, 'The daemon does not answer'],
      [shown.url.replace(/\/you.*/, ''), 1, 'This is not a daemon of gates'],
      ['nas.lan:8420', 64, '--url is not an address'],
    ] as const;
    for (const [url, exitCode, words] of rows) {
      const { code, stderr } = await gates(['status', '--url', url], {});
      expect([code, stderr]).toEqual([exitCode, expect.stringContaining(words)]);
    }
  });
});
