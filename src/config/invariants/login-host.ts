import { overlaps, type PathForm } from '../path-form.ts';
import type { Breach, Judged } from './invariant.ts';

/** Paths of Authentik that both browsers and machines use. */
const SHARED: readonly PathForm[] = [
  { form: 'subtree', prefix: '/api/v3' },
  { form: 'subtree', prefix: '/application/o' },
];

/** G105: a service token there would shut people out of their login. */
export function tokenOnTheLoginHost({ config }: Judged): Breach[] {
  return [...config.services.values()].flatMap((service) => {
    if (service.gate.type !== 'identityProvider') return [];
    return service.paths.flatMap((exception): Breach[] => {
      const shared = SHARED.find((path) => overlaps(path, exception));
      if (exception.gate.type !== 'serviceToken' || shared === undefined) return [];
      const message = `browsers use ${shared.prefix}/ of the login host too, and have no service token`;
      const hint = 'make a second service for machines, with `hostHeader` set to the login host';
      return [{ path: ['services', service.name, 'paths', exception.path], part: 'key', message, hint }];
    });
  });
}
