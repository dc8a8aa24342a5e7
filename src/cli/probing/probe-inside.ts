import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { plainQuestion, worldAt } from '../../../reconcilers/edge/origin.ts';
import { askOnce } from '../../../reconcilers/edge/prober.ts';
import { verdictOnOrigin } from '../../../reconcilers/edge/reading/verdict.ts';
import type { Service } from '../../config/model/config.ts';
import type { Probed } from '../../report/probe/probe.ts';
import {
  gateCheckOf,
  openAnswer,
  type ProbeContext,
  probedOf,
  probedRefusal,
  questionOf,
} from './probe-edge.ts';

/**
 * The answer of a host's origin to a request like cloudflared's: whether the origin itself sends people to the login.
 * It confirms nothing, because the internet gets another answer.
 */
export async function askInside(service: Service, scene: ProbeContext): Promise<Probed> {
  const refusal = probedRefusal(service, scene);
  if (refusal !== undefined) return refusal;
  const proof = gateCheckOf(service, scene);
  const question = proof && questionOf(proof, scene);
  const within = question?.expect.type === 'hooks' ? question.expect.within : undefined;
  const rule = ruleOf(service, scene, within);
  if (rule === undefined) return { verdict: 'unproved', seen: 'the file leads its requests to no origin' };
  const inside = worldAt(rule, scene.world);
  if (inside?.edge === undefined) {
    return { verdict: 'unproved', seen: 'there is no way to its origin from here' };
  }
  if (question !== undefined && question.expect.type !== 'access') {
    const finding = await askOnce(plainQuestion(question), inside);
    if (finding === undefined) return { verdict: 'asks' };
    return finding.weight === 'open' ? { ...probedOf(finding), verdict: 'silent' } : probedOf(finding);
  }
  const { host } = service;
  const answer = await inside.edge.get({ host, path: '/', nameServers: [] }, inside.signal);
  const probed = openAnswer(service, answer, verdictOnOrigin(answer, host, '/'));
  if (question === undefined || probed.verdict !== 'answers') return probed;
  return { verdict: 'answers', seen: `answers ${answer.status}; its gate stands at Cloudflare` };
}

function ruleOf(
  { host }: Service,
  { desired }: ProbeContext,
  within: string | undefined,
): IngressRuleSpec | undefined {
  const rule = desired.objects.find(({ address, spec }) => {
    const { hostname, path } = spec as Partial<IngressRuleSpec>;
    return address.kind === 'cloudflare/ingress-rule' && hostname === host && path === within;
  });
  return rule?.spec as IngressRuleSpec | undefined;
}
