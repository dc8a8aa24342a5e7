import type * as file from '../../../schema/generated/config.ts';
import type { Finding } from '../../config/mistakes/finding.ts';
import { fullHost, zoneOf } from '../../config/model/host.ts';
import { compact, gatesOf, type PartOf, servicesByName } from '../../config/model/partial-file.ts';
import { slugOfHost } from '../../config/model/slug.ts';
import { type ClientProtocol, protocolOf, protocolWords } from '../shared/client-protocol.ts';
import type { AuthentikSettings } from './normal-form.ts';
import { severalNames } from './policy-names.ts';

const conflict = { severity: 'error', rule: 'conflicting-keys' } as const;

/** Keys that conflict in a gate, or in two gates of one client. */
export function authentikDisagreements(partial: PartOf<file.GatesFile>): readonly Finding[] {
  return [...modeDisagreements(partial), ...sharedClients(partial), ...severalNames(partial)];
}

function modeDisagreements(partial: PartOf<file.GatesFile>): readonly Finding[] {
  const domains = new Set(
    Object.keys(partial.authentik?.domains ?? {}).map((domain) => domain.toLowerCase()),
  );
  const zones = compact(partial.cloudflare?.zones ?? []).map((zone) => zone.toLowerCase());
  return gatesOf(partial).flatMap(({ gate, path, service }) => {
    if (gate.authentik === undefined) return [];
    const { mode = 'forwardAuth', client, everyone, groups, users } = gate.authentik;
    const at = [...path, 'authentik'];
    const host = partial.services?.[service]?.host;
    const findings: Finding[] = [];
    const asks = mode === 'oidc' || mode === 'saml' || mode === 'ldap';
    if (asks && client === undefined) {
      const message = `mode ${mode} names no client`;
      const hint = 'add `client:` with a name under `clients`';
      findings.push({ ...conflict, path: at, message, hint, part: 'key', restsOn: [at] });
    }
    if (asks && client !== undefined) findings.push(...otherProtocol(partial, at, mode, client));
    if (!asks && client !== undefined) {
      const hint =
        'remove `client`, or say `mode: oidc`, `saml` or `ldap` where the login of the application is the gate';
      findings.push({ ...conflict, path: [...at, 'client'], message: `mode ${mode} has no client`, hint });
    }
    for (const [key, names = []] of Object.entries({ groups, users })) {
      if (mode !== 'domain' || names.length === 0) continue;
      const message = `mode domain has no ${key} of its own`;
      const hint = 'move them to `authentik.domains`: they hold for all hosts of the domain';
      findings.push({ ...conflict, path: [...at, key], message, hint });
    }
    for (const key of ['flow', 'policies'] as const) {
      if (gate.authentik[key] === undefined || mode === 'forwardAuth' || mode === 'proxy') continue;
      const message = `mode ${mode} has no \`${key}\` of its own`;
      const hint = hintFor(key, mode, client);
      findings.push({ ...conflict, path: [...at, key], message, hint });
    }
    if (mode === 'domain' && everyone !== undefined) {
      const message = 'mode domain has no `everyone` of its own';
      const hint = 'move it to `authentik.domains`: it holds for all hosts of the domain';
      findings.push({ ...conflict, path: [...at, 'everyone'], message, hint });
    }
    if (mode === 'domain' && host !== undefined && zoneOf(fullHost(host, zones), domains) === undefined) {
      const message = 'no domain under `authentik.domains` has this host';
      const hint = 'declare the domain of this host there, with its groups';
      const restsOn = [
        ['authentik', 'domains'],
        ['cloudflare', 'zones'],
      ];
      findings.push({ ...conflict, path: at, message, hint, restsOn });
    }
    return findings;
  });
}

/** The place for what a gate in one of these modes does not say by itself. */
function hintFor(key: 'flow' | 'policies', mode: 'domain' | ClientProtocol, client = 'NAME'): string {
  if (mode === 'domain') return 'move it to `authentik.domains`: it holds for all hosts of the domain';
  if (mode === 'ldap' && key === 'flow')
    return 'remove it; `authentik.flows.bind` names the flow of all LDAP clients';
  return `move it to \`clients.${client}\`: it holds wherever people log in by the client`;
}

/** A gate whose mode is not the protocol of its client. */
function otherProtocol(
  partial: PartOf<file.GatesFile>,
  at: readonly string[],
  mode: ClientProtocol,
  client: string,
): readonly Finding[] {
  const protocol = protocolOf(partial, client);
  if (protocol === undefined || protocol === mode) return [];
  const path = [...at, 'mode'];
  const message = `mode ${mode}, and the client ${client} logs people in by ${protocolWords[protocol]}`;
  const hint = `say \`mode: ${protocol}\`, or name another client`;
  return [{ ...conflict, path, message, hint, restsOn: [['clients', client]] }];
}

/** A client admits one set of people, so the hosts that it guards cannot admit different ones. */
function sharedClients(partial: PartOf<file.GatesFile>): readonly Finding[] {
  const first = new Map<string, { readonly service: string; readonly people: string }>();
  return servicesByName(partial).flatMap(([service, entry]): Finding[] => {
    const gate = entry?.gate?.authentik;
    if (gate?.client === undefined) return [];
    const { groups = [], users = [] } = gate;
    const people = JSON.stringify([groups, users].map((names) => compact(names).sort()));
    const firstGate = first.get(gate.client);
    if (firstGate === undefined) {
      first.set(gate.client, { service, people });
      return [];
    }
    if (firstGate.people === people) return [];
    const path = ['services', service, 'gate', 'authentik', 'client'];
    const message = `the client ${gate.client} is the gate of ${firstGate.service} too, with other groups or users`;
    const hint = 'give each a client of its own, or both the same groups and users';
    return [{ ...conflict, path, message, hint }];
  });
}

/** The slug of the application that the outpost has for a single host. */
export function applicationSlug(
  { mode = 'forwardAuth' }: PartOf<AuthentikSettings>,
  host: string,
): string | undefined {
  return mode === 'forwardAuth' || mode === 'proxy' ? slugOfHost(host) : undefined;
}
