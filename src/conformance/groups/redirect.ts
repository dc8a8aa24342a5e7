import { accessPolicy } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { asBelieved, held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { described, type Seen } from '../seen.ts';

const beliefs = named('redirect', {
  login: {
    says: 'Where a person could get in, everybody else is redirected to the team’s login page, which names the audience',
    where: 'reconcilers/edge/reading/verdict.ts',
  },
  address: {
    says: 'The login page is at /cdn-cgi/access/login/HOST, and knows where to go back to',
    where: 'reconcilers/edge/reading/verdict.ts',
    needs: ['redirect/login'],
  },
  script: {
    says: 'A request of a script (X-Requested-With) is answered 401 there',
    where: 'reconcilers/edge/reading/verdict.ts',
    needs: ['redirect/login'],
  },
  revoke: {
    says: 'The token may end the sessions of an application',
    where: 'reconcilers/cloudflare/access/session/revocation.ts',
  },
});

/** The answer of a gate of Access to a visitor. */
export const redirect: Group = {
  name: 'redirect',
  set: 'quick',
  seconds: 15,
  makes: [
    '1 tag, 1 policy (for an address that nobody has) and 1 application of Access, at the scratch host',
  ],
  needs: ['host/reached', 'cover/asks', 'names/application', 'names/policy'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const policy = await lab.make(accessPolicy, lab.host, {
      decision: 'allow',
      include: [{ email: { email: 'nobody@example.invalid' } }],
      require: [],
      exclude: [],
    });
    const { id, attributes } = await lab.application('', [policy.id]);
    await lab.open();
    let location = new URL('https://nowhere.invalid');
    await answers.ask(beliefs.login, async () => {
      const isLogin = ({ by }: Seen) => by.by === 'access-login' && by.audience === attributes.aud;
      const { done, value } = await lab.visitUntil('/some/path?query', {}, isLogin);
      location = new URL(value.answer.headers.location ?? '/', location);
      return held(done, described(value), {
        status: value.answer.status,
        'www-authenticate': value.answer.headers['www-authenticate'] !== undefined,
      });
    });
    await answers.ask(beliefs.address, async () => {
      const { team = '' } = lab.ground.organization;
      const isThere =
        location.hostname === `${team}.cloudflareaccess.com` &&
        location.pathname === `/cdn-cgi/access/login/${lab.host}`;
      const goesBack = location.searchParams.get('redirect_url')?.startsWith('/some/path') === true;
      return held(isThere && goesBack, `${location.origin}${location.pathname}, back: ${goesBack}`);
    });
    await answers.ask(beliefs.script, async () => {
      const seen = await lab.visit('/', { 'x-requested-with': 'XMLHttpRequest' });
      return held(seen.answer.status === 401, described(seen));
    });
    await answers.ask(beliefs.revoke, async () => {
      await lab.world.cloudflare.post(lab.account(`access/apps/${id}/revoke_tokens`));
      return asBelieved();
    });
  },
};
