import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import type { OrganizationSpec } from '../../../reconcilers/cloudflare/account/organization.ts';
import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Config, Service } from '../../config/model/config.ts';
import { describeError } from '../../core/errors.ts';
import type { Kind } from '../../core/objects/address.ts';
import { isAtHost } from '../../core/objects/door.ts';
import type { Observation, Observed } from '../../core/objects/object.ts';
import { hasApplication, hostDoor } from '../terms/doors.ts';
import type { Surroundings } from './surroundings.ts';

/** The effect of *Require Access Protection* on hosts of the file that have no Access application. */
export interface OpenDoors {
  /** The reason why this service cannot be opened; undefined if it can. */
  refusal(service: Service): string | undefined;
  /** True if the host gets an application that admits everybody. */
  bypasses(service: Service): boolean;
}

/**
 * The account may block every request that no Access application matches, except in exempted zones (decision 0023).
 * While gates cannot read this setting, it changes no open host and opens no other host.
 */
export function openDoors(
  config: Config,
  observations: readonly Observation[],
  { applications }: Surroundings,
): OpenDoors {
  const own = <Spec>(kind: Kind): readonly Observed<Spec>[] => {
    const found = observations.find((observation) => observation.kind === kind);
    const objects = found?.state === 'known' ? found.objects : [];
    return objects.filter(({ owner }) => owner === config.owner) as readonly Observed<Spec>[];
  };
  const found = observations.find(({ kind }) => kind === 'cloudflare/organization');
  const [settings] = (found?.state === 'known' ? found.objects : []) as readonly Observed<OrganizationSpec>[];
  const named = new Set(own<DnsRecordSpec>('cloudflare/dns-record').map(({ spec }) => spec.name));
  const bypassed = new Set(
    own<AccessApplicationSpec>('cloudflare/access-application').flatMap(({ spec, address }) =>
      spec.bypass ? [address.key] : [],
    ),
  );
  const recordsAreUnknown = observations.some(
    ({ kind, state }) => kind === 'cloudflare/dns-record' && state === 'unknown',
  );
  const isMatched = ({ host }: Service) =>
    applications.some(({ spec }) => spec.destinations.some((uri) => isAtHost(hostIn(uri) ?? '', host)));
  const isBare = (service: Service) => !hasApplication(hostDoor(service)) && !isMatched(service);
  const isBlocked = (service: Service) =>
    settings?.spec.requiresAccess === true && settings.spec.exemptedZones?.includes(service.zone) !== true;
  const mayBypass = config.cloudflare.access.openDoors === 'bypass';
  return {
    refusal(service) {
      if (!isBare(service)) return undefined;
      if (found?.state === 'unknown') {
        const isOpen = recordsAreUnknown || named.has(service.host);
        return isOpen ? undefined : `${unsaid}: ${describeError(found.error)}`;
      }
      return isBlocked(service) && !mayBypass ? refusalIn(service.zone) : undefined;
    },
    bypasses(service) {
      if (!mayBypass || !isBare(service)) return false;
      // If the settings could not be read, an existing bypass stays.
      return found?.state === 'unknown' ? bypassed.has(service.host) : isBlocked(service);
    },
  };
}

const unsaid =
  'whether the account blocks hosts without an Access application (*Require Access Protection*) could not be read, so that no further one is opened';

function refusalIn(zone: string): string {
  return `the account blocks every host without an Access application (*Require Access Protection*), and this gate has none: exempt the zone ${zone} there (Zero Trust → Access controls → Access settings), or write \`openDoors: bypass\` below \`cloudflare.access\``;
}
