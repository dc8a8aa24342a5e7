import { describeError } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { GateSeen, OriginStatus } from '../../report/status/status.ts';
import type { Log } from '../log/log.ts';
import type { RunReport } from './run-report.ts';

/**
 * The gates as they were last seen: those that this run checked, and the rest as before. With `all` the run was to
 * check every one, so a host that is gone is gone here too.
 */
export function gatesSeen(
  { plan, outcomes }: RunReport,
  before: readonly GateSeen[],
  { now, all }: { readonly now: Date; readonly all: boolean },
): readonly GateSeen[] {
  const planned = plan?.changes.filter(({ verb }) => verb === 'verify') ?? [];
  const looks = new Set(planned.map(({ id }) => id));
  const seen = new Map<string, GateSeen>();
  for (const outcome of outcomes) {
    if (!looks.has(outcome.change) || outcome.status === 'skipped') continue;
    const host = outcome.address.key;
    // A host that was under cover is looked at twice, and the second time counts.
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

/** As the look itself told it; one that is read back tells nothing beside its status. */
function verdictIn({ verdict }: Readonly<Record<string, string>>): GateSeen['verdict'] | undefined {
  return verdict as GateSeen['verdict'] | undefined;
}

/** The origin as it was last seen: if this run did not ask it, the earlier result stays. */
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

/** A host that was closed comes under its cover with the next run, and is as shut as before. */
function isSame(before: GateSeen['verdict'], now: GateSeen['verdict']): boolean {
  const isShut = (verdict: GateSeen['verdict']) => verdict === 'closed' || verdict === 'covered';
  return before === now || (isShut(before) && isShut(now));
}

/** Tells what changed since the last look; what is as it was has been told. */
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

/** That it cannot be reached from here is no news of the gate. */
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
