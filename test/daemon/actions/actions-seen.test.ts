import { expect, it } from 'vitest';
import { actionsSeen } from '../../../src/daemon/actions/actions-seen.ts';
import type { Call } from '../../../src/daemon/actions/call-record.ts';

const at = '2026-03-01T12:00:00.000Z';
const call = (id: string, state: Call['state'], more: Partial<Call> = {}): Call => ({
  id,
  action: 'tidy',
  state,
  askedAt: at,
  ...more,
});

it.each<{ because: string; calls: readonly Call[]; seen: object | undefined }>([
  { because: 'it was never called', calls: [], seen: undefined },
  { because: 'it waits', calls: [call('1', 'queued')], seen: { id: '1', state: 'queued' } },
  {
    because: 'one failed and another waits',
    calls: [call('1', 'failed', { exit: 2 }), call('2', 'queued')],
    seen: { id: '1', state: 'failed', reason: 'exit status 2', waits: true },
  },
  {
    because: 'a signal ended it',
    calls: [call('1', 'failed', { signal: 'SIGSEGV' })],
    seen: { id: '1', state: 'failed', reason: 'ended by SIGSEGV' },
  },
  {
    because: 'the answer was no good one',
    calls: [call('1', 'failed', { status: 500 })],
    seen: { id: '1', state: 'failed', reason: 'the answer was 500' },
  },
  {
    because: 'it was ended, which says more than its exit status',
    calls: [call('1', 'failed', { exit: 0, reason: 'not at its end after 1 s' })],
    seen: { id: '1', state: 'failed', reason: 'not at its end after 1 s' },
  },
  {
    because: 'a later one was good',
    calls: [call('1', 'failed', { exit: 2 }), call('2', 'done', { exit: 0 })],
    seen: { id: '2', state: 'done' },
  },
])('the status shows an action: $because', ({ calls, seen }) => {
  const expected = seen === undefined ? [] : [{ name: 'tidy', at, ...seen }];
  expect(actionsSeen(['tidy', 'tidy', 'never'], calls)).toEqual(expected);
});
