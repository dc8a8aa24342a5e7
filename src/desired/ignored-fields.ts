import type { Config } from '../config/model/config.ts';
import type { Kind } from '../core/objects/address.ts';
import type { DesiredObject } from '../core/objects/object.ts';

/** Kinds whose name is only shown to people. */
const applications: ReadonlySet<Kind> = new Set<Kind>([
  'cloudflare/access-application',
  'authentik/application',
]);

/** The applications of services and clients, each with the fields that its entry ignores. */
export function withIgnoredFields(
  objects: readonly DesiredObject[],
  { services, clients }: Config,
): readonly DesiredObject[] {
  return objects.map((object) => {
    if (!applications.has(object.address.kind)) return object;
    const [section, name = ''] = object.because.split('.');
    const entry =
      section === 'services' ? services.get(name) : section === 'clients' ? clients.get(name) : undefined;
    const ignore = entry?.ignore ?? [];
    return ignore.length === 0 ? object : { ...object, ignore };
  });
}
