import type * as file from '../../../schema/generated/config.ts';
import type { Gate, GateEnforcer } from '../../config/model/gate.ts';
import { type OutpostTerms, outpostTermsOf } from '../../config/model/outpost-terms.ts';
import { plainTerms } from '../shared/terms.ts';

export type AuthentikSettings = NonNullable<file.Gate['authentik']>;

export interface AuthentikGate extends Gate {
  readonly mode: AuthentikMode;
  /** For the modes `forwardAuth` and `proxy`. */
  readonly outpost: OutpostTerms;
}

/** Only `oidc`, `saml` and `ldap` have a `client`, and always have one. */
export type AuthentikMode = NonNullable<AuthentikSettings['mode']>;

const enforcers: Readonly<Record<AuthentikMode, GateEnforcer>> = {
  forwardAuth: 'origin',
  domain: 'origin',
  proxy: 'outpost',
  oidc: 'application',
  saml: 'application',
  ldap: 'application',
};

export function normalizeAuthentik({
  mode = 'forwardAuth',
  groups = [],
  users = [],
  client,
  everyone,
  flow,
  policies = [],
  ...rest
}: AuthentikSettings): AuthentikGate {
  return {
    ...plainTerms,
    type: 'authentik',
    name: `authentik (${mode})`,
    enforcedBy: enforcers[mode],
    visitors: 'people',
    login: 'authentik',
    sharesLogin: mode === 'domain',
    // The outpost of a domain reads the address as sent.
    readsDecoded: mode === 'forwardAuth' || mode === 'proxy',
    mode,
    groups,
    users,
    client,
    everyone,
    outpost: outpostTermsOf(rest),
    flow,
    policies,
  };
}
