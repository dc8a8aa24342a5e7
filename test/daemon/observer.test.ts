import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it, onTestFinished } from 'vitest';
import statusSchema from '../../schema/status.schema.json' with { type: 'json' };
import { createCommitStatuses } from '../../src/clients/forge/commit-status.ts';
import { type ForgeName, forgeNames } from '../../src/clients/forge/forge.ts';
import type { GitSource, SourceRevision } from '../../src/clients/git/git.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { systemClock } from '../../src/clients/state/clock.ts';
import { type CommitPlace, openObserver } from '../../src/daemon/observer.ts';
import { createMetrics } from '../../src/daemon/status/metrics.ts';
import { statusFile } from '../../src/daemon/status/status-file.ts';
import type { EndedRun } from '../../src/report/history/history.ts';
import { repository, startForge, token } from '../clients/forge/fake-forge.ts';
import { ended, NOON } from '../report/notices/status.ts';
import { until } from '../support/until.ts';
import { createForge } from './forge.ts';
import { quietLog } from './quiet-log.ts';
import { deferred, startDaemon, textOf } from './running-daemon.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ajv = new Ajv2020();
addFormats.default(ajv);
const isStatus = ajv.compile(statusSchema);

/** Starts a forge that shows commits, and returns its place. */
async function shownBy(name: ForgeName) {
  const shown = await startForge(name);
  onTestFinished(() => shown.stop());
  const place = { forge: name, api: shown.api, repository };
  const { signal } = new AbortController();
  // The clock sleeps 1 ms, since gates waits seconds before it calls a failing forge again.
  const clock = { now: systemClock.now, sleep: () => systemClock.sleep(1) };
  const parts = { place, token, redactor: createRedactor(), clock, signal };
  const statuses = createCommitStatuses({ ...parts, context: 'gates', branch: 'main' });
  const commits: CommitPlace = { place: `you/home at ${shown.api}`, statuses };
  const said = (revision: string) =>
    shown.statuses.filter((status) => status.revision === revision).map(({ state }) => state);
  return { shown, commits, said };
}

const success = { github: 'success', gitlab: 'success', gitea: 'success' };
const failure = { github: 'failure', gitlab: 'failed', gitea: 'failure' };
const superseded = { github: 'error', gitlab: 'canceled', gitea: 'warning' };

describe.each(forgeNames)('the status of a push on %s', (name) => {
  it('is applied, superseded in a burst, or a mistake', async () => {
    const { shown, commits, said } = await shownBy(name);
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one' });
    const { push, runs, requests, hold } = await startDaemon(forge, { commits });
    await runs.at(0);
    const gate = deferred<void>();
    hold(gate.promise);
    const second = forge.push({ 'gates.yaml': 'two' });
    await push(second);
    await requests.at(1);
    const burst = Array.from({ length: 5 }, (_, index) => forge.push({ 'gates.yaml': `burst ${index}` }));
    for (const revision of burst) expect(await push(revision)).toBe(202);
    gate.resolve();
    await runs.at(2);
    const mistaken = forge.push({ 'gates.yaml': 'a mistake' });
    await push(mistaken);
    await until(() => said(mistaken).length === 2);

    const last = burst.pop() ?? '';
    for (const applied of [first, second, last]) expect(said(applied)).toEqual(['pending', success[name]]);
    for (const revision of burst) expect(said(revision)).toEqual([superseded[name]]);
    expect(said(mistaken)).toEqual(['pending', failure[name]]);
    const { description } = shown.statuses.at(-1) ?? {};
    expect(description).toBe(`gates.yaml:2:3 unknown key. ${last.slice(0, 8)} stays applied`);
    expect(runs.all).toEqual(['done', 'done', 'done', 'done']);
  });

  it('arrives even after errors 500, which no run waits for', async () => {
    const { shown, commits, said } = await shownBy(name);
    shown.troubles.push({ method: 'POST', path: /statuses/, status: 500, times: 2 });
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one' });
    const { runs, status, hangup } = await startDaemon(forge, { commits });
    await runs.at(0);
    await until(() => said(first).at(-1) === success[name]);

    shown.troubles.push({ method: 'POST', path: /statuses/, status: 403 });
    const second = forge.push({ 'gates.yaml': 'two' });
    hangup();
    expect(await runs.at(1)).toBe('done');
    await until(async () => (await status()).commitStatus?.error !== undefined);
    expect(said(second)).toEqual([]);
    shown.troubles.splice(0);
    const third = forge.push({ 'gates.yaml': 'three' });
    hangup();
    await until(() => said(third).length === 2);
    await until(async () => (await status()).commitStatus?.error === undefined);
  });
});

it('a push that a mistake covered before the next read is reported as such, and applied with the next good one', async () => {
  const { commits, said } = await shownBy('github');
  const forge = createForge();
  forge.push({ 'gates.yaml': 'one' });
  const { push, runs, requests, hold, status } = await startDaemon(forge, { commits });
  const pushed = async (text: string) => {
    const revision = forge.push({ 'gates.yaml': text });
    return (await push(revision)) === 202 ? revision : '';
  };
  await runs.at(0);
  const gate = deferred<void>();
  hold(gate.promise);
  const before = await pushed('two');
  await requests.at(1);
  const covered = await pushed('three');
  const mistaken = await pushed('three with a mistake');
  gate.resolve();
  await until(() => said(mistaken).length === 2);
  expect([said(covered), said(mistaken)]).toEqual([['error'], ['pending', 'failure']]);
  expect((await status()).inForce?.revision).toBe(before);
  const mended = await pushed('three, mended');
  await until(() => said(mended).length === 2);
  expect([said(covered), said(mended)]).toEqual([['error'], ['pending', 'success']]);
  expect(requests.all.map(textOf)).toEqual(['one', 'two', 'two', 'three, mended']);
});

/** An observer without a daemon. */
async function alone() {
  const status = statusFile(temporaryDirectory(), ended().status, systemClock, () => {});
  const observer = await openObserver({
    stateDir: temporaryDirectory(),
    file: 'gates.yaml',
    status,
    lease: { lost: new AbortController().signal },
    metrics: createMetrics({ version: '0', revision: 'unknown' }),
    clock: systemClock,
    log: quietLog(),
    redact: (text) => text,
    signal: new AbortController().signal,
  });
  return { observer, status };
}

describe('the observer', () => {
  it('keeps in the status when all was well, and what expires, even after a run that could not read it', async () => {
    const { observer, status } = await alone();
    const reports: unknown[] = [];
    const end = observer.ended(async (it) => void reports.push(it.status.succeededAt));
    const expiring = [{ name: 'ci', at: '2027-01-01T00:00:00.000Z' }];
    await end(ended({}, { expiring }));
    await end(
      ended(
        { lastRun: { result: 'error', finishedAt: '2026-03-02T12:00:00.000Z' } },
        { expiring: undefined },
      ),
    );
    expect(status.current()).toMatchObject({ expiring, succeededAt: NOON });
    expect(reports).toEqual([NOON, NOON]);
    await end(ended({}, { expiring: [] }));
    expect(status.current().expiring).toEqual([]);
  });

  it('attributes changes to others only if all had been carried out before', async () => {
    const { observer, status } = await alone();
    const address = { kind: 'cloudflare/dns-record', key: 'a' } as const;
    const change = {
      id: 'a',
      verb: 'update',
      phase: 'open',
      address,
      drift: [],
      needs: [],
      doors: [],
    } as const;
    const plan = { owner: 'home', changes: [change], warnings: [], attributes: {}, unknown: [] };
    const outcomes = [{ change: 'a', address, status: 'done' as const }];
    const { lastRun } = ended().status;
    const run = { ...lastRun, command: 'gates run' } as EndedRun['run'];
    const record = observer.recorder(async () => {});
    const end = observer.ended(async () => {});
    for (const settled of [false, true]) {
      await record({ run, report: { plan, outcomes } });
      await end(ended({}, { settled }));
    }
    const { text } = await observer.http.metrics(status.current(), true);
    expect(text).toContain('\ngates_drift_repaired_total 1\n');
    expect(text).toContain(
      '\ngates_changes_total{kind="cloudflare/dns-record",verb="update",outcome="done"} 2\n',
    );
  });

  it("passes the loop's questions on to git", async () => {
    const asked: unknown[] = [];
    const { observer } = await alone();
    const read: GitSource['read'] = async (...args) => {
      asked.push(...args);
      return { revision: 'a'.repeat(40) } as SourceRevision;
    };
    const { signal } = new AbortController();
    const accepted = { revision: 'b'.repeat(40), since: '2026-03-01T12:00:00.000Z' };
    const head = await observer
      .git({ url: '/srv/gates.git', secrets: [], read } as unknown as GitSource)
      .read(signal, accepted);
    expect([asked, head.revision]).toEqual([[signal, accepted], 'a'.repeat(40)]);
  });

  it('works without a known place of commits', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const commits = { error: 'It is not known what forge this is' };
    const { runs, status, logged } = await startDaemon(forge, { commits });
    expect(await runs.at(0)).toBe('done');
    expect((await status()).commitStatus).toEqual(commits);
    expect(logged.filter((line) => line.includes('commit statuses are off'))).toHaveLength(1);
  });

  it('measures runs, their triggers, and problems, for the metrics', async () => {
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one' });
    const { runs, push, listening, stateDir } = await startDaemon(forge);
    const text = async () => (await fetch(`${listening.status}/metrics`)).text();
    await runs.at(0);
    await until(async () => /^gates_last_success_timestamp_seconds \d/m.test(await text()));
    expect(await text()).toContain('\ngates_revision_rejected 0\n');
    await push(first);
    await runs.at(1);
    forge.push({ 'gates.yaml': 'a mistake' });
    await push('0123456789abcdef0123456789abcdef01234567');
    await runs.at(2);
    writeFileSync(path.join(stateDir, 'paused.json'), '{"reason":"moving house"}');
    await until(async () => /^gates_runs_total\{result="done"\} 3$/m.test(await text()));
    const measured = (await text()).split('\n');
    expect(measured).toEqual(
      expect.arrayContaining([
        'gates_ready 1',
        'gates_lease_held 1',
        'gates_paused 1',
        'gates_triggers_total{type="start"} 1',
        'gates_triggers_total{type="push"} 2',
        'gates_triggers_waiting 0',
        'gates_revision_rejected 1',
        'gates_revision_applied 1',
        'gates_repository_readable 1',
        'gates_run_duration_seconds_count 3',
      ]),
    );
    const response = await fetch(`${listening.status}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  });

  it('puts the trigger of a waiting run, and a pause, into the status, as the schema defines it', async () => {
    const forge = createForge();
    const revision = forge.push({ 'gates.yaml': 'one' });
    const { runs, requests, push, hold, hangup, status, stateDir } = await startDaemon(forge);
    await runs.at(0);
    const gate = deferred<void>();
    hold(gate.promise);
    hangup();
    await requests.at(1);
    await push(revision);
    await push('0123456789abcdef0123456789abcdef01234567');
    writeFileSync(
      path.join(stateDir, 'paused.json'),
      '{"reason":"moving house","by":"ada","since":"2026-03-01T12:00:00Z"}',
    );
    const now = await status();
    expect(now).toMatchObject({ waiting: ['push 01234567'], paused: { reason: 'moving house', by: 'ada' } });
    expect(isStatus(now), JSON.stringify(isStatus.errors)).toBe(true);
    gate.resolve();
    await runs.at(2);
    await until(async () => (await status()).waiting === undefined);
  });

  it('treats an unreadable pause as a pause', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { runs, status, stateDir } = await startDaemon(forge);
    await runs.at(0);
    writeFileSync(path.join(stateDir, 'paused.json'), '{"reason":');
    expect((await status()).paused?.reason).toContain('cannot be read');
  });

  it('adds the id of a run to each of its log lines, and to lines that follow from it', async () => {
    const { commits } = await shownBy('gitea');
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { runs, logged, hangup, stop } = await startDaemon(forge, { commits });
    await runs.at(0);
    forge.push({ 'gates.yaml': 'a mistake' });
    hangup();
    await runs.at(1);
    await until(() => logged.filter((line) => line.includes('commit status set')).length >= 3);
    await stop();
    const lines = logged.map((line) => JSON.parse(line) as { message: string; run?: string });
    const outside = new Set(['listening', 'lease taken', 'push received', 'stopping', 'stopped']);
    expect(lines.filter(({ message, run }) => run === undefined && !outside.has(message))).toEqual([]);
    const ids = new Set(lines.filter(({ message }) => message === 'run started').map(({ run }) => run));
    expect(ids.size).toBe(2);
    for (const { run } of lines) if (run !== undefined) expect(ids).toContain(run);
  });
});
