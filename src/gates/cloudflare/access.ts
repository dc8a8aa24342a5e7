import type { AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type { Config } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { groupsClaim } from '../../core/groups-claim.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { accessLogin, provider } from '../../desired/logins/access-login.ts';
import { goDuration } from '../../desired/terms/duration.ts';
import { accessCheck } from '../shared/access-check.ts';
import type { AccessTerms, BuiltGate } from '../shared/built-gate.ts';

export interface CloudflareGate extends Gate {
  /** Seconds. */
  readonly session: number;
}

/** `cloudflare`: Access asks for a login, and admits the people or the groups that the file names. */
export const builtCloudflare: BuiltGate<CloudflareGate> = {
  refuse: () => undefined,
  access: ({ gate }, config) => ({
    decision: 'allow',
    include: gate.everyone === undefined ? named(gate, config) : [{ everyone: {} }],
    ...throughAuthentik(config),
    sessionDuration: goDuration(gate.session),
  }),
  proof: accessCheck,
};

function named({ emails, groups }: Gate, config: Config): Linked<readonly AccessRule[]> {
  const people = emails.map((email) => ({ email: { email: email.toLowerCase() } }));
  // Without Authentik, nothing tells Access who is in a group: G119 refuses such files.
  const members = groups.map((group) => ({
    oidc: { claim_name: groupsClaim, claim_value: group, identity_provider_id: provider(config) },
  }));
  return [...people, ...members];
}

/**
 * Authentik identifies people: the policy itself requires that login, so that no other one that the application may be
 * made to allow, such as a one-time PIN, is as good.
 */
function throughAuthentik(config: Config): Pick<AccessTerms, 'require' | 'login'> {
  const login = accessLogin(config);
  return login === undefined ? {} : { require: [{ login_method: { id: provider(config) } }], login };
}
