import { apiOperation } from '../../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { operationKey } from '../../../reconcilers/cloudflare/api-shield/endpoint.ts';
import { tokenConfiguration } from '../../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { type TokenRuleSpec, tokenRule } from '../../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { type WafRuleSpec, wafRule, wafRuleKey } from '../../../reconcilers/cloudflare/waf/waf-rule.ts';
import type { Answers } from '../answers.ts';
import { held } from '../belief.ts';
import { isUnentitled } from '../entitlement.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';
import { compared } from '../read-back.ts';
import { described, type Seen } from '../seen.ts';
import { newScratchKey, type ScratchKey, signedBy } from '../signed-token.ts';

const beliefs = named('shield', {
  configuration: {
    says: 'A token configuration keeps its keys, and reads back as gates wrote it',
    where: 'reconcilers/cloudflare/api-shield/token-configuration.ts',
  },
  rule: {
    says: 'A token rule for one host reads back as gates wrote it',
    where: 'reconcilers/cloudflare/api-shield/token-rule.ts',
    needs: ['shield/configuration'],
  },
  admits: {
    says: 'A valid token for the right audience comes through, in Authorization: Bearer',
    where: 'src/gates/jwt/edge.ts',
    needs: ['shield/rule'],
  },
  refuses: {
    says: 'No token, garbage, an expired one, and one of another key are refused with 403',
    where: 'src/gates/jwt/edge.ts',
    needs: ['shield/admits'],
  },
  audience: {
    says: 'API Shield does not look at the audience; the custom rule of gates refuses another one, in its own words',
    where: 'reconcilers/cloudflare/waf/expression.ts',
    needs: ['shield/admits'],
  },
});

const path = '/gates-operation';
const audience = 'gates-conformance';

/** The check of a JWT at the edge. Enterprise only. */
export const shield: Group = {
  name: 'shield',
  set: 'quick',
  seconds: 40,
  makes: [
    'where the plan has API Shield: 1 token configuration, 1 saved operation, 1 token rule and 1 custom rule, for the scratch host alone',
  ],
  needs: ['host/reached', 'token/shield', 'names/ref'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    try {
      await lab.world.cloudflare.list(lab.zone('token_validation/config'), { per_page: 5 });
    } catch (error) {
      if (!isUnentitled(error)) throw error;
      return answers.leave(beliefList, 'the plan of the zone does not include API Shield');
    }
    const key = newScratchKey('gates-1');
    await make(lab, answers, key);
    await lab.open();
    await visits(lab, answers, key);
  },
};

const beliefList = Object.values(beliefs);

async function make(lab: Lab, answers: Answers, { publicKey }: ScratchKey): Promise<void> {
  const { host, ground } = lab;
  const place = { zone: ground.zone.name, zoneId: ground.zone.id };
  const title = `gates ${host}`.slice(0, 50);
  let configuration = '';
  await answers.ask(beliefs.configuration, async () => {
    const want = {
      ...{ ...place, title, sources: ['http.request.headers["authorization"][0]'] },
      ...{ keySet: 'conformance', keys: [publicKey], leaving: {} },
    };
    const made = await lab.make(tokenConfiguration, host, want);
    configuration = made.id;
    return compared(tokenConfiguration, want, made.spec);
  });
  await answers.ask(beliefs.rule, async () => {
    const operation = { ...place, method: 'GET', host, endpoint: path };
    await lab.make(apiOperation, operationKey(operation), operation);
    const want: TokenRuleSpec = {
      ...{ ...place, title, configuration, enabled: true },
      action: 'block',
      ...{ hosts: [host], excluded: [], shadowed: false },
    };
    const made = await lab.make(tokenRule, host, want);
    const rule: WafRuleSpec = {
      ...{ ...place, host, enabled: true },
      ...{ purpose: 'audience' as const, action: 'block' },
      ...{ intact: true, shadowed: false, audience, configuration },
    };
    await lab.make(wafRule, wafRuleKey(rule), rule);
    return compared(tokenRule, want, made.spec);
  });
}

async function visits(lab: Lab, answers: Answers, key: ScratchKey): Promise<void> {
  const now = Math.floor(lab.now() / 1_000);
  const claims = {
    iss: 'https://gates.invalid',
    sub: 'gates',
    aud: audience,
    iat: now - 60,
    exp: now + 3_600,
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const isRefused = ({ answer, by }: Seen) => by.by === 'block' && answer.status === 403;
  await answers.ask(beliefs.admits, async () => {
    await lab.visitUntil(path, {}, isRefused);
    const isIn = ({ by }: Seen) => by.by === 'application';
    const { done, value } = await lab.visitUntil(path, bearer(signedBy(key, claims)), isIn);
    return held(done, described(value));
  });
  await answers.ask(beliefs.refuses, async () => {
    const wrong = {
      'no token': {},
      garbage: bearer('garbage'),
      'an expired token': bearer(signedBy(key, { ...claims, exp: now - 3_600 })),
      'a token of another key': bearer(signedBy(newScratchKey('gates-1'), claims)),
    };
    const through: string[] = [];
    for (const [what, headers] of Object.entries(wrong)) {
      const seen = await lab.visit(path, headers);
      if (!isRefused(seen)) through.push(`${what}: ${described(seen)}`);
    }
    return held(through.length === 0, through.join('; '));
  });
  await answers.ask(beliefs.audience, async () => {
    const other = bearer(signedBy(key, { ...claims, aud: 'another' }));
    const isOurs = ({ by }: Seen) => by.by === 'block' && by.refusal !== undefined && 'rule' in by.refusal;
    const { done, value } = await lab.visitUntil(path, other, isOurs);
    return held(done && isRefused(value), described(value));
  });
}
