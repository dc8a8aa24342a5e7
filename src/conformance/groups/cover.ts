import { accessApplication } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { awaitPickUp } from '../../../reconcilers/cloudflare/ingress/configuration.ts';
import type { Answers } from '../answers.ts';
import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { helloWorld, type Lab } from '../lab.ts';
import { described, type Seen } from '../seen.ts';

const beliefs = named('cover', {
  asks: {
    says: 'An application that admits one service token refuses everybody else with 401 or 403, and says its audience',
    where: 'reconcilers/edge/reading/verdict.ts',
  },
  admits: {
    says: 'The service token comes through to what is behind the tunnel',
    where: 'reconcilers/edge/edge-check.ts',
    needs: ['cover/asks'],
  },
  assertion: {
    says: 'The origin receives Cf-Access-Jwt-Assertion with the request',
    where: 'src/gates/jwt/origin.ts',
    needs: ['cover/admits'],
  },
  secret: {
    says: 'Id and secret of the service token do not reach the origin',
    where: 'docs/decisions/0018-nothing-depends-on-how-fast-the-edge-is.md',
    needs: ['cover/admits'],
  },
  'wrong-secret': {
    says: 'A wrong secret never comes through: 401, 403 or the login page',
    where: 'reconcilers/cloudflare/account/organization.ts',
    needs: ['cover/asks'],
  },
  demanded: {
    says: 'A rule that demands the token of an application lets through who comes by that application',
    where: 'reconcilers/cloudflare/ingress/ingress-rule.ts',
    needs: ['cover/admits'],
  },
  'not-by-itself': {
    says: 'Without an application at the edge, such a rule lets nobody through: cloudflared answers 403',
    where: 'docs/decisions/0018-nothing-depends-on-how-fast-the-edge-is.md',
    needs: ['cover/demanded'],
  },
});

/** The cover, which keeps strangers out until a gate has been checked. */
export const cover: Group = {
  name: 'cover',
  set: 'quick',
  seconds: 30,
  makes: ['1 tag, 1 policy, 1 service token and 1 application of Access, at the scratch host'],
  needs: ['host/reached', 'names/application', 'names/policy', 'names/token'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { policy, headers } = await lab.probePolicy();
    const application = await lab.application('', [policy.id]);
    const { aud = '' } = application.attributes;
    await lab.open();
    await answers.ask(beliefs.asks, async () => {
      const isAsked = ({ by }: Seen) => by.by === 'access-refusal' && by.audience === aud;
      const { done, value } = await lab.visitUntil('/', {}, isAsked);
      return held(done, described(value), { status: value.answer.status });
    });
    await throughCover(lab, answers, headers);
    await answers.ask(beliefs['wrong-secret'], async () => {
      const wrong = { ...headers, 'cf-access-client-secret': 'x'.repeat(64) };
      const seen = await lab.visit('/', wrong);
      const refused = seen.by.by === 'access-refusal' || seen.by.by === 'access-login';
      return held(refused, described(seen), { status: seen.answer.status });
    });
    await answers.ask(beliefs.demanded, async () => {
      const { team = '' } = lab.ground.organization;
      await lab.route(helloWorld, { access: { required: true, teamName: team, audTag: [aud] } });
      await awaitPickUp(lab.world, lab.ground.tunnel);
      const { done, value } = await lab.visitUntil('/', headers, ({ by }) => by.by === 'application');
      return held(done, described(value));
    });
    await answers.ask(beliefs['not-by-itself'], async () => {
      await lab.remove(accessApplication, application);
      const isGone = ({ by }: Seen) => by.by !== 'access-refusal' && by.by !== 'access-login';
      const { done, value } = await lab.visitUntil('/', {}, isGone);
      return held(done && value.by.by === 'block' && value.answer.status === 403, described(value));
    });
  },
};

async function throughCover(
  lab: Lab,
  answers: Answers,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  let page = '';
  await answers.ask(beliefs.admits, async () => {
    const { done, value } = await lab.visitUntil('/', headers, ({ by }) => by.by === 'application');
    page = value.answer.body.toLowerCase();
    return held(done && value.answer.status === 200, described(value));
  });
  await answers.ask(beliefs.assertion, async () =>
    held(page.includes('cf-access-jwt-assertion'), 'the page behind the tunnel shows no such header'),
  );
  await answers.ask(beliefs.secret, async () => {
    const { 'cf-access-client-secret': secret = '' } = headers;
    const shown = page.includes('cf-access-client-secret') || page.includes(secret.toLowerCase());
    return held(!shown, 'the page behind the tunnel shows it');
  });
}
