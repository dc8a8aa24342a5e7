import { ConfigError } from '../../core/errors.ts';
import type { Selection } from '../../import/assemble.ts';
import type { Settings } from '../surroundings/settings.ts';

interface Wanted {
  readonly host?: string;
  readonly service?: string;
}

/** The part of the live objects that the options name. */
export function selectionOf({ host, service }: Wanted): Selection {
  return {
    ...(host !== undefined && { host: host.toLowerCase() }),
    ...(service !== undefined && { service }),
  };
}

/** True if the options name no single service. */
export function isWhole({ host, service }: Wanted): boolean {
  return host === undefined && service === undefined;
}

/** The address of Authentik: the one that is named, else that of the environment. */
export function authentikAddress(
  named: string | undefined,
  { authentikUrl, authentikToken }: Settings,
): string | undefined {
  const address = named ?? authentikUrl;
  if (address === undefined && authentikToken !== undefined)
    throw new ConfigError('There is a token for Authentik, and no address', {
      hint: 'Give its address with --authentik or AUTHENTIK_URL, or unset AUTHENTIK_TOKEN',
    });
  return address?.replace(/\/$/, '');
}
