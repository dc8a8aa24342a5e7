import type { RunEnd } from '../../../src/report/notices/trouble.ts';
import type { GateSeen, LastRun, Status } from '../../../src/report/status/status.ts';

export const NOON = '2026-03-01T12:00:00.000Z';
export const A = 'a'.repeat(40);
export const B = 'b'.repeat(40);

const run: LastRun = {
  id: '1',
  triggers: ['schedule'],
  startedAt: NOON,
  finishedAt: NOON,
  result: 'done',
  counts: { keep: 3 },
  problems: [],
  warnings: [],
};

export type StatusParts = Partial<Omit<Status, 'lastRun'>> & { readonly lastRun?: Partial<LastRun> };

/** The state after a successful run, with changes. */
export function ended(
  { lastRun, ...parts }: StatusParts = {},
  more: Partial<Omit<RunEnd, 'status'>> = {},
): RunEnd {
  const status: Status = {
    version: '0.1.0',
    pid: 1,
    host: 'h',
    since: NOON,
    updatedAt: NOON,
    phase: 'idle',
    repository: { url: '/srv/gates.git', branch: 'main', file: 'gates.yaml' },
    inForce: { revision: A, since: NOON, applied: true },
    lastRun: { ...run, ...lastRun },
    ...parts,
  };
  return { status, passing: false, settled: true, expiring: [], ...more };
}

export function gate(host: string, verdict: GateSeen['verdict'], more: Partial<GateSeen> = {}): GateSeen {
  return { host, verdict, since: NOON, at: NOON, ...more };
}

export function rejected(revision = B, count = 1): NonNullable<Status['rejected']> {
  const mistakes = Array.from({ length: count }, (_, index) => ({
    place: `gates.yaml:${31 + index}:11`,
    severity: 'error' as const,
    code: 'G106',
    message: 'a gate that admits everybody',
    hint: 'add `groups:`',
  }));
  return { revision, author: 'Ada', at: NOON, mistakes };
}
