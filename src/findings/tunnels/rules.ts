import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { Observed } from '../../core/objects/object.ts';
import { isWildcard, matchesHost } from '../../desired/live/host-pattern.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';

type Rule = Observed<IngressRuleSpec>;

/** The tunnel rules that nothing reaches. */
export const unreachedRules: FindingQuestion = {
  rules: ['shadowed-rule', 'rule-without-name'],
  reads: ['cloudflare/dns-record', 'cloudflare/ingress-rule'],
  ask: (ground) => ground.live.of('cloudflare/ingress-rule').flatMap((rule) => faultsOf(rule, ground)),
};

function faultsOf(rule: Rule, { names }: FindingGround): readonly FoundFault[] {
  const { hostname, tunnel, tunnelId } = rule.spec;
  const says = withoutRequests(rule);
  if (says !== undefined) return [{ rule: 'shadowed-rule', subject: ruleSubject(rule), says }];
  if (hostname.includes('*') || !names.isRead(hostname) || names.tunnelsOf(hostname).includes(tunnelId))
    return [];
  return [
    {
      rule: 'rule-without-name',
      subject: ruleSubject(rule),
      says: `No DNS record leads ${hostname} to the tunnel ${tunnel}`,
    },
  ];
}

/** Which rule gets no requests, because an earlier one takes them; undefined if there is none. */
function withoutRequests(rule: Rule): string | undefined {
  const { tunnel, shadowedBy, repeats } = rule.spec;
  if (shadowedBy !== undefined)
    return `The rule for ${placeOf(rule)} in the tunnel ${tunnel} gets no request: the rule for ${shadowedBy} before it takes them`;
  if (repeats !== undefined)
    return `The tunnel ${tunnel} has ${repeats.length + 1} rules for ${placeOf(rule)}: only the first gets requests`;
  return undefined;
}

/** The rules behind Access that do not look at its token. */
export const uncheckedTokens: FindingQuestion = {
  rules: ['unchecked-token'],
  reads: [
    ...['cloudflare/dns-record', 'cloudflare/tunnel', 'cloudflare/ingress-rule'],
    ...['cloudflare/access-application', 'cloudflare/access-policy'],
  ],
  ask: ({ live, doors }) => {
    const patterns = live
      .of('cloudflare/access-application')
      .flatMap(({ spec }) => spec.destinations.flatMap((uri) => hostIn(uri) ?? []));
    const exact = new Set(patterns);
    const wide = patterns.filter(isWildcard);
    const isCovered = (host: string) => exact.has(host) || wide.some((each) => matchesHost(each, host));
    return live.of('cloudflare/ingress-rule').flatMap((rule): readonly FoundFault[] => {
      const { hostname, path, service, originRequest } = rule.spec;
      if (path !== undefined || service.startsWith('http_status:') || !isCovered(hostname)) return [];
      if (originRequest.access?.required === true || !doors.guards(hostname)) return [];
      const says = `The tunnel passes requests for ${hostname} on without the token of its Access application`;
      return [{ rule: 'unchecked-token', subject: ruleSubject(rule), says }];
    });
  },
};

/** The rules that demand the token of an application that is gone. */
export const missingAudiences: FindingQuestion = {
  rules: ['missing-audience'],
  reads: ['cloudflare/ingress-rule', 'cloudflare/access-application'],
  ask: ({ live }) => {
    const known = new Set(live.of('cloudflare/access-application').map(({ attributes }) => attributes.aud));
    return live.of('cloudflare/ingress-rule').flatMap((rule): readonly FoundFault[] => {
      const { access } = rule.spec.originRequest;
      if (access?.required !== true || access.audTag.some((tag) => known.has(tag))) return [];
      const says = `The tunnel lets nobody in at ${placeOf(rule)}: it demands the token of an Access application that does not exist`;
      return [{ rule: 'missing-audience', subject: ruleSubject(rule), says }];
    });
  },
};

function ruleSubject(rule: Rule) {
  return { kind: 'tunnel rule', name: placeOf(rule) };
}

function placeOf({ spec: { hostname, path } }: Rule): string {
  return path === undefined ? hostname : `${hostname} ${path}`;
}
