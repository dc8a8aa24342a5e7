import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec, AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { readGoDuration } from '../../../reconcilers/cloudflare/access/session/go-duration.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Observed } from '../../core/objects/object.ts';
import { durationText } from '../terms/durations.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { isBreakGlass } from './access-login.ts';
import { type ImportedRule, importedRules } from './access-rules.ts';
import type { TokenNames } from './access-terms.ts';
import { importedCrossSite } from './cross-site.ts';
import { approvedLast } from './demands.ts';
import { joinedRules } from './joined-rules.ts';

/** Seconds: the default of the file. */
const usualSession = 86_400;

/**
 * The gate that an Access application is.
 * @throws Inexpressible
 */
export function gateOfApplication(
  application: Observed<AccessApplicationSpec>,
  live: LiveObjects,
  tokens: TokenNames,
): file.Gate {
  const policies = application.spec.policies.map((id) => {
    const policy = live.withId('cloudflare/access-policy', id);
    if (policy === undefined) throw new Inexpressible(`its policy ${id} was not found`);
    return policy.spec;
  });
  if (policies.some(isOpen))
    return { public: { reason: `imported: ${titleOf(application)} admits everybody` } };
  const blocked: AccessRule[] = [];
  const deciding = withoutLastDenials(policies).filter((policy) => !isBreakGlass(policy, live));
  const rules = approvedLast(deciding).flatMap((policy) => {
    if (policy.decision === 'bypass')
      throw new Inexpressible('a Bypass policy admits only some, without a login');
    if (policy.decision !== 'deny') return importedRules(withExcluded(policy, blocked), live, tokens);
    if (policy.require.length + policy.exclude.length > 0)
      throw new Inexpressible('a Block policy with conditions stands before another policy');
    blocked.push(...policy.include);
    return [];
  });
  if (rules.length === 0) throw new Inexpressible('it has no policy that admits anybody');
  const seconds = sessionOf(application.spec, policies);
  return gateOfRules(joinedRules(rules), {
    ...(seconds !== usualSession && { session: seconds === 0 ? 'immediate' : durationText(seconds) }),
    ...lookOf(application),
    ...importedCrossSite(application.spec),
  });
}

/** `Access application "Proxmox"`, as comments and reasons name it. */
export function titleOf({ spec }: Observed<AccessApplicationSpec>): string {
  return `Access application ${JSON.stringify(spec.name)}`;
}

function isOpen({ decision, include, require, exclude }: AccessPolicySpec): boolean {
  return (
    decision === 'bypass' &&
    include.some((rule) => 'everyone' in rule) &&
    require.length + exclude.length === 0
  );
}

/** An Allow policy behind Block policies, whose people it excludes. Access asks machines before it asks any Block policy. */
function withExcluded(policy: AccessPolicySpec, blocked: readonly AccessRule[]): AccessPolicySpec {
  return policy.decision === 'allow' ? { ...policy, exclude: [...policy.exclude, ...blocked] } : policy;
}

/** The policies without denials at the end: nobody whom no policy admits gets in anyway. */
function withoutLastDenials(policies: readonly AccessPolicySpec[]): readonly AccessPolicySpec[] {
  const last = policies.findLastIndex(({ decision }) => decision !== 'deny');
  return policies.slice(0, last + 1);
}

/** The look of the application, as far as it differs from that of one that gates makes and the file has keys for it. */
function lookOf({ spec }: Observed<AccessApplicationSpec>): Beside {
  const { launcher, logo, deniedUrl, deniedMessage } = spec;
  const tags = (spec.tags ?? []).filter((tag) => !tag.startsWith('gates-'));
  const isSecure = (url: string | undefined) => url?.startsWith('https://') === true;
  const other = {
    ...(launcher === false && { launcher }),
    ...(isSecure(logo) && { logo }),
    ...(isSecure(deniedUrl) && { deniedUrl }),
    ...(deniedMessage !== undefined && { deniedMessage }),
    ...(tags.length > 0 && { tags }),
  };
  return Object.keys(other).length === 0 ? {} : { appearance: other };
}

/** Keys of the gate beside its rules. */
type Beside = Pick<NonNullable<file.Gate['cloudflare']>, 'session' | 'appearance' | 'cookie' | 'cors'>;

function gateOfRules(rules: readonly ImportedRule[], beside: Beside): file.Gate {
  const isPlain = ({ rule }: ImportedRule) => rule.require === undefined && rule.exclude === undefined;
  const [first, second] = rules;
  if (first?.visitors === 'machines' && rules.length === 1 && isPlain(first))
    return { serviceToken: { tokens: first.rule.tokens ?? [] } };
  const [people, machines] = [first, second].map((rule) =>
    rule !== undefined && isPlain(rule) ? rule : undefined,
  );
  // A rule of the file puts the policy of its people before that of its machines.
  const isPair = rules.length === 2 && people?.visitors === 'people' && machines?.visitors === 'machines';
  if (isPair) return { cloudflare: { ...people.rule, ...machines.rule, ...beside } };
  if (rules.length === 1) return { cloudflare: { ...first?.rule, ...beside } };
  return { cloudflare: { anyOf: rules.map(({ rule }) => rule), ...beside } };
}

/** Seconds. The duration of a policy overrides that of the application; the shortest one keeps nobody in for longer. */
function sessionOf(
  { sessionDuration }: AccessApplicationSpec,
  policies: readonly AccessPolicySpec[],
): number {
  const texts = policies.map((policy) => policy.sessionDuration ?? sessionDuration);
  const milliseconds = texts.flatMap((text) => (text === undefined ? [] : (readGoDuration(text) ?? [])));
  return milliseconds.length === 0 ? usualSession : Math.ceil(Math.min(...milliseconds) / 1000);
}
