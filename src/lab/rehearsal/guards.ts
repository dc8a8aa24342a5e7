import type { Config, Service } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { gateRow } from '../../gates/index.ts';
import { peopleOf } from '../../gates/shared/guard-terms.ts';
import type { Guard } from '../sandbox/index.ts';

/** The domain of the guards of clients' logins: no host has such a name. */
export const clientDomain = '.client.invalid';

/**
 * The people whom the file admits, as guards of the sandbox's oracle. They follow from the file alone and share no code
 * with the plan, so that a mistake there is not repeated here. `leaving` are hosts that the file no longer has: nobody
 * may reach one of them who could not before.
 */
export function guardsOf(config: Config, leaving: readonly string[]): readonly Guard[] {
  return [
    ...[...config.services.values()].flatMap((service) => ofService(service, config)),
    ...ofClients(config),
    ...leaving.map((host): Guard => ({ host, admit: {} })),
  ];
}

function ofService({ host, gate, paths }: Service, config: Config): readonly Guard[] {
  const admitted = (asked: Gate) => gateRow(asked).guard(asked, host, config);
  return [
    { host, admit: admitted(gate) },
    ...paths.map((path): Guard => ({ host, path: path.path, admit: admitted(path.gate) })),
  ];
}

/** The guards of clients. A person who gets a code for a client gets into the application behind it. */
function ofClients(config: Config): readonly Guard[] {
  return [...config.clients.values()].map(({ name, ...people }): Guard => {
    const gates = [...config.services.values()].flatMap(({ gate }) => (gate.client === name ? [gate] : []));
    const all = [people, ...gates];
    return { host: `${name}${clientDomain}`, client: name, admit: peopleOf(all) };
  });
}
