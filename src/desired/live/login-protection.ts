import {
  type LoginProtectionSpec,
  managedPhase,
} from '../../../reconcilers/cloudflare/rules/login-protection.ts';
import type { Config } from '../../config/model/config.ts';
import type { Observation, Observed } from '../../core/objects/object.ts';
import { loginServiceOf, usesAccessLogin } from '../logins/access-login.ts';
import { mayMatch } from './host-pattern.ts';

/** Advice on how to keep managed rules from the login host. */
export function skippingManaged(host: string): string {
  return `write \`waf: { skip: { hosts: [${host}], phases: [${managedPhase}] } }\``;
}

/** True if managed rules may stop Access at the login host; undefined if the token may not read them. */
export function managedAtLogin(
  host: string,
  { managed, skips = [] }: LoginProtectionSpec,
  { waf: { skip } }: Config,
): boolean | undefined {
  // An expression that skips the host names it. The rest of the expression is ignored.
  const isSkipped =
    (skip?.hosts.includes(host) === true && skip.phases.includes(managedPhase)) ||
    skips.some((expression) => expression.includes(`"${host}"`) && mayMatch(expression, host));
  return isSkipped ? false : managed?.some((expression) => mayMatch(expression, host));
}

/** Warnings about protection that may stop Access at the login host, so that no gate of Access lets anybody log in. */
export function loginWarnings(config: Config, observations: readonly Observation[]): readonly string[] {
  const host = loginServiceOf(config)?.host;
  const found = observations.find(({ kind }) => kind === 'cloudflare/login-protection');
  if (host === undefined || found?.state !== 'known' || !usesAccessLogin(config)) return [];
  return (found.objects as readonly Observed<LoginProtectionSpec>[]).flatMap(({ address: { key }, spec }) => [
    ...(spec.fightsBots === true
      ? [
          `cloudflare.access.identityProvider: Bot Fight Mode is on in ${key}, and WAF rules cannot skip it: where it challenges Access at ${host}, nobody logs in at any gate \`cloudflare\`. Turn it off; \`gates doctor\` names other ways`,
        ]
      : []),
    ...(managedAtLogin(host, spec, config) === true
      ? [
          `cloudflare.access.identityProvider: managed rules run at ${host}: where they stop Access, people see "Failed to fetch user/group information" and nobody logs in. Skip them there: ${skippingManaged(host)}`,
        ]
      : []),
  ]);
}
