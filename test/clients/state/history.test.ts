import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHistory } from '../../../src/clients/state/history.ts';
import type { HistoryRun } from '../../../src/core/record/history.ts';
import { sha256 } from '../../../src/core/sha256.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

/** A history of three files with three lines each. */
const small = { fileBytes: 1_400, files: 3 };

function run(id: string): HistoryRun {
  return {
    id,
    command: 'gates run',
    triggers: ['schedule'],
    startedAt: '2026-03-01T12:00:00.000Z',
    finishedAt: '2026-03-01T12:00:01.500Z',
    milliseconds: 1_500,
    result: 'done',
    counts: { keep: 3 },
    changes: [],
    unread: [],
    warnings: ['Grüße'],
  };
}

async function historyOf(count: number, bounds?: typeof small) {
  const state = temporaryDirectory();
  const history = createHistory(state, bounds);
  for (let n = 1; n <= count; n += 1) await history.append(run(`run-${n}`));
  const directory = path.join(state, 'history');
  const file = (name: string) => path.join(directory, name);
  const files = () => readdirSync(directory).sort();
  const ids = async () => (await history.read()).records.map((record) => record.run.id);
  return { state, history, file, files, ids };
}

describe('the history', () => {
  it('is empty and intact before the first run', async () => {
    const { history } = await historyOf(0);
    expect(await history.read()).toEqual({ records: [], broken: undefined, notes: [] });
  });

  it('returns the last runs, newest first, and reads files again once they have grown', async () => {
    const { history } = await historyOf(8, small);
    const ids = async () => (await history.recent()).map(({ id }) => id);
    // The last two of the three files have three lines and two.
    expect(await ids()).toEqual(['run-8', 'run-7', 'run-6', 'run-5', 'run-4']);
    const same = await history.recent();
    expect(await history.recent()).toBe(same);
    await history.append(run('run-9'));
    expect((await ids()).slice(0, 2)).toEqual(['run-9', 'run-8']);
  });

  it('has no last runs before the first', async () => {
    const { history } = await historyOf(0);
    expect(await history.recent()).toEqual([]);
  });

  it('has every run, each line with the number and the hash that people can check', async () => {
    const { history, file, ids } = await historyOf(3);
    expect((await history.read()).broken).toBeUndefined();
    expect(await ids()).toEqual(['run-1', 'run-2', 'run-3']);
    const lines = readFileSync(file('00000001.jsonl'), 'utf8').trimEnd().split('\n');
    const second = JSON.parse(lines[1] ?? '');
    expect(second).toMatchObject({ n: 2, previous: sha256(lines[0] ?? ''), run: { id: 'run-2' } });
    expect(statSync(file('00000001.jsonl')).mode & 0o777).toBe(0o600);
    expect(statSync(file('ends.json')).mode & 0o777).toBe(0o600);
  });

  it('continues in the next file, drops the oldest beyond its bound, and reports where it begins now', async () => {
    const { history, file, files, ids } = await historyOf(20, small);
    const report = await history.read();
    expect(report.broken).toBeUndefined();
    expect(files()).toHaveLength(4);
    expect(files()).not.toContain('00000001.jsonl');
    const first = report.records[0]?.n ?? 0;
    expect(first).toBeGreaterThan(10);
    expect((await ids()).at(-1)).toBe('run-20');
    expect(JSON.parse(readFileSync(file('ends.json'), 'utf8'))).toMatchObject({
      first: { n: first },
      last: { n: 20 },
    });
  });

  it('is broken by any byte that is changed, removed or added, anywhere', async () => {
    const { history, file, files } = await historyOf(6, small);
    expect(files().length).toBeGreaterThan(2);
    expect((await history.read()).broken).toBeUndefined();
    for (const [index, name] of files().entries()) {
      const whole = readFileSync(file(name));
      // Each byte of one file, and every third of the others.
      for (let at = 0; at < whole.length; at += index === 1 ? 1 : 3) {
        const changed = Buffer.from(whole);
        changed[at] = (whole[at] ?? 0) ^ (1 << (at % 8));
        const taken = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]);
        for (const bytes of at % 7 === 0 ? [changed, taken, whole.subarray(0, at)] : [changed]) {
          writeFileSync(file(name), bytes);
          expect((await history.read()).broken, `${name} at ${at}`).toBeDefined();
        }
      }
      writeFileSync(file(name), Buffer.concat([whole, Buffer.from('\n')]));
      expect((await history.read()).broken, `${name} with one more`).toBeDefined();
      writeFileSync(file(name), whole);
    }
    expect((await history.read()).broken).toBeUndefined();
  });

  it('reports the line that was changed', async () => {
    const { history, file } = await historyOf(3);
    const text = readFileSync(file('00000001.jsonl'), 'utf8');
    writeFileSync(file('00000001.jsonl'), text.replace('run-2', 'run-9'));
    expect(await history.read()).toMatchObject({
      broken: { place: '00000001.jsonl:2', reason: 'the line is not what was written' },
      notes: [],
    });
  });

  it('misses complete lines that were removed in the middle, at the end and at the beginning', async () => {
    const { history, file } = await historyOf(3);
    const lines = readFileSync(file('00000001.jsonl'), 'utf8').trimEnd().split('\n');
    const reasons: (string | undefined)[] = [];
    for (const gone of [0, 1, 2]) {
      const left = lines.filter((_, index) => index !== gone);
      writeFileSync(file('00000001.jsonl'), left.map((line) => `${line}\n`).join(''));
      reasons.push((await history.read()).broken?.reason);
    }
    expect(reasons).toEqual([
      'it begins with run 2, and 1 is the first that is kept',
      'run 3 follows run 1',
      'run 3 was written and is missing',
    ]);
  });

  it('stays broken when more is written after the removed lines', async () => {
    const { history, file } = await historyOf(3);
    const text = readFileSync(file('00000001.jsonl'), 'utf8');
    writeFileSync(file('00000001.jsonl'), text.slice(0, text.indexOf('\n') + 1));
    await history.append(run('run-4'));
    expect((await history.read()).broken?.reason).toBe('run 4 follows run 1');
  });

  it('does not mistake a changed last line for a crash, even after the next run', async () => {
    const { history, file } = await historyOf(2);
    const text = readFileSync(file('00000001.jsonl'), 'utf8');
    writeFileSync(file('00000001.jsonl'), text.replace('run-2', 'run-9'));
    await history.append(run('run-3'));
    expect(await history.read()).toMatchObject({
      broken: { place: '00000001.jsonl:2', reason: 'run 3 follows run 1' },
      notes: [],
    });
  });

  it('reports a line that a crash cut short, and continues after it', async () => {
    const { history, file, ids } = await historyOf(2);
    const ends = readFileSync(file('ends.json'));
    await history.append(run('run-3'));
    const log = file('00000001.jsonl');
    truncateSync(log, statSync(log).size - 20);
    writeFileSync(file('ends.json'), ends);
    expect((await history.read()).broken).toMatchObject({ place: '00000001.jsonl:3' });
    await history.append(run('run-4'));
    const report = await history.read();
    expect(report).toMatchObject({
      broken: undefined,
      notes: ['00000001.jsonl:3 was cut short by a crash; run 3 says so'],
    });
    expect(await ids()).toEqual(['run-1', 'run-2', 'run-4']);
    const text = readFileSync(log, 'latin1');
    const torn = text.indexOf('run-3');
    writeFileSync(log, `${text.slice(0, torn)}run-5${text.slice(torn + 5)}`, 'latin1');
    expect((await history.read()).broken?.place).toBe('00000001.jsonl:3');
  });

  it('continues wherever a line was cut, even when that happens twice in a row', async () => {
    const { history, file, ids } = await historyOf(1);
    const log = file('00000001.jsonl');
    const ends = readFileSync(file('ends.json'));
    const one = readFileSync(log);
    await history.append(run('run-2'));
    const two = readFileSync(log);
    for (let end = one.length + 1; end < two.length; end += end < two.length - 9 ? 41 : 1) {
      writeFileSync(log, two.subarray(0, end));
      writeFileSync(file('ends.json'), ends);
      await history.append(run('run-3'));
      const after = readFileSync(log);
      const once = await history.read();
      expect(once.broken, `cut at ${end}`).toBeUndefined();
      expect(once.notes).toHaveLength(1);
      writeFileSync(log, after.subarray(0, end + (after.length - end) / 2));
      writeFileSync(file('ends.json'), ends);
      await history.append(run('run-4'));
      const report = await history.read();
      expect(report.broken, `cut at ${end} and again`).toBeUndefined();
      expect(report.notes).toHaveLength(1);
      expect(await ids()).toEqual(['run-1', 'run-4']);
    }
  });

  it('continues when the process was killed between the line and the note of the ends', async () => {
    const { history, file, ids } = await historyOf(2);
    const ends = readFileSync(file('ends.json'));
    await history.append(run('run-3'));
    writeFileSync(file('ends.json'), ends);
    expect((await history.read()).broken).toBeUndefined();
    await history.append(run('run-4'));
    expect((await history.read()).broken).toBeUndefined();
    expect(await ids()).toEqual(['run-1', 'run-2', 'run-3', 'run-4']);
  });

  it('is intact when the process was killed before it removed the oldest file', async () => {
    const { history, file, files } = await historyOf(7, small);
    const oldest = files()[0] ?? '';
    const kept = readFileSync(file(oldest));
    let n = 8;
    while (files().includes(oldest)) await history.append(run(`run-${n++}`));
    writeFileSync(file(oldest), kept);
    expect((await history.read()).broken).toBeUndefined();
  });

  it('reports that the note of the ends was lost, even after the next run', async () => {
    const { history, file } = await historyOf(2);
    writeFileSync(file('ends.json'), '');
    expect((await history.read()).broken?.place).toBe('ends.json');
    await history.append(run('run-3'));
    expect((await history.read()).notes).toEqual([
      "00000001.jsonl:3 says that the note of the chain's ends was lost before it",
    ]);
  });
});
