import { describe, expect, it } from 'vitest';
import type { Trouble } from '../../../src/report/notices/trouble.ts';
import { judgeRun } from '../../../src/report/notices/troubles.ts';
import type { ActionSeen, StatusProblem } from '../../../src/report/status/status.ts';
import { ended, gate, NOON, rejected, type StatusParts } from './status.ts';

const now = new Date(NOON);

function troublesOf(parts: StatusParts, more: Parameters<typeof ended>[1] = {}): readonly Trouble[] {
  return judgeRun(ended(parts, more), now).troubles;
}

function problem(status: StatusProblem['status'], service: string, reason = 'no'): StatusProblem {
  return { status, what: `cloudflare/dns-record:CNAME ${service}`, because: `services.${service}`, reason };
}

const incomplete = (...problems: readonly StatusProblem[]): StatusParts => ({
  lastRun: { result: 'incomplete', problems },
});

describe('troubles after a run', () => {
  it.each<{ because: string; parts: StatusParts; topics: readonly string[] }>([
    { because: 'all is well', parts: {}, topics: [] },
    { because: 'the newest revision has mistakes', parts: { rejected: rejected() }, topics: ['file'] },
    {
      because: 'the branch was not read',
      parts: { repository: { url: 'u', branch: 'main', file: 'gates.yaml', error: 'no answer' } },
      topics: ['repository'],
    },
    { because: 'the run was not made', parts: { lastRun: { result: 'error', error: 'x' } }, topics: ['run'] },
    {
      because: 'two gates are not seen, and one is',
      parts: { gates: [gate('a', 'closed'), gate('b', 'unproved'), gate('c', 'guarded')] },
      topics: ['gate a', 'gate b'],
    },
    {
      because: 'an origin lets strangers by behind a gate that holds',
      parts: { gates: [gate('a', 'guarded', { origin: { verdict: 'silent', since: NOON } })] },
      topics: ['origin a'],
    },
    {
      because: 'an origin that cannot be asked from here is no trouble',
      parts: { gates: [gate('a', 'guarded', { origin: { verdict: 'unreachable', since: NOON } })] },
      topics: [],
    },
    {
      because: 'two objects of one service failed, which is one trouble',
      parts: incomplete(problem('failed', 'a'), problem('failed', 'a'), problem('refused', 'b')),
      topics: ['problem services.a', 'problem services.b'],
    },
    {
      because: 'what waits for a failure is explained by it',
      parts: incomplete(problem('failed', 'a'), problem('skipped', 'b')),
      topics: ['problem services.a'],
    },
    {
      because: 'what waits is told where nothing explains it',
      parts: incomplete(problem('skipped', 'b')),
      topics: ['problem services.b'],
    },
    {
      because: 'the failed look at a gate is told as its gate, and what waits for it not at all',
      parts: {
        gates: [gate('a.example.dev', 'covered')],
        ...incomplete(
          { status: 'failed', what: 'edge/proof:a.example.dev', because: 'services.a', reason: 'no' },
          problem('skipped', 'a'),
        ),
      },
      topics: ['gate a.example.dev'],
    },
    {
      because: 'a kind could not be read',
      parts: incomplete({ status: 'unknown', what: 'cloudflare/tunnel', reason: 'no' }),
      topics: ['unread cloudflare/tunnel'],
    },
    {
      because: 'differences were found and left',
      parts: { lastRun: { result: 'reported', counts: { update: 2 } } },
      topics: ['drift'],
    },
  ])('$topics: $because', ({ parts, topics }) => {
    expect(troublesOf(parts).map(({ topic }) => topic)).toEqual(topics);
  });

  it('include drift when nobody who pushed made the change', () => {
    const parts = { lastRun: { counts: { update: 2, create: 1, verify: 4 } } };
    expect(troublesOf(parts, { settled: false })).toEqual([]);
    expect(troublesOf(parts)).toMatchObject([
      { topic: 'drift', details: ['1 create, 2 update'], good: undefined },
    ]);
    expect(troublesOf({ lastRun: { counts: { verify: 4, keep: 1 } } })).toEqual([]);
  });

  it('do not include drift that time alone caused, unless it is left undone', () => {
    const counts = { update: 2 };
    expect(troublesOf({ lastRun: { counts, foreseen: 2 } })).toEqual([]);
    expect(troublesOf({ lastRun: { counts, foreseen: 1 } })).toMatchObject([{ details: ['1 update'] }]);
    expect(troublesOf({ lastRun: { result: 'reported', counts, foreseen: 2 } })).toMatchObject([
      { details: ['2 update'] },
    ]);
  });

  it('include one trouble, not two, when nothing is applied', () => {
    const { status } = ended({ lastRun: { result: 'error', error: 'x' }, rejected: rejected() });
    const { inForce: _, ...bare } = status;
    const end = { ...ended(), status: bare };
    expect(judgeRun(end, now).troubles.map(({ topic }) => topic)).toEqual(['file']);
    const said = judgeRun(end, now).troubles[0]?.advice;
    expect(said).toBe(
      'No revision has been applied yet; gates changes nothing. Push a commit that fixes it.',
    );
  });

  it('name file, line and advice of the first mistakes', () => {
    const [trouble] = troublesOf({ rejected: rejected(undefined, 7) });
    expect(trouble?.title([])).toBe(
      'Mistake in gates.yaml: gates applies nothing of revision bbbbbbbb by Ada',
    );
    expect(trouble?.details[0]).toBe('gates.yaml:31:11 G106: a gate that admits everybody (add `groups:`)');
    expect(trouble?.details).toHaveLength(6);
    expect(trouble?.details[5]).toBe('and 2 more: `gates validate` shows all');
    expect(trouble?.advice).toBe('gates keeps revision aaaaaaaa. Push a commit that fixes it.');
  });

  it.each([
    { verdict: 'open' as const, tone: 'alarm', passing: false, title: /^OPEN: strangers get in at a,/ },
    { verdict: 'closed' as const, tone: 'trouble', passing: false, title: /^a stays closed/ },
    { verdict: 'covered' as const, tone: 'trouble', passing: false, title: /^a stays closed/ },
    { verdict: 'unproved' as const, tone: 'trouble', passing: true, title: /whether a is guarded/ },
  ])('include a gate that is $verdict as $tone', ({ verdict, tone, passing, title }) => {
    const [trouble] = troublesOf({ gates: [gate('a', verdict, { reason: 'seen' })] });
    expect(trouble).toMatchObject({ tone, passing, details: ['seen'], since: NOON });
    expect(trouble?.title(['a'])).toMatch(title);
  });

  it.each([
    { days: 15, state: undefined },
    { days: 14, state: 'soon' },
    { days: 2, state: 'last days' },
    { days: -1, state: 'over' },
  ])('include a token that ends in $days days: $state', ({ days, state }) => {
    const at = new Date(now.getTime() + days * 86_400_000).toISOString();
    const troubles = troublesOf({}, { expiring: [{ name: 'ci', at }] });
    expect(troubles.map((trouble) => trouble.state)).toEqual(state === undefined ? [] : [state]);
  });

  it('may be temporary if the run is retried soon, but a refusal stays', () => {
    const parts = incomplete(problem('failed', 'a'), problem('refused', 'b'));
    expect(troublesOf(parts, { passing: true }).map(({ passing }) => passing)).toEqual([true, false]);
    expect(troublesOf(parts).map(({ passing }) => passing)).toEqual([false, false]);
  });

  it('are grouped by reason, whatever the number of the request', () => {
    const troubles = troublesOf(
      incomplete(problem('failed', 'a', 'no [request 1]'), problem('failed', 'b', 'no [request 2]')),
    );
    expect(new Set(troubles.map(({ group }) => group)).size).toBe(1);
  });
});

describe('an action', () => {
  const action = (state: ActionSeen['state']): ActionSeen => ({
    name: 'tidy',
    id: '7',
    state,
    at: NOON,
    ...((state === 'failed' || state === 'interrupted') && { reason: 'exit status 1' }),
  });

  it.each([
    { state: 'queued' as const, title: undefined, absence: 'unknown' },
    { state: 'running' as const, title: undefined, absence: 'unknown' },
    { state: 'done' as const, title: undefined, absence: 'good' },
    { state: 'failed' as const, title: 'Failed: the action tidy', absence: 'unknown' },
    {
      state: 'interrupted' as const,
      title: 'Interrupted: the action tidy is not run again by itself',
      absence: 'unknown',
    },
  ])('that is $state is reported: $title', ({ state, title, absence }) => {
    const judged = judgeRun(ended({ actions: [action(state)] }), now);
    expect(judged.troubles.map((trouble) => trouble.title([trouble.subject]))).toEqual(
      title === undefined ? [] : [title],
    );
    expect(judged.troubles.map(({ details }) => details)).toEqual(
      title === undefined ? [] : [['tidy: exit status 1']],
    );
    expect(judged.absence('action tidy')).toBe(absence);
  });

  it('that no gate lists any more is not reported', () => {
    expect(judgeRun(ended({}), now).absence('action tidy')).toBe('gone');
  });
});

describe('the absence of a trouble', () => {
  const absences = (parts: StatusParts, more: Parameters<typeof ended>[1] = {}) => {
    const { absence } = judgeRun(ended(parts, more), now);
    return Object.fromEntries(
      ['file', 'run', 'drift', 'problem services.a', 'unread x', 'gate a', 'origin a', 'expiry ci'].map(
        (topic) => [topic, absence(topic)],
      ),
    );
  };

  it('means good if everything was checked', () => {
    const gates = [gate('a', 'guarded', { origin: { verdict: 'asks', since: NOON } })];
    const expiring = [{ name: 'ci', at: '2030-01-01T00:00:00.000Z' }];
    expect(new Set(Object.values(absences({ gates }, { expiring })))).toEqual(new Set(['good']));
  });

  it('means nothing if its subject is gone', () => {
    expect(absences({})).toMatchObject({ 'gate a': 'gone', 'origin a': 'gone', 'expiry ci': 'gone' });
  });

  it('is unknown if the run did not check it', () => {
    expect(absences({ lastRun: { result: 'error' } }, { expiring: undefined })).toMatchObject({
      file: 'good',
      drift: 'unknown',
      'problem services.a': 'unknown',
      'unread x': 'unknown',
      'expiry ci': 'unknown',
    });
    const unread = incomplete({ status: 'unknown', what: 'x', reason: 'no' });
    expect(absences(unread)).toMatchObject({ 'problem services.a': 'unknown', drift: 'unknown' });
    expect(absences({ lastRun: { result: 'stopped' } })).toMatchObject({ run: 'unknown' });
    const unreachable = gate('a', 'guarded', { origin: { verdict: 'unreachable', since: NOON } });
    expect(absences({ gates: [unreachable] })).toMatchObject({ 'gate a': 'good', 'origin a': 'unknown' });
  });
});
