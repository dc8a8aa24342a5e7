import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { described } from '../seen.ts';

const beliefs = named('host', {
  reached: {
    says: 'A host without an application shows what is behind the tunnel',
    where: 'reconcilers/edge/reading/verdict.ts',
  },
  closed: {
    says: 'A rule http_status:503 answers 503, and nothing behind the tunnel is reached',
    where: 'reconcilers/cloudflare/ingress/ingress-rule.ts',
    needs: ['host/reached'],
  },
});

/** A host that nothing guards. */
export const host: Group = {
  name: 'host',
  set: 'quick',
  seconds: 10,
  makes: [],
  needs: ['tunnel/pick-up', 'tunnel/name', 'organization/reachable', 'bots/gates'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await lab.open();
    await answers.ask(beliefs.reached, async () => {
      const { done, value } = await lab.visitUntil('/', {}, ({ by }) => by.by === 'application');
      return held(done, described(value));
    });
    await answers.ask(beliefs.closed, async () => {
      await lab.shut();
      const { done, value } = await lab.visitUntil('/', {}, ({ by }) => by.by === 'closed');
      return held(done, described(value));
    });
  },
};
