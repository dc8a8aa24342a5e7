import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { HistoryRun } from '../../src/core/record/history.ts';
import type { DoctorDocument } from '../../src/report/doctor/doctor.ts';
import { formatDoctor } from '../../src/report/doctor/doctor-text.ts';
import { findingRuleIds, findingRules } from '../../src/report/findings/finding-rules.ts';
import type { FindingsDocument } from '../../src/report/findings/findings.ts';
import { formatFindings } from '../../src/report/findings/findings-text.ts';
import { formatHistory } from '../../src/report/history/history-text.ts';
import { troubleLines } from '../../src/report/plan/outcome-text.ts';
import { formatPlan } from '../../src/report/plan/plan-text.ts';
import type { ProbeDocument } from '../../src/report/probe/probe.ts';
import { formatProbe } from '../../src/report/probe/probe-text.ts';
import type { Rehearsal } from '../../src/report/rehearsal/rehearsal.ts';
import { formatRehearsal } from '../../src/report/rehearsal/rehearsal-text.ts';
import { widthOf } from '../../src/report/screen/screen.ts';
import type { GateSeen, Status } from '../../src/report/status/status.ts';
import { formatStatus } from '../../src/report/status/status-text.ts';
import { gate, kinds, live, name, planOf, route, thing, want } from '../plan/support/fakes.ts';
import { storyOf } from './door-stories.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const ago = '2026-03-01T11:57:56.000Z';

const word = fc.stringMatching(/^[a-z0-9.:/-]{1,34}$/);
const words = fc.array(word, { minLength: 1, maxLength: 25 }).map((list) => list.join(' '));
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);
const host = label.map((item) => `${item}.example.dev`);
const hosts = fc.uniqueArray(host, { minLength: 1, maxLength: 6 });

/** A screen as its command prints it, for a width in columns, with or without color. */
type Screen = (width: number, color: boolean) => string;

const plan: fc.Arbitrary<Screen> = fc
  .record({
    all: hosts,
    reason: words,
    standing: fc.nat(3),
    verbose: fc.boolean(),
    warnings: fc.array(words),
  })
  .map(({ all, reason, standing, verbose, warnings }) => {
    const wants = all.flatMap((item) => [
      want(gate, item, { host: item, admits: ['me'] }, { because: `services.${item.split('.')[0]}` }),
      want(
        route,
        item,
        { host: item, via: 'homelab', to: 'app' },
        { because: `services.${item.split('.')[0]}` },
      ),
      want(name, item, { host: item, target: 'homelab' }, { because: `services.${item.split('.')[0]}` }),
      want(thing, item, { value: reason }),
    ]);
    const standingThere = all
      .slice(0, standing)
      .map((item) => live(thing, item, { value: 'another' }, { owner: 'work' }));
    const made = planOf(wants, standingThere);
    const unknown = [{ kind: 'cloudflare/other', reason }];
    const doors = all.map((item) =>
      storyOf(item, [0, 'nobody'], [1, reason], [12, 'me@example.dev', reason]),
    );
    return (width, color) =>
      formatPlan({ ...made, warnings, unknown }, { color, width, verbose, kinds, doors });
  });

const outcome: fc.Arbitrary<Screen> = fc
  .record({ all: hosts, reason: words, failing: fc.nat(6) })
  .map(({ all, reason, failing }) => {
    const wants = all.flatMap((item) => [
      want(thing, item, { value: 'v' }),
      want(thing, `of-${item}`, { value: ref(`cloudflare/thing:${item}`) }, { because: `services.${item}` }),
    ]);
    const made = planOf(wants, []);
    const failed = new Set(all.slice(0, failing));
    const outcomes = made.changes.map(({ id, address }): Outcome => {
      const isFailed = failed.has(address.key);
      const waits = failed.has(address.key.replace(/^of-/, ''));
      const status = isFailed ? 'failed' : waits ? 'skipped' : 'done';
      return { change: id, address, status, ...(isFailed && { error: new Error(reason) }) };
    });
    return (width, color) => `${troubleLines(made, outcomes, { color, width, refused: true }).join('\n')}\n`;
  });

const verdict = fc.constantFrom(...(['guarded', 'open', 'closed', 'covered', 'unproved'] as const));

const status: fc.Arbitrary<Screen> = fc
  .record({
    all: fc.uniqueArray(fc.record({ host, verdict, advice: words, seen: words }), {
      selector: (item) => item.host,
      maxLength: 6,
    }),
    problems: fc.array(
      fc.record({
        status: fc.constantFrom('failed' as const, 'refused' as const),
        what: words,
        reason: words,
      }),
      { maxLength: 4 },
    ),
    warnings: fc.array(words, { maxLength: 4 }),
    url: words,
    triggers: fc.array(words, { minLength: 1, maxLength: 3 }),
  })
  .map(({ all, problems, warnings, url, triggers }) => {
    const gates: readonly GateSeen[] = all.map((seen) => ({ ...seen, at: ago, since: ago }));
    const shown: Status = {
      ...{ version: '0.2.0', pid: 812, host: 'nas', since: ago, updatedAt: ago, phase: 'idle' },
      repository: { url, branch: 'main', file: 'gates.yaml' },
      lastRun: {
        ...{ id: 'r', triggers, startedAt: ago, finishedAt: ago, result: 'error' },
        ...{ counts: { create: 2 }, problems, warnings },
      },
      gates,
    };
    return (width) => formatStatus(shown, { now: NOW, alive: true, width });
  });

const doctor: fc.Arbitrary<Screen> = fc
  .array(
    fc.record({
      check: fc.constant('tunnel'),
      area: fc.constantFrom(...(['file', 'cloudflare', 'tunnel', 'edge', 'authentik'] as const)),
      state: fc.constantFrom(...(['ok', 'warning', 'problem', 'unknown'] as const)),
      about: host,
      text: words,
      hint: words,
    }),
    { maxLength: 12 },
  )
  .map((findings) => {
    const document: DoctorDocument = { version: 1, file: 'read', findings };
    return (width, color) => formatDoctor(document, { color, width, quiet: false });
  });

const findings: fc.Arbitrary<Screen> = fc
  .record({
    found: fc.array(
      fc.record({ rule: fc.constantFrom(...findingRuleIds), name: words, says: words, todo: words }),
      { maxLength: 12 },
    ),
    reasons: fc.array(words, { maxLength: 3 }),
  })
  .map(({ found, reasons }) => {
    const document: FindingsDocument = {
      ...{ version: 1, file: 'none', zones: ['example.dev'], authentik: false },
      findings: found.map(({ rule, name, says, todo }) => {
        const { harm } = findingRules[rule];
        return { rule, harm, subject: { kind: 'host', name }, says, todo };
      }),
      unanswered: reasons.map((reason) => ({ rules: ['open-door'], reason })),
    };
    return (width, color) => formatFindings(document, { color, width, quiet: false });
  });

const probe: fc.Arbitrary<Screen> = fc
  .record({
    services: fc.array(
      fc.record({ service: label, host, gate: words, verdict, seen: words, advice: words }),
      { maxLength: 8 },
    ),
    unknown: fc.array(words, { maxLength: 2 }),
  })
  .map((found) => {
    const document: ProbeDocument = { version: 1, asked: 'edge', ...found };
    return (width, color) => formatProbe(document, { color, width, quiet: false });
  });

const rehearsal: fc.Arbitrary<Screen> = fc
  .record({ principal: words, trouble: words, unplayed: fc.array(words), holes: hosts })
  .map(({ principal, trouble, unplayed, holes }) => {
    const found = holes.map((item) => ({ host: item, path: '/', principal, servedBy: 'origin', trouble }));
    const tried: Rehearsal = {
      ...{ seed: 7, tried: 3, possible: 9, writes: 3, reads: 4, judged: 12, originsTried: 'as described' },
      ...{ unplayed, holes: found, standing: found, unread: unplayed },
      unfinished: [{ change: principal, trouble }],
    };
    return (width, color) => formatRehearsal(tried, { color, width });
  });

const history: fc.Arbitrary<Screen> = fc
  .array(
    fc.record({
      triggers: fc.array(words, { minLength: 1, maxLength: 2 }),
      result: fc.constantFrom(...(['done', 'incomplete', 'error'] as const)),
      error: words,
      what: words,
      reason: words,
    }),
    { maxLength: 4 },
  )
  .map((found) => {
    const runs = found.map(
      ({ triggers, result, error, what, reason }, index): HistoryRun => ({
        ...{ id: `${index}`, command: 'gates run', triggers, result, error, counts: {} },
        ...{ startedAt: ago, finishedAt: ago, milliseconds: 900, unread: [], warnings: [] },
        changes: [{ verb: 'create', what, outcome: 'failed', reason }],
      }),
    );
    return (width, color) => formatHistory(runs, { color, width });
  });

const esc = String.fromCharCode(27);
const bare = (text: string) => text.replaceAll(new RegExp(`${esc}\\[[0-9;]*m`, 'g'), '');
const wordsOf = (text: string) => bare(text).split(/\s+/).filter(Boolean);

const counts = (list: readonly string[]) => {
  const found = new Map<string, number>();
  for (const one of list) found.set(one, (found.get(one) ?? 0) + 1);
  return found;
};

describe.each([
  { title: 'plan', screen: plan },
  { title: 'what apply did not do', screen: outcome },
  { title: 'status', screen: status },
  { title: 'doctor', screen: doctor },
  { title: 'findings', screen: findings },
  { title: 'probe', screen: probe },
  { title: 'rehearsal', screen: rehearsal },
  { title: 'history', screen: history },
])('the screen of $title', ({ screen }) => {
  it('fits its width, and breaks no word that fits into a line, in 40, 80, 120 and 0 columns, in color and without', () => {
    fc.assert(
      fc.property(screen, fc.constantFrom(0, 40, 80, 120), fc.boolean(), (shown, columns, color) => {
        const width = widthOf({ columns });
        const text = shown(width, color);
        for (const line of bare(text).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        const there = counts(wordsOf(text));
        for (const [one, many] of counts(wordsOf(shown(100_000, color)))) {
          if (stringWidth(one) <= width) expect([one, (there.get(one) ?? 0) >= many]).toEqual([one, true]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
