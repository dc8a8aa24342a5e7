import type { Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { GateSeen, OriginStatus } from '../../report/status/status.ts';
import type { Log } from '../log/log.ts';
import type { RunReport } from './run-report.ts';

/**
 * The result of the last check of each gate: new for the gates that this run checked. With `all`, the run was to check
 * every gate, so a host that was removed is missing here too.
 */
export function gatesSeen(
  { plan, outcomes }: Pick<RunReport, 'outcomes'> & { readonly plan?: Pick<Plan, 'changes'> },
  before: readonly GateSeen[],
  { now, all }: { readonly now: Date; readonly all: boolean },
): readonly GateSeen[] {
  const planned = plan?.changes.filter(({ verb }) => verb === 'verify') ?? [];
  const looks = new Set(planned.map(({ id }) => id));
  const seen = new Map<string, GateSeen>();
  for (const outcome of outcomes) {
    if (!looks.has(outcome.change) || outcome.status === 'skipped') continue;
    const host = outcome.address.key;
    // A host under cover is checked twice, and the second check counts.
    const earlier = seen.get(host) ?? before.find((gate) => gate.host === host);
    seen.set(host, gateSeen(outcome, earlier, now.toISOString()));
  }
  const known = new Set(planned.map(({ address }) => address.key));
  const rest = before.filter(({ host }) => !seen.has(host) && (!all || known.has(host)));
  return [...seen.values(), ...rest].sort((left, right) => (left.host < right.host ? -1 : 1));
}

function gateSeen(outcome: Outcome, earlier: GateSeen | undefined, at: string): GateSeen {
  const { address, attributes = {}, status, error } = outcome;
  const { milliseconds } = attributes;
  const verdict = verdictIn(attributes) ?? (status === 'done' ? 'guarded' : 'unproved');
  const origin = originSeen(attributes, earlier?.origin, at);
  return {
    host: address.key,
    verdict,
    since: earlier !== undefined && isSame(earlier.verdict, verdict) ? earlier.since : at,
    at,
    ...(milliseconds !== undefined && { milliseconds: Number(milliseconds) }),
    ...(error !== undefined && { reason: describeError(error) }),
    ...(origin !== undefined && { origin }),
  };
}

/** The verdict of the check itself; undefined for an outcome without one, which has only its status. */
function verdictIn({ verdict }: Readonly<Record<string, string>>): GateSeen['verdict'] | undefined {
  return verdict as GateSeen['verdict'] | undefined;
}

/** The last result about the origin: if this run did not ask it, the earlier one stays. */
function originSeen(
  { origin, originSeen: reason }: Readonly<Record<string, string>>,
  earlier: OriginStatus | undefined,
  at: string,
): OriginStatus | undefined {
  if (origin === undefined) return earlier;
  const verdict = origin as OriginStatus['verdict'];
  const since = earlier?.verdict === verdict ? earlier.since : at;
  return { verdict, since, ...(reason !== undefined && { reason }) };
}

/** A closed host is covered by the next run, and is as shut as before. */
function isSame(before: GateSeen['verdict'], now: GateSeen['verdict']): boolean {
  const isShut = (verdict: GateSeen['verdict']) => verdict === 'closed' || verdict === 'covered';
  return before === now || (isShut(before) && isShut(now));
}

/** Logs what changed since the last check. */
export function tellNews(log: Log, before: readonly GateSeen[], now: readonly GateSeen[]): void {
  for (const { host, verdict, reason, origin } of now) {
    const earlier = before.find((gate) => gate.host === host);
    if (verdict !== (earlier?.verdict ?? 'guarded')) {
      if (verdict === 'guarded') log.info('gate confirmed', { host });
      else log[verdict === 'open' ? 'error' : 'warn']('gate not confirmed', { host, verdict, reason });
    }
    tellOfOrigin(log, host, { before: earlier?.origin?.verdict ?? 'asks', origin });
  }
}

/** An origin that gates cannot reach from here is no news about the gate. */
function tellOfOrigin(
  log: Log,
  host: string,
  { before, origin }: { readonly before: OriginStatus['verdict']; readonly origin: OriginStatus | undefined },
): void {
  if (origin === undefined || origin.verdict === before || origin.verdict === 'unreachable') return;
  const { verdict, reason } = origin;
  if (verdict !== 'asks') log.warn('origin does not ask for a login', { host, verdict, reason });
  else if (before !== 'unreachable') log.info('origin asks for a login', { host });
}
