import type * as file from '../../../schema/generated/config.ts';
import type { Config } from '../../config/model/config.ts';
import type { FileDraft } from '../terms/draft.ts';
import type { ExistingFile } from './existing-file.ts';

/** A draft without the entries that a file has already. Its services, origins and records are new. */
export function withoutKnown(draft: FileDraft, existing: ExistingFile): FileDraft {
  const known = existing.config;
  const { authentik, cloudflare, groups, clients, serviceTokens, ...others } = draft.file;
  return {
    ...draft,
    file: {
      ...others,
      cloudflare: { ...cloudflare, tunnels: missing(cloudflare.tunnels, known.cloudflare.tunnels) },
      ...(authentik &&
        (known.authentik !== undefined || needsAuthentik(draft.file)) && {
          authentik: newInAuthentik(authentik, known.authentik),
        }),
      groups: missing(groups, known.groups),
      clients: missing(clients, known.clients),
      serviceTokens: missing(serviceTokens, known.serviceTokens),
    },
    leftovers: draft.leftovers.filter(
      ({ section, what }) => section !== 'clients' || !known.clients.has(what),
    ),
    // The new records of a zone are below those of gates.yaml, and above those of the files that it includes.
    recordIds: new Map(
      [...draft.recordIds].map(([zone, ids]) => [
        zone,
        [...Array.from({ length: existing.recordCount(zone) }, () => undefined), ...ids],
      ]),
    ),
  };
}

function needsAuthentik({ services = {}, clients = {} }: file.GatesFile): boolean {
  const gates = Object.values(services).map(({ gate }) => gate);
  return (
    Object.keys(clients).length > 0 || gates.some((gate) => 'authentik' in gate || 'identityProvider' in gate)
  );
}

/** The settings of Authentik stay as the file has them; new hosts may need the login page and domains. */
function newInAuthentik(section: file.Authentik, known: Config['authentik']): file.Authentik {
  if (known === undefined) return section;
  const { url, service, domains } = section;
  return {
    url,
    ...(known.service === undefined && service !== undefined && { service }),
    domains: missing(domains, known.domains),
  };
}

function missing<Entry>(
  entries: Readonly<Record<string, Entry>> | undefined,
  known: { readonly has: (name: string) => boolean },
): Record<string, Entry> {
  return Object.fromEntries(Object.entries(entries ?? {}).filter(([name]) => !known.has(name)));
}
