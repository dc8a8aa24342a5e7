import type { ApplicationText, ClientTerms } from './application-terms.ts';
import { clientHeading, undelivered } from './client-lines.ts';

/** https://pve.proxmox.com/pve-docs/pveum.1.html */
export function proxmox(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const values = [
    ['--type', 'openid'],
    ['--issuer-url', live.issuer],
    ['--client-id', live.clientId],
    ['--client-key', secret === undefined ? null : `"$${secret.variable}"`],
    ['--scopes', `"${scopes.join(' ')}"`],
    ['--username-claim', 'username'],
    ['--autocreate', '1'],
  ] as const;
  const options = values.flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  const read = secret === undefined ? [] : [`. ${secret.file}`];
  const command = ['pveum realm add authentik', ...options].join(' \\\n  ');
  return { text: `${clientHeading(terms)}${[...read, command].join('\n')}\n`, missing: undelivered(terms) };
}
