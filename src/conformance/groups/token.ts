import type { Answers } from '../answers.ts';
import { type Answer, asBelieved, held, notAsked } from '../belief.ts';
import { isUnentitled, isUnpermitted } from '../entitlement.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';

const beliefs = named('token', {
  zone: {
    says: 'Cloudflare answers for the whole zone: it is active, not paused, and its name servers are Cloudflare’s',
    where: 'reconcilers/cloudflare/account/zone.ts',
  },
  access: {
    says: 'The token reads applications, policies and tags of Access',
    where: 'reconcilers/cloudflare/account/access-list.ts',
  },
  'service-tokens': {
    says: 'The token reads service tokens',
    where: 'reconcilers/cloudflare/service-token/service-token.ts',
  },
  providers: {
    says: 'The token reads identity providers',
    where: 'reconcilers/cloudflare/access/access-identity-provider.ts',
  },
  records: {
    says: 'The token reads DNS records of the zone',
    where: 'reconcilers/cloudflare/dns/dns-record.ts',
  },
  tunnels: {
    says: 'The token reads tunnels and their connections',
    where: 'reconcilers/cloudflare/account/tunnel.ts',
  },
  'custom-rules': {
    says: 'The token reads custom rules of the zone; a zone without any answers 404',
    where: 'reconcilers/cloudflare/rules/ruleset.ts',
  },
  'cache-rules': {
    says: 'The token reads cache rules of the zone; a zone without any answers 404',
    where: 'reconcilers/cloudflare/cache/cache-rule.ts',
  },
  shield: {
    says: 'API Shield answers, or says with code 10403 that the plan does not include it',
    where: 'reconcilers/cloudflare/api-shield/api-shield.ts',
  },
});

/** Every list is requested with the smallest page that its document allows. */
const page = { per_page: 5 };

export const token: Group = {
  name: 'token',
  set: 'quick',
  seconds: 5,
  makes: [],
  needs: [],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { status, type, paused } = lab.ground.zone;
    await answers.ask(beliefs.zone, async () =>
      held(
        status === 'active' && type === 'full' && !paused,
        `status ${status}, type ${type}, paused ${paused}`,
        {
          status,
          type,
          plan: lab.ground.zone.plan,
        },
      ),
    );
    await lists(
      lab,
      answers,
      'access',
      ['apps', 'policies', 'tags'].map((name) => lab.account(`access/${name}`)),
    );
    await lists(lab, answers, 'service-tokens', [lab.account('access/service_tokens')]);
    await lists(lab, answers, 'providers', [lab.account('access/identity_providers')]);
    await lists(lab, answers, 'records', [lab.zone('dns_records')]);
    await answers.ask(beliefs.tunnels, async () => {
      await lab.world.cloudflare.list(lab.account('cfd_tunnel'), page);
      await lab.world.cloudflare.get(lab.account(`cfd_tunnel/${lab.ground.tunnel.id}/connections`));
      return asBelieved();
    });
    await answers.ask(beliefs['custom-rules'], () =>
      ifPermitted('Zone / WAF', () => rulesOf(lab, 'http_request_firewall_custom')),
    );
    await answers.ask(beliefs['cache-rules'], () => rulesOf(lab, 'http_request_cache_settings'));
    await answers.ask(beliefs.shield, () => ifPermitted('Zone / API Gateway', () => shieldAnswer(lab)));
  },
};

async function rulesOf(lab: Lab, phase: string): Promise<Answer> {
  await lab.world.cloudflare.get(lab.zone(`rulesets/phases/${phase}/entrypoint`));
  return asBelieved();
}

/** Most files need no such permission, and a token for them lacks it: then nothing in the account differs. */
async function ifPermitted(permission: string, question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    if (!isUnpermitted(error)) throw error;
    return notAsked(`the token lacks "${permission}", which only \`jwt\` at the edge and \`waf.skip\` need`);
  }
}

async function lists(
  lab: Lab,
  answers: Answers,
  name: keyof typeof beliefs,
  paths: readonly string[],
): Promise<void> {
  await answers.ask(beliefs[name], async () => {
    for (const path of paths) await lab.world.cloudflare.list(path, page);
    return asBelieved();
  });
}

async function shieldAnswer(lab: Lab): Promise<Answer> {
  try {
    await lab.world.cloudflare.get(lab.zone('token_validation/config'), page);
    return asBelieved({ entitled: true });
  } catch (error) {
    if (isUnentitled(error)) return asBelieved({ entitled: false });
    throw error;
  }
}
