import type { Path } from '../mistakes/finding.ts';
import type { Config, Service } from '../model/config.ts';
import type { PlainRecord } from '../model/plain-record.ts';
import { type InvariantBreach, isPublic, type Judged } from './invariant.ts';

const ADDRESSES: readonly string[] = ['A', 'AAAA', 'CNAME'];

/** Records by which a client finds the way: other servers, name servers, addresses and ports (RFC 9460). */
const LEADING: readonly string[] = [...ADDRESSES, 'NS', 'HTTPS'];

/** G102, the part that the file alone shows: a plain record that leads past the gate. */
export function wayAround({ config, recordPaths }: Judged): InvariantBreach[] {
  return besideServices(config, recordPaths).flatMap(({ record, service, path }) => {
    const guarded = [service, ...service.paths].some(({ gate }) => !isPublic(gate));
    if (!guarded || record.proxied || !ADDRESSES.includes(record.type)) return [];
    const message = `a record of type ${record.type}, not proxied, leads around the gate of ${service.name}`;
    return [{ path, message, hint: 'remove the record: the service makes the one that it needs' }];
  });
}

/** G115: one name belongs to one service, which makes its record itself. */
export function oneNameTwice({ config, recordPaths }: Judged): InvariantBreach[] {
  const first = new Map<string, Service>();
  const services = [...config.services.values()].flatMap((service): InvariantBreach[] => {
    const firstService = first.get(service.host);
    if (firstService === undefined) {
      first.set(service.host, service);
      return [];
    }
    const message = `${service.host} is the host of ${firstService.name} already`;
    return [
      {
        path: ['services', service.name, 'host'],
        message,
        hint: 'one host is one service: use `paths` for its parts',
      },
    ];
  });
  const records = besideServices(config, recordPaths).flatMap(
    ({ record, service, path }): InvariantBreach[] => {
      if (!LEADING.includes(record.type)) return [];
      const message = `a record of type ${record.type} on the host of the service ${service.name}`;
      // A way past the gate of the service is worse, and is reported for the same record.
      return [{ path, message, hint: 'remove the record, or the service', restsOn: [path] }];
    },
  );
  return [...services, ...records];
}

function besideServices(
  config: Config,
  recordPaths: readonly Path[],
): { record: PlainRecord; service: Service; path: Path }[] {
  const services = new Map([...config.services.values()].reverse().map((service) => [service.host, service]));
  return config.records.flatMap((record, index) => {
    const service = services.get(record.name);
    return service === undefined ? [] : [{ record, service, path: recordPaths[index] ?? ['dns'] }];
  });
}

/** G118: Universal SSL covers the zone and one label below it. */
export function beyondTheCertificate({ config }: Judged): InvariantBreach[] {
  return [...config.services.values()].flatMap((service): InvariantBreach[] => {
    const below = service.host.slice(0, -service.zone.length - 1);
    if (!below.includes('.')) return [];
    const message = `${service.host} is more than one label below ${service.zone}: Universal SSL has no certificate for it`;
    const hint = 'use a shorter name, or order an advanced certificate for this one';
    return [{ path: ['services', service.name, 'host'], message, hint }];
  });
}
