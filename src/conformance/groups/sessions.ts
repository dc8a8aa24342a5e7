import { accessPolicy } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { described, type Seen } from '../seen.ts';

const beliefs = named('sessions', {
  replayed: {
    says: 'The token that Access hands to the origin is a session at that application, as a cookie',
    where: 'docs/decisions/0001-the-order-comes-from-doors.md',
  },
  ended: {
    says: 'A revocation ends the sessions of an application within 30 seconds',
    where: 'reconcilers/cloudflare/access/session/revocation.ts',
    needs: ['sessions/replayed'],
  },
  again: {
    says: 'After a revocation, whoever is admitted still gets in again within a minute',
    where: 'reconcilers/cloudflare/access/session/revocation.ts',
    needs: ['sessions/ended'],
  },
});

/** Milliseconds in which a person who stays admitted may get an error. */
const lockedOut = 60_000;

/** The time for which people stay in who are no longer admitted. */
export const sessions: Group = {
  name: 'sessions',
  set: 'full',
  seconds: 120,
  makes: ['1 tag, 2 policies, 1 service token and 1 application of Access, at the scratch host'],
  needs: ['cover/assertion'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { policy, headers } = await lab.probePolicy();
    const people = await lab.make(accessPolicy, `${lab.host} people`, {
      decision: 'allow',
      include: [{ email: { email: 'nobody@example.invalid' } }],
      require: [],
      exclude: [],
    });
    const { id } = await lab.application('', [policy.id, people.id]);
    await lab.open();
    const isIn = ({ by }: Seen) => by.by === 'application';
    const isOut = ({ by }: Seen) => by.by === 'access-login' || by.by === 'access-refusal';
    await lab.visitUntil('/', {}, isOut);
    let cookie = {};
    await answers.ask(beliefs.replayed, async () => {
      const { value } = await lab.visitUntil('/', headers, isIn);
      cookie = { cookie: `CF_Authorization=${assertionIn(value.answer.body)}` };
      const seen = await lab.visit('/', cookie);
      return held(isIn(seen), described(seen));
    });
    await answers.ask(beliefs.ended, async () => {
      const since = lab.now();
      await lab.world.cloudflare.post(lab.account(`access/apps/${id}/revoke_tokens`));
      const { done, value, after: ms } = await lab.visitUntil('/', cookie, isOut, { since });
      const isSoon = done && ms <= lab.world.longestLag;
      return held(isSoon, done ? `after ${ms / 1_000} s` : described(value), { ms });
    });
    await answers.ask(beliefs.again, async () => {
      const { done, value } = await lab.visitUntil('/', headers, isIn, { most: lockedOut });
      return held(done, described(value));
    });
  },
};

/** The token in the page that shows the headers of a request; empty if it shows none. */
function assertionIn(page: string): string {
  return /cf-access-jwt-assertion[\s\S]{0,60}?(ey[\w-]+\.[\w-]+\.[\w-]+)/i.exec(page)?.[1] ?? '';
}
