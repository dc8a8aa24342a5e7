import type { ApplicationText, ClientTerms, LdapTerms, SamlTerms, TokenTerms } from './application-terms.ts';
import { argoCd } from './argo-cd.ts';
import { grafanaLogin, grafanaToken } from './grafana.ts';
import { homeAssistant } from './home-assistant.ts';
import { formatLibrary, isLibraryFormat, type LibraryFormat } from './outputs-libraries.ts';
import { generalLdap, generalOidc, generalSaml } from './protocols.ts';
import { proxmox } from './proxmox.ts';

export type ApplicationFormat =
  | 'oidc'
  | 'saml'
  | 'ldap'
  | 'grafana'
  | 'argocd'
  | 'proxmox'
  | 'home-assistant'
  | LibraryFormat;

export interface ApplicationAsked {
  /** The service behind Access, whose application checks the token. */
  readonly guarded: TokenTerms | undefined;
  readonly clients: readonly ClientTerms[];
  readonly samlClients: readonly SamlTerms[];
  readonly ldapClients: readonly LdapTerms[];
}

/** The settings of one application, with the name of a variable or a file in place of every secret. */
export function formatApplication(format: ApplicationFormat, asked: ApplicationAsked): ApplicationText {
  const parts = partsOf(format, asked);
  if (parts.length === 0) {
    const others = isLibraryFormat(format) ? undefined : otherProtocol(asked);
    return { text: '', missing: others ?? [nothing[format]] };
  }
  return { text: parts.map(({ text }) => text).join('\n'), missing: parts.flatMap(({ missing }) => missing) };
}

/** The clients of other protocols; undefined if there are none. */
function otherProtocol({
  clients,
  samlClients,
  ldapClients,
}: ApplicationAsked): readonly string[] | undefined {
  const spoken = [
    ...clients.map(({ name }) => [name, 'OpenID Connect'] as const),
    ...samlClients.map(({ name }) => [name, 'SAML, which `--format saml` prints'] as const),
    ...ldapClients.map(({ name }) => [name, 'LDAP, which `--format ldap` prints'] as const),
  ];
  if (spoken.length === 0) return undefined;
  return spoken.map(([name, protocol]) => `clients.${name}: the application logs people in by ${protocol}`);
}

const client = 'name a client of the file with `--client NAME`, or a service whose gate names one';
const door = 'name a service with a gate of Access at its host with `--service NAME`';
const nothing: Readonly<Record<ApplicationFormat, string>> = {
  oidc: client,
  saml: client,
  ldap: client,
  argocd: client,
  proxmox: client,
  'home-assistant': client,
  jose: door,
  pyjwt: door,
  'go-oidc': door,
  grafana: `a gate of Access at the host, or a client: ${client}`,
};

function partsOf(
  format: ApplicationFormat,
  { guarded, clients, samlClients, ldapClients }: ApplicationAsked,
): readonly ApplicationText[] {
  if (format === 'ldap') return ldapClients.map(generalLdap);
  if (format === 'saml') return samlClients.map(generalSaml);
  if (isLibraryFormat(format)) {
    if (guarded === undefined) return [];
    return [{ text: formatLibrary(format, guarded.service, guarded.access), missing: [] }];
  }
  if (format !== 'grafana') return clients.map(written[format]);
  const token = guarded === undefined ? [] : [grafanaToken(guarded)];
  return [...token, ...clients.map(grafanaLogin)];
}

const written = { oidc: generalOidc, argocd: argoCd, proxmox, 'home-assistant': homeAssistant };
