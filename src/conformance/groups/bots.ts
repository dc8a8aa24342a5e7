import type { EdgeVerdict } from '../../../reconcilers/edge/reading/verdict.ts';
import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { described } from '../seen.ts';

const beliefs = named('bots', {
  gates: {
    says: 'A request of gates is neither challenged nor blocked by its User-Agent',
    where: 'src/clients/edge.ts',
  },
  programs: {
    says: 'Other programs are not challenged either: CI, webhooks, and Access itself at the login host',
    where: 'src/doctor/checks/cloudflare/bots.ts',
    needs: ['bots/gates'],
  },
});

/** The names by which they identify themselves. */
const agents = {
  curl: 'curl/8.5.0',
  access: 'cloudflare-access',
  browser: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

/** The checks in front of Access that keep machines out. */
export const botBeliefs: Group = {
  name: 'bots',
  set: 'quick',
  seconds: 5,
  makes: [],
  needs: ['tunnel/pick-up', 'tunnel/name'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await lab.open();
    await answers.ask(beliefs.gates, async () => {
      const seen = await lab.visit('/');
      return held(!isStopped(seen.by), described(seen), { challenged: seen.by.by === 'challenge' });
    });
    await answers.ask(beliefs.programs, async () => {
      const stopped: string[] = [];
      for (const [name, agent] of Object.entries(agents)) {
        const { by } = await lab.visit('/', { 'user-agent': agent });
        if (isStopped(by)) stopped.push(name);
      }
      return held(stopped.length === 0, stopped.join(', '));
    });
  },
};

/** 1010: Browser Integrity Check. */
function isStopped(by: EdgeVerdict): boolean {
  if (by.by === 'challenge') return true;
  return by.by === 'block' && by.refusal !== undefined && 'code' in by.refusal && by.refusal.code === 1010;
}
