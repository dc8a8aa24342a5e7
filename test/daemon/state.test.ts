import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRedactor } from '../../src/clients/redaction.ts';
import { ConfigError, RejectedError } from '../../src/core/errors.ts';
import { createLog } from '../../src/daemon/log/log.ts';
import { type LastGood, lastGoodFile } from '../../src/daemon/run/last-good.ts';
import { readStatusFile, statusFile } from '../../src/daemon/status/status-file.ts';
import { cronSchedule } from '../../src/daemon/triggers/schedule.ts';
import type { Status } from '../../src/report/status/status.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { virtualClock } from './virtual-clock.ts';

const GOOD: LastGood = {
  revision: 'a'.repeat(40),
  author: 'Ada',
  subject: 'Open',
  allow: ['prune'],
  since: '2026-03-01T12:00:00.000Z',
  applied: true,
  bytes: Buffer.from('version: 1\n'),
};

describe('the last good revision', () => {
  it.each(['version: 1\n', 'version: 1', '', 'a: |\n  text\n\n\n', '\u00ff# gates: {"revision":"x"}\n'])(
    'is restored byte for byte: %j',
    async (text) => {
      const file = lastGoodFile(path.join(temporaryDirectory(), 'state'));
      expect(await file.load()).toBeUndefined();
      const good = { ...GOOD, bytes: Buffer.from(text, 'latin1') };
      await file.save(good);
      expect(await file.load()).toEqual(good);
    },
  );

  it('is stored as readable text of the file, with its metadata in a last comment', async () => {
    const stateDir = temporaryDirectory();
    await lastGoodFile(stateDir).save(GOOD);
    const text = readFileSync(path.join(stateDir, 'last-good.yaml'), 'utf8');
    expect(text.startsWith('version: 1\n')).toBe(true);
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^# gates: \{/);
    expect(statSync(path.join(stateDir, 'last-good.yaml')).mode & 0o777).toBe(0o600);
  });

  it('is not trusted once somebody edited it', async () => {
    const stateDir = temporaryDirectory();
    const file = lastGoodFile(stateDir);
    await file.save(GOOD);
    const place = path.join(stateDir, 'last-good.yaml');
    const text = readFileSync(place, 'utf8');
    for (const edited of [text.replace('1', '12'), text.slice(0, -5), 'version: 1\n', '']) {
      writeFileSync(place, edited);
      expect(await file.load()).toBeUndefined();
    }
    writeFileSync(place, text);
    appendFileSync(place, 'services: {}\n');
    expect(await file.load()).toBeUndefined();
  });
});

describe('the status on disk', () => {
  const first: Status = {
    version: '0.1.0',
    pid: 1,
    host: 'h',
    since: '2026-03-01T12:00:00.000Z',
    updatedAt: '2026-03-01T12:00:00.000Z',
    phase: 'starting',
    repository: { url: '/srv/gates.git', branch: 'main', file: 'gates.yaml' },
  };

  it('is the newest of many changes, complete, without removed parts', async () => {
    const stateDir = path.join(temporaryDirectory(), 'state');
    const clock = virtualClock();
    const file = statusFile(stateDir, first, clock, () => {});
    expect(await readStatusFile(stateDir)).toBeUndefined();
    file.change({ inForce: { revision: 'a'.repeat(40), since: first.since, applied: false } });
    await clock.advance(1_000);
    for (let n = 0; n < 200; n += 1) file.change({ pid: n, phase: 'running' });
    file.change({ inForce: undefined });
    await file.written();
    const kept = await readStatusFile(stateDir);
    expect(kept).toEqual({ ...first, pid: 199, phase: 'running', updatedAt: '2026-03-01T12:00:01.000Z' });
    expect(kept).toEqual(file.current());
    expect(readdirSync(stateDir)).toEqual(['status.json']);
  });

  it('reports a disk that fails, and continues in memory', async () => {
    const stateDir = path.join(temporaryDirectory(), 'file');
    writeFileSync(stateDir, '');
    const errors: unknown[] = [];
    const file = statusFile(stateDir, first, virtualClock(), (error) => errors.push(error));
    file.change({ phase: 'idle' });
    await file.written();
    expect(errors).toHaveLength(1);
    expect(file.current().phase).toBe('idle');
  });
});

describe('the log', () => {
  const CANARY = 'canary "quoted" 77';
  function logOf(format: 'json' | 'pretty') {
    const lines: string[] = [];
    const redactor = createRedactor();
    redactor.register(CANARY);
    const log = createLog({
      level: 'info',
      format,
      redact: redactor.redact,
      write: (line) => lines.push(line),
    });
    return { log, lines };
  }

  it.each(['json', 'pretty'] as const)('as %s contains no secret, at any place', (format) => {
    const { log, lines } = logOf(format);
    const error = new RejectedError('Refused', { facts: { detail: `token ${CANARY}` } });
    log.with({ child: CANARY }).info(`message ${CANARY}`, { deep: [{ text: CANARY }], error });
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('canary');
    expect(lines.join().match(/\[redacted\]/g)).toHaveLength(4);
  });

  it('is one JSON object a line, with time, level, message and fields', () => {
    const { log, lines } = logOf('json');
    log.with({ run: 'r1' }).warn('late', { count: 2 });
    log.debug('not told');
    const { time, ...rest } = JSON.parse(lines.join());
    expect(rest).toEqual({ level: 'warn', run: 'r1', count: 2, message: 'late' });
    expect(Number.isNaN(Date.parse(time))).toBe(false);
  });

  it('is one plain line for people', () => {
    const { log, lines } = logOf('pretty');
    log.error('run ended', { result: 'error', triggers: ['start', 'push 1a2b'] });
    expect(lines.join().slice(9)).toBe('error run ended  result=error  triggers=["start","push 1a2b"]\n');
  });
});

describe('the schedule', () => {
  function scheduled() {
    vi.useFakeTimers({ now: new Date('2026-03-01T12:01:00.000Z') });
    onTestFinished(() => void vi.useRealTimers());
    const ticks: string[] = [];
    const schedule = cronSchedule(() => ticks.push(new Date().toISOString()));
    onTestFinished(() => schedule.stop());
    return { schedule, ticks };
  }

  it('ticks by cron, in its time zone', async () => {
    const { schedule, ticks } = scheduled();
    expect(schedule.next()).toBeUndefined();
    schedule.set('*/5 * * * *', 'UTC');
    expect(schedule.next()?.toISOString()).toBe('2026-03-01T12:05:00.000Z');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(ticks.map((tick) => tick.slice(11, 16))).toEqual(['12:05', '12:10']);
    schedule.set('30 14 * * *', 'Europe/Paris');
    expect(schedule.next()?.toISOString()).toBe('2026-03-01T13:30:00.000Z');
    await vi.advanceTimersByTimeAsync(3 * 3_600_000);
    expect(ticks.map((tick) => tick.slice(11, 16))).toEqual(['12:05', '12:10', '13:30']);
  });

  it.each([
    ['61 * * * *', 'UTC'],
    ['* * *', 'UTC'],
    ['*/5 * * * *', 'Europe/Nowhere'],
  ])('%s in %s is a mistake, and the previous schedule continues', async (cron, timezone) => {
    const { schedule, ticks } = scheduled();
    schedule.set('*/5 * * * *', 'UTC');
    expect(() => schedule.set(cron, timezone)).toThrow(ConfigError);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(ticks).toHaveLength(1);
  });

  it('stops ticking once stopped', async () => {
    const { schedule, ticks } = scheduled();
    schedule.set('*/5 * * * *', 'UTC');
    schedule.stop();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(ticks).toEqual([]);
    expect(schedule.next()).toBeUndefined();
  });
});
