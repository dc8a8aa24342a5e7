import { RejectedError } from '../../../core/errors.ts';
import { type Chart, type CheckJudgment, check, ok, problem, warning } from '../../chart/check.ts';

interface Verified {
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
  judge(token, { now }) {
    const hint = 'Make a new one with the permissions of docs/first-hour.md, and set CLOUDFLARE_API_TOKEN';
    if (token === undefined) return [problem('cloudflare-token', { text: 'The token is not valid', hint })];
    const { status, not_before: begin, expires_on: end } = token;
    if (status !== 'active') return [problem('cloudflare-token', { text: `The token is ${status}`, hint })];
    if (begin !== undefined && Date.parse(begin) > now) {
      return [problem('cloudflare-token', { text: `The token is valid from ${begin} on`, hint })];
    }
    return [endOf(end, now)];
  },
});

/** A token of a user is verified at one address, a token of an account at another. */
export async function verifiedToken(chart: Chart): Promise<Verified | undefined> {
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

function endOf(end: string | undefined, now: number): CheckJudgment {
  if (end === undefined) return ok('The token is active and does not expire');
  const timeLeft = Date.parse(end) - now;
  if (!(timeLeft < soon)) return ok(`The token is active until ${end}`);
  return (timeLeft < urgent ? problem : warning)('cloudflare-token-expires', {
    text: `The token ends at ${end}`,
    hint: 'Make a new one before, or take its end away: My Profile → API Tokens → Edit → TTL',
  });
}
