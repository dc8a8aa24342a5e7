import { gateKeyPath, gateRow } from '../../gates/index.ts';
import type { Client } from '../model/client.ts';
import { gatesIn, type InvariantBreach, type Judged } from './invariant.ts';

const ON_PURPOSE = 'add `groups` or `users`, or say it on purpose with `everyone: { reason: … }`';

/** G106: nobody gets in because the author forgot to say who may. */
export function admitsEverybody({ config }: Judged): InvariantBreach[] {
  const gates = gatesIn(config).flatMap(({ service, gate, path }): InvariantBreach[] => {
    const hint = gateRow(gate).admissionHint?.(gate, service, config);
    if (hint === undefined) return [];
    const message = 'this gate lets everybody in who can log in';
    return [{ path: gateKeyPath(path, gate), message, hint, part: 'key' }];
  });
  // The client of a gate is judged with the gate, whose groups count as well.
  const judgedAlready = new Set(gatesIn(config).map(({ gate }) => gate.client));
  const clients = [...config.clients.values()].flatMap((client): InvariantBreach[] => {
    if (admits(client) || judgedAlready.has(client.name)) return [];
    const message = 'this client lets everybody log in';
    return [{ path: ['clients', client.name], message, hint: ON_PURPOSE, part: 'key' }];
  });
  return [...gates, ...clients];
}

function admits({ everyone, groups, users }: Client): boolean {
  return groups.length + users.length > 0 || everyone !== undefined;
}

/** G119: only Authentik can tell Access who is in a group. */
export function groupsWithoutAuthentik({ config }: Judged): InvariantBreach[] {
  if (config.cloudflare.access.identityProvider !== undefined) return [];
  return gatesIn(config).flatMap(({ gate, path }): InvariantBreach[] => {
    if (gate.login !== 'access' || gate.groups.length === 0) return [];
    const message = 'Access cannot see these groups, because it does not log in through Authentik';
    const hint = 'set `cloudflare.access.identityProvider: authentik`, or use `emails`';
    const restsOn = [['cloudflare', 'access']];
    return [{ path: [...gateKeyPath(path, gate), 'groups'], message, hint, restsOn }];
  });
}
