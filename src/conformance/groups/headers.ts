import { held, notAsked } from '../belief.ts';
import { type Group, named } from '../group.ts';

const beliefs = named('headers', {
  allowance: {
    says: 'Every reply says how many calls are left, as Ratelimit or as x-ratelimit-*',
    where: 'src/clients/cloudflare/budget.ts',
  },
  budget: {
    says: 'A token may make 1,200 calls in five minutes',
    where: 'src/clients/cloudflare/budget.ts',
    needs: ['headers/allowance'],
  },
  date: {
    says: 'Every reply has a Date, which is within a minute of this machine’s clock',
    where: 'src/clients/http/clock-offset.ts',
  },
});

/** The headers of replies that gates reads. */
export const headers: Group = {
  name: 'headers',
  set: 'quick',
  seconds: 1,
  makes: [],
  needs: [],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await lab.world.cloudflare.list('/zones', { name: lab.ground.zone.name });
    const reply = lab.replyHeaders();
    const asked = <T>(question: (headers: Headers) => T) =>
      reply === undefined ? notAsked('no reply was seen') : question(reply);
    await answers.ask(beliefs.allowance, async () =>
      asked((seen) => {
        const sent = generations(seen);
        return held(sent !== 'none', 'neither of them', { sent });
      }),
    );
    await answers.ask(beliefs.budget, async () =>
      asked((seen) => {
        const calls = Number(
          /;q=(\d+)/.exec(seen.get('ratelimit-policy') ?? '')?.[1] ?? seen.get('x-ratelimit-limit'),
        );
        return held(calls === 1_200, `${calls} calls`, { calls });
      }),
    );
    await answers.ask(beliefs.date, async () =>
      asked((seen) => {
        const seconds = Math.round((Date.parse(seen.get('date') ?? '') - lab.now()) / 1_000);
        return held(Math.abs(seconds) <= 60, Number.isNaN(seconds) ? 'no Date' : `${seconds} s away`);
      }),
    );
  },
};

function generations(seen: Headers): 'newer' | 'older' | 'both' | 'none' {
  const [newer, older] = [seen.has('ratelimit'), seen.has('x-ratelimit-remaining')];
  if (newer && older) return 'both';
  return newer ? 'newer' : older ? 'older' : 'none';
}
