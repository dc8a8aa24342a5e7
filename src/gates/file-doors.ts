import type { Config, Service } from '../config/model/config.ts';
import type { FileDoor } from '../config/model/file-door.ts';
import type { Gate } from '../config/model/gate.ts';
import { gateRow } from './index.ts';

/** Every door of a file, each host before its paths. */
export function fileDoors(config: Config): readonly FileDoor[] {
  return [...config.services.values()].flatMap((service) => [
    doorOf(service, service.gate, config),
    ...service.paths.map(({ gate, path }) => ({ ...doorOf(service, gate, config), path })),
  ]);
}

function doorOf(service: Service, gate: Gate, config: Config): FileDoor {
  const { admits, reason, ...words } = gateRow(gate).words(gate, service, config);
  return {
    service: service.name,
    host: service.host,
    zone: service.zone,
    ...words,
    admits: admits.filter(({ names }) => names.length > 0),
    ...(reason !== undefined && { reason }),
  };
}
