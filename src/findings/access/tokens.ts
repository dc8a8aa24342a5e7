import { type AccessRule, tokensIn } from '../../../reconcilers/cloudflare/access/policy/rule.ts';
import type { ServiceTokenSpec } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { isForChecks, namedSubject } from '../terms/subjects.ts';

const day = 24 * 60 * 60 * 1000;

/** Milliseconds before its end from which a token counts as expiring. */
const soon = 30 * day;

/** Milliseconds without a request after which a token counts as idle. */
const long = 90 * day;

/** The service tokens that expire, and those that nobody uses. */
export const faultyTokens: FindingQuestion = {
  rules: ['expired-token', 'expiring-token', 'unused-token', 'idle-token'],
  reads: ['cloudflare/service-token', 'cloudflare/access-policy', 'cloudflare/access-application'],
  ask: (ground) => {
    const rules = rulesIn(ground);
    const named = new Set(tokensIn(rules));
    const isAnyNamed = rules.some((rule) => 'any_valid_service_token' in rule || 'group' in rule);
    return ground.live
      .of('cloudflare/service-token')
      .flatMap((token) => faultOf(token, named.has(token.id) || isAnyNamed, ground));
  },
  unanswered: (ground) => {
    if (!rulesIn(ground).some((rule) => 'group' in rule)) return [];
    const reason = 'a policy names a rule group of Access, whose tokens were not read';
    return [{ rules: ['unused-token'], reason }];
  },
};

function rulesIn({ live }: FindingGround): readonly AccessRule[] {
  return live
    .of('cloudflare/access-policy')
    .flatMap(({ spec: { include, require, exclude } }) => [...include, ...require, ...exclude]);
}

interface TokenTimes {
  readonly name?: string;
  readonly created_at?: string;
  readonly last_seen_at?: string | null;
}

function faultOf(
  { address, raw, spec, expiresAt }: Observed<ServiceTokenSpec>,
  isNamed: boolean,
  { now }: FindingGround,
): readonly FoundFault[] {
  const { name = address.key, created_at: made, last_seen_at: seen } = raw as TokenTimes;
  const subject = namedSubject('service token', name);
  if (isForChecks(name)) return [];
  if (!isNamed)
    return [{ rule: 'unused-token', subject, says: `No policy names the service token "${name}"` }];
  if (!spec.enabled)
    return [{ rule: 'expired-token', subject, says: `The service token "${name}" is disabled` }];
  const left = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - now.getTime();
  const date = expiresAt?.slice(0, 10);
  if (left <= 0)
    return [{ rule: 'expired-token', subject, says: `The service token "${name}" expired on ${date}` }];
  if (left < soon)
    return [{ rule: 'expiring-token', subject, says: `The service token "${name}" expires on ${date}` }];
  const last = seen ?? made;
  if (last === undefined || now.getTime() - Date.parse(last) < long) return [];
  const since = last.slice(0, 10);
  const says =
    seen == null
      ? `Nobody has used the service token "${name}" since it was made on ${since}`
      : `Nobody has used the service token "${name}" since ${since}`;
  return [{ rule: 'idle-token', subject, says }];
}
