import { describe, expect, it } from 'vitest';
import type { HistoryRun } from '../../../src/core/record/history.ts';
import { judgeAlerts } from './alerts.ts';
import { judgeMemory, MOST_GROWTH } from './memory.ts';
import { playMonth } from './month.ts';
import { judgePushes } from './pushes.ts';

/**
 * A real daemon, a sandbox process and a bare repository through simulated days. A check plays a few of them; `npm run
 * month -- --minutes 60` plays thirty.
 */
const days = Number(process.env.GATES_MONTH_DAYS ?? 4);
const minutes = Number(process.env.GATES_MONTH_MINUTES ?? 0);
/** The seed. A check plays the same days each time; another seed looks for unknown problems. */
const seed = Number(process.env.GATES_TEST_SEED ?? 20261125);

const print = (line: string) => process.stdout.write(`${line}\n`);
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

describe('a daemon that runs for a month', () => {
  it(`survives ${days} days`, { timeout: (minutes + 30) * 60_000 }, async () => {
    print(`seed ${seed}, ${days} days, at least ${minutes} minutes`);
    const begun = Date.now();
    const month = await playMonth(seed, days, minutes * 60_000, print);
    const unread = ({ error, startedAt, finishedAt }: HistoryRun) =>
      error !== undefined ||
      month.gone.some(({ from, until }) => Date.parse(startedAt) < until && Date.parse(finishedAt) > from);
    const pushes = judgePushes(month.pushes, month.runs, unread);
    const { webhook, ntfy } = month.receiver;
    const alerts = judgeAlerts(month.runs, webhook, ntfy, month.ends);
    const findings = [...month.findings, ...pushes.findings, ...alerts.findings];
    const memory = judgeMemory(month.memory);
    print(`${month.days} days in ${((Date.now() - begun) / 60_000).toFixed(1)} minutes, seed ${seed}
runs     ${month.runs.length} in the history; ${month.verified.stdout.trim()}
pushes   ${month.pushes.length}: ${pushes.taken} looked at, ${pushes.withLater} in force with a later one, ${pushes.superseded} superseded before a look, ${pushes.findings.length} lost
alerts   ${alerts.heard} told, ${alerts.expected} of them held to the history, ${alerts.heldBack} held back and told later, ${alerts.againByKill} again because of a kill
memory   first ${mebibytes(memory.first)}, median ${mebibytes(memory.median)}, last ${mebibytes(memory.last)}, ${mebibytes(memory.slope)} a day, growth ${memory.growth.toFixed(3)} (${memory.samples} samples)
happened ${JSON.stringify(month.counts)}
findings ${findings.length}`);
    for (const finding of findings) print(`  ${finding}`);
    expect(findings).toEqual([]);
    expect(month.verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Whole/) });
    // With only a few days, the second half is too short to judge memory.
    if (memory.samples >= 8) expect(memory.growth).toBeLessThanOrEqual(MOST_GROWTH);
  });
});
