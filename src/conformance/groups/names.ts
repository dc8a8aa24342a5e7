import { accessApplication } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { accessPolicy } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../../reconcilers/cloudflare/access/access-tag.ts';
import { cacheRule } from '../../../reconcilers/cloudflare/cache/cache-rule.ts';
import { dnsRecord, dnsRecordKey } from '../../../reconcilers/cloudflare/dns/dns-record.ts';
import { serviceToken } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import { wafRule, wafRuleKey } from '../../../reconcilers/cloudflare/waf/waf-rule.ts';
import { markTag } from '../../core/objects/marker.ts';
import type { Reconciler } from '../../core/reconciler.ts';
import { asBelieved, held } from '../belief.ts';
import { type Group, named } from '../group.ts';

import { applicationOf, cacheRuleOf, skipRuleOf, textRecordOf, tokenOf } from '../objects.ts';

const beliefs = named('names', {
  tag: {
    says: 'A tag of Access may be called gates-OWNER, dashes included',
    where: 'src/core/objects/marker.ts',
    needs: ['token/access'],
  },
  application: {
    says: 'An application keeps its tag, and a name that is a host',
    where: 'reconcilers/cloudflare/access/access-application.ts',
    needs: ['names/tag'],
  },
  policy: {
    says: 'A reusable policy may be called gates:OWNER/HOST',
    where: 'reconcilers/cloudflare/access/access-policy.ts',
    needs: ['token/access'],
  },
  token: {
    says: 'A service token may be called gates:OWNER/NAME',
    where: 'reconcilers/cloudflare/service-token/service-token.ts',
    needs: ['token/service-tokens'],
  },
  comment: {
    says: 'A DNS record keeps the comment gates:OWNER',
    where: 'reconcilers/cloudflare/dns/dns-record.ts',
    needs: ['token/records'],
  },
  ref: {
    says: 'A custom rule keeps the ref gates_OWNER_PURPOSE',
    where: 'reconcilers/cloudflare/waf/marks.ts',
    needs: ['token/custom-rules'],
  },
  'cache-ref': {
    says: 'A cache rule keeps the ref gates_OWNER_cache_NUMBER',
    where: 'reconcilers/cloudflare/cache/rule-spec.ts',
    needs: ['token/cache-rules'],
  },
});

/** The marks by which gates finds its objects again: each object is made with its mark, and searched by it. */
export const names: Group = {
  name: 'names',
  set: 'quick',
  seconds: 15,
  makes: [
    '1 tag, 1 policy, 1 service token and 1 application of Access',
    '1 TXT record',
    '1 custom rule and 1 cache rule, for the scratch host alone',
  ],
  needs: [],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const tag = markTag(lab.owner);
    await answers.ask(beliefs.tag, async () => {
      await lab.tag();
      const { owner } = await lab.read(accessTag, tag);
      return held(owner === lab.owner, 'the tag is in the list under another name');
    });
    const found = async <Spec>(reconciler: Reconciler<Spec>, key: string, want: Spec) => {
      await lab.make(reconciler, key, want);
      return asBelieved();
    };
    const policy = { decision: 'deny', include: [{ everyone: {} }], require: [], exclude: [] } as const;
    await answers.ask(beliefs.policy, () => found(accessPolicy, lab.host, policy));
    await answers.ask(beliefs.application, () =>
      found(accessApplication, lab.host, applicationOf(lab.host, [])),
    );
    await answers.ask(beliefs.token, () => found(serviceToken, 'names', tokenOf()));
    const record = textRecordOf(lab);
    await answers.ask(beliefs.comment, () => found(dnsRecord, dnsRecordKey(record), record));
    const rule = skipRuleOf(lab);
    await answers.ask(beliefs.ref, () => found(wafRule, wafRuleKey(rule), rule));
    await answers.ask(beliefs['cache-ref'], () => found(cacheRule, lab.host, cacheRuleOf(lab)));
  },
};
