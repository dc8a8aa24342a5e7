import { type ErrorFacts, GatesError, RejectedError } from '../core/errors.ts';
import { type Kind, type System, systemNames, systemOf } from '../core/objects/address.ts';
import type { Observation } from '../core/objects/object.ts';

/** The place where a person checks the token of each system, by its usual variable. */
const hints: Readonly<Partial<Record<System, readonly [variable: string, rest: string]>>> = {
  cloudflare: [
    'CLOUDFLARE_API_TOKEN',
    'is right, active and of this account. `gates doctor` names the permissions that it lacks',
  ],
  authentik: ['AUTHENTIK_TOKEN', 'is right. `gates doctor` names the permissions that it lacks'],
};

/** Kinds that are read from the file and from the state folder, without a call. */
const withoutCalls: ReadonlySet<Kind> = new Set<Kind>(['cloudflare/account', 'cloudflare/cached-copies']);

/** The same observations, with one error for all kinds that could not be read for the same cause. */
export function withSharedCauses(observations: readonly Observation[]): readonly Observation[] {
  const systems = [...new Set(observations.map(({ kind }) => systemOf(kind)))];
  const refused = new Map(systems.map((system) => [system, refusalOf(system, observations)]));
  const first = new Map<string, Error>();
  return observations.map((one) => {
    if (one.state === 'known') return one;
    const error = refused.get(systemOf(one.kind)) ?? one.error;
    const cause = causeOf(error);
    first.set(cause, first.get(cause) ?? error);
    return { ...one, error: first.get(cause) ?? error };
  });
}

/**
 * One error for a token that a system refuses for everything: every reply to a wrong token names another permission. An
 * empty list does not prove the token: it may have come without a call.
 */
function refusalOf(system: System, observations: readonly Observation[]): Error | undefined {
  const here = observations.filter(({ kind }) => systemOf(kind) === system && !withoutCalls.has(kind));
  const errors = here.flatMap((one) => (one.state === 'unknown' ? [one.error] : []));
  const refused = errors.filter(isRefused);
  const isRead = here.some((one) => one.state === 'known' && one.objects.length > 0);
  const isOneCall = new Set(refused.map(causeOf)).size < 2;
  const [first] = refused;
  // With tokens of zones beside that of the account, nobody knows which one is wrong.
  if (new Set(refused.map(({ facts }) => facts.variable)).size > 1) return undefined;
  if (first === undefined || refused.length < errors.length || isRead || isOneCall) return undefined;
  const { requestId: _, ...facts } = first.facts;
  const [usual, rest] = hints[system] ?? [];
  const hint = usual === undefined ? undefined : `See whether ${facts.variable ?? usual} ${rest}`;
  return new RejectedError(`${systemNames[system]} refuses this token`, {
    facts,
    ...(hint !== undefined && { hint }),
  });
}

function isRefused(error: Error): error is RejectedError {
  return error instanceof RejectedError && (error.facts.status === 401 || error.facts.status === 403);
}

/** The common cause of two errors that differ only in the request. */
function causeOf(error: Error): string {
  if (!(error instanceof GatesError)) return error.message;
  const { requestId: _, ...facts }: ErrorFacts = error.facts;
  return JSON.stringify([error.message, error.hint, facts]);
}
