import { now, type World } from '../../state/world.ts';
import { CloudflareApiError } from './reply.ts';

/**
 * Counts one call against the token's budget: 1,200 in five minutes. A token that exceeds it gets 429 and `retry-after`
 * for the next five minutes (facts §1).
 */
export function spendCall(world: World): void {
  const { budget } = world;
  const at = now(world);
  if (at < budget.blockedUntil) throw exceeded(budget.blockedUntil - at);
  if (at >= budget.windowStart + budget.windowMs) {
    budget.windowStart = at;
    budget.used = 0;
  }
  if (budget.used >= budget.limit) {
    budget.blockedUntil = at + budget.windowMs;
    throw exceeded(budget.windowMs);
  }
  budget.used += 1;
}

/** The headers with the remaining budget, sent with every reply: the current ones, or the older `x-ratelimit-*`. */
export function budgetHeaders(world: World): { [name: string]: string } {
  const { budget } = world;
  const resetsIn = Math.max(0, Math.ceil((budget.windowStart + budget.windowMs - now(world)) / 1000));
  const remaining = Math.max(0, budget.limit - budget.used);
  const { rateHeaders = 'newer' } = world;
  const older = {
    'x-ratelimit-limit': String(budget.limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(resetsIn),
  };
  const newer = {
    ratelimit: `"default";r=${remaining};t=${resetsIn}`,
    'ratelimit-policy': `"default";q=${budget.limit};w=${budget.windowMs / 1000}`,
  };
  return {
    ...(rateHeaders === 'newer' || rateHeaders === 'both' ? newer : {}),
    ...(rateHeaders === 'older' || rateHeaders === 'both' ? older : {}),
  };
}

function exceeded(waitMs: number): CloudflareApiError {
  return new CloudflareApiError(
    429,
    { code: 10429, message: 'Rate limit exceeded: please wait and throttle your request speed' },
    { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  );
}
