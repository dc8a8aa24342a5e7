import type { AuthentikGate, Client, Config, Service } from '../model/config.ts';
import { zoneOf } from '../model/host.ts';
import { gatesIn, type InvariantBreach, type Judged } from './invariant.ts';

const ON_PURPOSE = 'add `groups`, or say it on purpose with `everyone: { reason: … }`';

/** G106: nobody is let in by forgetting to say who. */
export function admitsEverybody({ config }: Judged): InvariantBreach[] {
  const gates = gatesIn(config).flatMap(({ service, gate, path }): InvariantBreach[] => {
    if (gate.type === 'cloudflare') {
      if (gate.emails.length > 0 || gate.groups.length > 0 || gate.everyone) return [];
      const hint = 'add `emails` or `groups`, or say it on purpose with `everyone: { reason: … }`';
      return [
        {
          path: [...path, 'cloudflare'],
          message: 'this gate lets everybody in who can log in',
          hint,
          part: 'key',
        },
      ];
    }
    if (gate.type !== 'authentik' || admits(gate) || admitsElsewhere(gate, service, config)) return [];
    const hint = gate.mode === 'domain' ? `${ON_PURPOSE} under \`authentik.domains\`` : ON_PURPOSE;
    return [
      {
        path: [...path, 'authentik'],
        message: 'this gate lets everybody in who can log in',
        hint,
        part: 'key',
      },
    ];
  });
  // The client of a gate is judged with the gate, whose groups count as well.
  const judgedAlready = new Set(
    gatesIn(config).map(({ gate }) => (gate.type === 'authentik' ? gate.client : undefined)),
  );
  const clients = [...config.clients.values()].flatMap((client): InvariantBreach[] => {
    if (admits(client) || judgedAlready.has(client.name)) return [];
    const message = 'this client lets everybody log in';
    return [{ path: ['clients', client.name], message, hint: ON_PURPOSE, part: 'key' }];
  });
  return [...gates, ...clients];
}

function admits({ everyone, groups }: Pick<Client, 'everyone' | 'groups'>): boolean {
  return groups.length > 0 || everyone !== undefined;
}

/** The groups of the client of a gate count for it, and so do those of its domain. What is missing was refused already. */
function admitsElsewhere(gate: AuthentikGate, service: Service, config: Config): boolean {
  if (gate.mode === 'oidc') {
    const client = gate.client === undefined ? undefined : config.clients.get(gate.client);
    return client === undefined || admits(client);
  }
  if (gate.mode !== 'domain') return false;
  const domains = config.authentik?.domains;
  const name = domains && zoneOf(service.host, domains);
  const domain = name === undefined ? undefined : domains?.get(name);
  return domain === undefined || admits(domain);
}

/** G119: only Authentik can tell Access who is in a group. */
export function groupsWithoutAuthentik({ config }: Judged): InvariantBreach[] {
  if (config.cloudflare.access.identityProvider !== undefined) return [];
  return gatesIn(config).flatMap(({ gate, path }): InvariantBreach[] => {
    if (gate.type !== 'cloudflare' || gate.groups.length === 0) return [];
    const message = 'Access cannot see these groups, because it does not log in through Authentik';
    const hint = 'set `cloudflare.access.identityProvider: authentik`, or use `emails`';
    const restsOn = [['cloudflare', 'access']];
    return [{ path: [...path, 'cloudflare', 'groups'], message, hint, restsOn }];
  });
}
