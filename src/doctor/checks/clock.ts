import { GatesError } from '../../core/errors.ts';
import { type CheckJudgment, check, ok, problem, warning } from '../chart/check.ts';

/** Milliseconds: the error of `Date` (whole seconds, and the time on the way), and what tokens tolerate. */
const noticeable = 10_000;
const forgiven = 60_000;

type Ahead = Readonly<Partial<Record<'cloudflare' | 'authentik', number>>>;

/** Checks whether this machine, Cloudflare and Authentik agree on the time, by the `Date` of their answers. */
export const clock = check<Ahead>({
  name: 'clock',
  area: 'both',
  async ask(chart) {
    await Promise.all([
      askAnyway(chart.cloudflare.get('/user/tokens/verify')),
      askAnyway(chart.authentik.get('/core/users/me/')),
    ]);
    const [cloudflare, authentik] = [chart.ahead('cloudflare'), chart.ahead('authentik')];
    return {
      ...(cloudflare !== undefined && { cloudflare }),
      ...(authentik !== undefined && { authentik }),
    };
  },
  judge(ahead) {
    const names = { cloudflare: 'Cloudflare', authentik: 'Authentik' };
    const found = Object.entries(ahead).map(([system, by]) => ({
      name: names[system as keyof Ahead],
      by,
    }));
    if (found.length === 0) return [];
    const off = found.filter(({ by }) => Math.abs(by) > noticeable);
    if (off.length === 0) {
      return [ok(`The clock of this machine agrees with ${found.map(({ name }) => name).join(' and ')}`)];
    }
    return off.map(judgmentOf);
  },
});

/** The answer may be a refusal, which has a date as well. */
async function askAnyway(question: Promise<unknown>): Promise<void> {
  try {
    await question;
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
  }
}

function judgmentOf({ name: about, by }: { readonly name: string; readonly by: number }): CheckJudgment {
  const seconds = Math.round(Math.abs(by) / 1000);
  const say = Math.abs(by) > forgiven ? problem : warning;
  return say('clock-skew', {
    about,
    text: `Its clock is ${seconds} s ${by > 0 ? 'ahead of' : 'behind'} that of this machine: tokens are refused as not valid yet, or as over`,
    hint: 'Switch on time synchronisation on both machines (timedatectl set-ntp true)',
  });
}
