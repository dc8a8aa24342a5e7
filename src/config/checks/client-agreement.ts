import type { GatesFile } from '../../../schema/generated/config.ts';
import type { Finding } from '../mistakes/finding.ts';
import { compact, type PartOf, servicesByName } from './readable-file.ts';

/** Findings for keys of clients that contradict each other. */
export function clientDisagreements(file: PartOf<GatesFile>): Finding[] {
  return [...sharedClients(file), ...openRedirects(file)];
}

/** A client has one set of groups, so that the hosts that it guards cannot differ in theirs. */
function sharedClients(file: PartOf<GatesFile>): Finding[] {
  const first = new Map<string, { readonly service: string; readonly groups: string }>();
  return servicesByName(file).flatMap(([service, entry]): Finding[] => {
    const gate = entry?.gate?.authentik;
    if (gate?.client === undefined) return [];
    const groups = JSON.stringify(compact(gate.groups ?? []).sort());
    const other = first.get(gate.client);
    if (other === undefined) {
      first.set(gate.client, { service, groups });
      return [];
    }
    if (other.groups === groups) return [];
    const path = ['services', service, 'gate', 'authentik', 'client'];
    const message = `the client ${gate.client} is the gate of ${other.service} too, with other groups`;
    const hint = 'give each a client of its own, or both the same groups';
    return [{ severity: 'error', rule: 'conflicting-keys', path, message, hint }];
  });
}

/** Grants in which the answer goes to an address that the request names. */
const redirecting: readonly string[] = ['authorization_code', 'implicit', 'hybrid'];

/** A provider without addresses takes the first that anybody asks for (providers/oauth2/views/authorize.py). */
function openRedirects(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]): Finding[] => {
    const { grantTypes = ['authorization_code'], redirectUris = [] } = client ?? {};
    const redirects = grantTypes.some((grant) => grant !== undefined && redirecting.includes(grant));
    if (!redirects || redirectUris.length > 0) return [];
    const message = 'logins of this client could be sent to any address';
    const hint = 'add `redirectUris`, or `grantTypes` that redirect nobody, such as client_credentials';
    return [
      {
        severity: 'error',
        rule: 'missing-key',
        path: ['clients', name],
        part: 'key',
        message,
        hint,
        restsOn: [['clients', name]],
      },
    ];
  });
}
