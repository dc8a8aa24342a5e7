import type { Config, Service } from '../config/model/config.ts';
import { builtGate } from '../gates/index.ts';
import { doorsOf } from './terms/doors.ts';

/** A warning for each key of the file by which pages of other sites act with the session of a visitor. */
export function crossSiteWarnings(service: Service, config: Config): readonly string[] {
  return doorsOf(service).flatMap((door) => {
    const { sameSite, cors } = builtGate(door.gate).access(door, config)?.crossSite ?? {};
    const where = `services.${service.name}${door.path === undefined ? '' : `.paths.${door.path.path}`}`;
    return [
      ...(sameSite === 'none'
        ? [
            `${where}: browsers send the session at Access with every request that another site makes (\`cookie: { sameSite: none }\`): the application must tell such requests apart`,
          ]
        : []),
      ...(cors?.credentials === true
        ? [
            `${where}: scripts of ${cors.origins.join(', ')} may send requests with the visitor's session at Access (\`cors\`)`,
          ]
        : []),
    ];
  });
}
