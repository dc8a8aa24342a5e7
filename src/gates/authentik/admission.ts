import type { Client } from '../../config/model/client.ts';
import type { Config, Service } from '../../config/model/config.ts';
import type { VisitorTerm } from '../../config/model/file-door.ts';
import { zoneOf } from '../../config/model/host.ts';
import { loggedIn } from '../shared/admitted-words.ts';
import type { GateWords } from '../shared/gate-row.ts';
import type { Admitting } from '../shared/guard-terms.ts';
import type { AuthentikGate, AuthentikMode } from './normal-form.ts';

/**
 * The part of the file that admits people in addition to the gate: its client, or its domain. `missing` is a client or
 * domain that the file does not declare.
 */
function besideGate(
  { mode, client, enforcedBy }: AuthentikGate,
  { host }: Pick<Service, 'host'>,
  { authentik, clients }: Config,
): (Admitting & Pick<Client, 'flow' | 'policies'>) | 'missing' | undefined {
  if (enforcedBy === 'application') return clients.get(client ?? '') ?? 'missing';
  if (mode !== 'domain') return undefined;
  const domains = authentik?.domains;
  return domains?.get(zoneOf(host, domains) ?? '') ?? 'missing';
}

const modes: Readonly<Record<AuthentikMode, string>> = {
  forwardAuth: 'asked by the origin',
  domain: 'one login for the domain',
  proxy: 'through its outpost',
  oidc: 'asked by the application',
  saml: 'asked by the application',
  ldap: 'asked by the application',
};

/** The words of the gate, which also admits the people of its client or its domain. */
export function authentikWords(gate: AuthentikGate, service: Service, config: Config): GateWords {
  const otherTerms = besideGate(gate, service, config);
  const shared = otherTerms === 'missing' ? undefined : otherTerms;
  const groups = [...new Set([...gate.groups, ...(shared?.groups ?? [])])];
  const users = [...new Set([...gate.users, ...(shared?.users ?? [])])];
  const everyone = gate.everyone ?? shared?.everyone;
  const only = conditionsOf([gate, ...(shared === undefined ? [] : [shared])]);
  return {
    gate: { name: 'Authentik', how: modes[gate.mode] },
    isOpen: false,
    admits: loggedIn(groups, everyone, users, only),
    reason: everyone?.reason,
  };
}

/** The flow and the policies that everybody has to pass. */
function conditionsOf(logins: readonly Pick<Client, 'flow' | 'policies'>[]): readonly VisitorTerm[] {
  return logins.flatMap(({ flow, policies }): readonly VisitorTerm[] => [
    ...(flow === undefined ? [] : [{ sort: 'flow' as const, names: [flow] }]),
    ...policies.map((name) => ({ sort: 'policy' as const, names: [name] })),
  ]);
}

const onPurpose = 'add `groups` or `users`, or say it on purpose with `everyone: { reason: … }`';

/** The hint of G106. A missing client or domain has been refused already. */
export function authentikAdmissionHint(
  gate: AuthentikGate,
  service: Service,
  config: Config,
): string | undefined {
  const otherTerms = besideGate(gate, service, config);
  if (otherTerms === 'missing' || admits(gate) || (otherTerms !== undefined && admits(otherTerms)))
    return undefined;
  return gate.mode === 'domain' ? `${onPurpose} under \`authentik.domains\`` : onPurpose;
}

function admits({ groups, users, everyone }: Admitting): boolean {
  return groups.length + users.length > 0 || everyone !== undefined;
}
