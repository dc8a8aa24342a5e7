import { ConfigError } from '../../core/errors.ts';
import type { Selection } from '../../import/assemble.ts';
import type { Settings } from '../surroundings/settings.ts';

export interface ImportCommandOptions {
  readonly owner: string;
  readonly account?: string;
  readonly zone: readonly string[];
  readonly authentik?: string;
  readonly host?: string;
  readonly service?: string;
  /** A Terraform state, of which names and grouping are taken. */
  readonly terraform?: string;
  /** An existing file, which gets the entries that it lacks. */
  readonly into?: string;
  /** The file to write; true: that of `into`; undefined: stdout. */
  readonly write?: string | true;
  readonly force: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
}

type Wanted = Pick<ImportCommandOptions, 'host' | 'service'>;

/** The part of the live objects that the options name. */
export function selectionOf({ host, service }: Wanted): Selection {
  return {
    ...(host !== undefined && { host: host.toLowerCase() }),
    ...(service !== undefined && { service }),
  };
}

/** True if the options name no single service. */
export function namesNoService({ host, service }: Wanted): boolean {
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
