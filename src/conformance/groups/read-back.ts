import { accessApplication } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { accessPolicy } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { cacheRule } from '../../../reconcilers/cloudflare/cache/cache-rule.ts';
import { dnsRecord, dnsRecordKey } from '../../../reconcilers/cloudflare/dns/dns-record.ts';
import { ingressRule } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { ingressRuleKey } from '../../../reconcilers/cloudflare/ingress/rule-id.ts';
import { serviceToken } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import { wafRule, wafRuleKey } from '../../../reconcilers/cloudflare/waf/waf-rule.ts';
import { describeError, RejectedError } from '../../core/errors.ts';
import { type Answer, notAsked } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { applicationOf, cacheRuleOf, skipRuleOf, textRecordOf, tokenOf } from '../objects.ts';
import { compared, readsBack } from '../read-back.ts';

const says = (what: string) => `${what} reads back as gates wrote it, also after a write of what was read`;

const beliefs = named('read-back', {
  policy: {
    says: says('A policy'),
    where: 'reconcilers/cloudflare/access/access-policy.ts',
    needs: ['names/policy'],
  },
  approval: {
    says: says('A policy that asks for a reason and for the approval of others'),
    where: 'reconcilers/cloudflare/access/policy/policy-demands.ts',
    needs: ['read-back/policy'],
  },
  isolation: {
    says: says('A policy that shows the application in a browser at Cloudflare'),
    where: 'reconcilers/cloudflare/access/policy/policy-demands.ts',
    needs: ['read-back/policy'],
  },
  application: {
    says: says('An application'),
    where: 'reconcilers/cloudflare/access/access-application.ts',
    needs: ['names/application', 'names/policy'],
  },
  token: {
    says: says('A service token'),
    where: 'reconcilers/cloudflare/service-token/service-token.ts',
    needs: ['names/token'],
  },
  record: {
    says: says('A DNS record'),
    where: 'reconcilers/cloudflare/dns/dns-record.ts',
    needs: ['names/comment'],
  },
  route: {
    says: says('An ingress rule'),
    where: 'reconcilers/cloudflare/ingress/ingress-rule.ts',
    needs: ['token/tunnels', 'token/access', 'token/records'],
  },
  rule: {
    says: says('A custom rule'),
    where: 'reconcilers/cloudflare/waf/waf-rule.ts',
    needs: ['names/ref'],
  },
  'cache-rule': {
    says: says('A cache rule'),
    where: 'reconcilers/cloudflare/cache/cache-rule.ts',
    needs: ['names/cache-ref'],
  },
});

/** A policy that admits nobody who exists. */
const nobody = {
  decision: 'allow',
  include: [{ email: { email: 'nobody@example.invalid' } }],
  require: [],
  exclude: [],
} as const;

/**
 * Cloudflare documents neither which accounts may use a setting of a policy, nor how it refuses one (decision 48). So a
 * refusal tells nothing about an account that may.
 */
async function ifEntitled(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    // A write without an effect is no refusal, and has no status.
    if (!(error instanceof RejectedError) || error.facts.status === undefined) throw error;
    return notAsked(
      `Cloudflare refuses it, perhaps because the account may not use it: ${describeError(error)}`,
    );
  }
}

/** Fields that must read back as written: otherwise gates would write them in every run. */
export const readBack: Group = {
  name: 'read-back',
  set: 'quick',
  seconds: 20,
  makes: [
    '1 tag, 3 policies, 1 service token and 1 application of Access',
    '1 TXT record',
    '1 ingress rule for the scratch host, which answers 503',
    '1 custom rule and 1 cache rule, for the scratch host alone',
  ],
  needs: [],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { host, ground } = lab;
    await answers.ask(beliefs.policy, () =>
      readsBack(lab, accessPolicy, host, {
        decision: 'allow',
        include: [{ email: { email: 'Nobody@Example.invalid' } }, { ip: { ip: '192.0.2.1' } }],
        require: [],
        exclude: [{ email: { email: 'somebody@example.invalid' } }],
        sessionDuration: '30m',
      }),
    );
    const approval = [{ needed: 1, emails: ['boss@example.invalid'] }];
    await answers.ask(beliefs.approval, () =>
      ifEntitled(readsBack(lab, accessPolicy, 'approval', { ...nobody, approval, justification: 'Why?' })),
    );
    await answers.ask(beliefs.isolation, () =>
      ifEntitled(readsBack(lab, accessPolicy, 'isolation', { ...nobody, isolate: true })),
    );
    await answers.ask(beliefs.application, async () => {
      const policy = await lab.read(accessPolicy, host);
      await lab.tag();
      const spec = applicationOf(host, [policy.id], {
        destinations: [host, `${host}/a/*`, `${host}/b`],
        sessionDuration: '24h',
      });
      return readsBack(lab, accessApplication, host, spec);
    });
    await answers.ask(beliefs.token, () => readsBack(lab, serviceToken, 'read-back', tokenOf()));
    const record = textRecordOf(lab);
    await answers.ask(beliefs.record, () => readsBack(lab, dnsRecord, dnsRecordKey(record), record));
    await answers.ask(beliefs.route, async () => {
      const { id: tunnelId, name: tunnel } = ground.tunnel;
      const originRequest = { httpHostHeader: `gates-${lab.owner}`, connectTimeout: 10, noTLSVerify: true };
      const route = { tunnel, tunnelId, hostname: host, service: 'http_status:503', originRequest };
      await lab.route(route.service, originRequest);
      const have = await lab.read(ingressRule, ingressRuleKey(route));
      const first = compared(ingressRule, route, have.spec);
      if (first.state !== 'as believed') return first;
      return compared(ingressRule, route, (await lab.change(ingressRule, have, have.spec)).spec);
    });
    const rule = skipRuleOf(lab);
    await answers.ask(beliefs.rule, () => readsBack(lab, wafRule, wafRuleKey(rule), rule));
    await answers.ask(beliefs['cache-rule'], () => readsBack(lab, cacheRule, host, cacheRuleOf(lab)));
  },
};
