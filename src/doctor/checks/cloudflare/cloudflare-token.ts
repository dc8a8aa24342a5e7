import { RejectedError } from '../../../core/errors.ts';
import { type Chart, type CheckJudgment, check, ok, problem, warning } from '../../chart/check.ts';

export interface Verified {
  readonly id: string;
  readonly status: string;
  readonly not_before?: string;
  readonly expires_on?: string;
}

const day = 86_400_000;
/** Milliseconds before its end at which a token is reported, and at which it is urgent. */
const soon = 14 * day;
const urgent = 2 * day;

/** Checks whether the token is valid, and for how long. Undefined: it is invalid. */
export const cloudflareToken = check<Verified | undefined>({
  name: 'token',
  area: 'cloudflare',
  asks: 'cloudflare',
  ask: verifiedToken,
  judge(token, { now, variables }) {
    const hint = `Make a new one with the permissions of docs/first-hour.md, and set ${variables.cloudflare}`;
    const text = invalidityOf(token, now);
    return text === undefined && token !== undefined
      ? [tokenEnd(token.expires_on, now)]
      : [problem('cloudflare-token', { text: text ?? 'The token is not valid', hint })];
  },
});

/** The reason why a token is useless now; undefined if it is valid. */
export function invalidityOf(token: Verified | undefined, now: number): string | undefined {
  if (token === undefined) return 'The token is not valid';
  const { status, not_before: begin } = token;
  if (status !== 'active') return `The token is ${status}`;
  return begin !== undefined && Date.parse(begin) > now ? `The token is valid from ${begin} on` : undefined;
}

/** A token of a user is verified at one address, a token of an account at another. */
export async function verifiedToken(
  chart: Pick<Chart, 'cloudflare' | 'config' | 'account'>,
): Promise<Verified | undefined> {
  const { cloudflare, config } = chart;
  const account = config?.cloudflare.account ?? chart.account;
  const ofAccount = account !== undefined && /^[0-9a-f]{32}$/.test(account) ? [`/accounts/${account}`] : [];
  for (const place of ['/user', ...ofAccount]) {
    try {
      return (await cloudflare.get(`${place}/tokens/verify`)) as Verified | undefined;
    } catch (error) {
      if (!(error instanceof RejectedError) || error.facts.status === undefined) throw error;
    }
  }
  return undefined;
}

/** The judgment of the time at which a valid token ends. */
export function tokenEnd(end: string | undefined, now: number): CheckJudgment {
  if (end === undefined) return ok('The token is active and does not expire');
  const timeLeft = Date.parse(end) - now;
  if (!(timeLeft < soon)) return ok(`The token is active until ${end}`);
  return (timeLeft < urgent ? problem : warning)('cloudflare-token-expires', {
    text: `The token ends at ${end}`,
    hint: 'Make a new one before, or take its end away: My Profile → API Tokens → Edit → TTL',
  });
}
