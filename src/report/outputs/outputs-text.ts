import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { harmlessJson } from '../screen/harmless.ts';
import { isLdapOutputs, type LdapOutputs } from './ldap-outputs.ts';
import {
  type AccessOutputs,
  type ClientOutputs,
  isSamlOutputs,
  type OutputsDocument,
  type SamlOutputs,
} from './outputs.ts';

export type OutputsFormat = 'env' | 'json' | 'yaml';

/** The document in the requested form, with a final newline. */
export function formatOutputs(document: OutputsDocument, format: OutputsFormat): string {
  if (format === 'json') return harmlessJson(document);
  // Long addresses stay on one line; a repeated value is written again.
  if (format === 'yaml') return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
  return formatEnv(document);
}

const accessNames: { readonly [Field in keyof AccessOutputs]: string } = {
  teamDomain: 'ACCESS_TEAM_DOMAIN',
  issuer: 'ACCESS_ISSUER',
  certsUrl: 'ACCESS_CERTS_URL',
  aud: 'ACCESS_AUD',
  header: 'ACCESS_HEADER',
};

/** The same names that the file of `deliver` uses, such as `CLIENT_ID`. */
const clientNames: { readonly [Field in keyof ClientOutputs]: string } = {
  clientId: 'CLIENT_ID',
  issuer: 'OIDC_ISSUER',
  discoveryUrl: 'OIDC_DISCOVERY_URL',
  authorizationUrl: 'OIDC_AUTHORIZATION_URL',
  tokenUrl: 'OIDC_TOKEN_URL',
  userinfoUrl: 'OIDC_USERINFO_URL',
  jwksUrl: 'OIDC_JWKS_URL',
  endSessionUrl: 'OIDC_END_SESSION_URL',
};

const samlNames: { readonly [Field in keyof SamlOutputs]: string } = {
  issuer: 'SAML_ISSUER',
  metadataUrl: 'SAML_METADATA_URL',
  ssoPostUrl: 'SAML_SSO_POST_URL',
  ssoRedirectUrl: 'SAML_SSO_REDIRECT_URL',
  sloPostUrl: 'SAML_SLO_POST_URL',
  sloRedirectUrl: 'SAML_SLO_REDIRECT_URL',
};

const ldapNames: { readonly [Field in keyof LdapOutputs]: string } = {
  baseDn: 'LDAP_BASE_DN',
  bindDn: 'LDAP_BIND_DN',
  userBase: 'LDAP_USER_BASE',
  userFilter: 'LDAP_USER_FILTER',
  userNameAttribute: 'LDAP_USER_NAME_ATTRIBUTE',
  groupBase: 'LDAP_GROUP_BASE',
  groupFilter: 'LDAP_GROUP_FILTER',
  groupMemberAttribute: 'LDAP_GROUP_MEMBER_ATTRIBUTE',
  tlsServerName: 'LDAP_TLS_SERVER_NAME',
};

/** The variables with one prefix: those of one door, or of one client. */
interface Block {
  /** The place of the block in the file, unique among the blocks. */
  readonly of: string;
  readonly comment: string;
  readonly prefix: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
}

function formatEnv({ services, clients }: OutputsDocument): string {
  const doors = Object.entries(services).flatMap(([service, { host, access, paths = {} }]) => [
    ...(access === undefined ? [] : [block(`services.${service}`, host, service, access, accessNames)]),
    ...Object.entries(paths).map(([path, outputs]) =>
      block(
        `services.${service}.paths.${path}`,
        `${host}${path}`,
        `${service}-${path}`,
        outputs,
        accessNames,
      ),
    ),
  ]);
  const applications = Object.entries(clients).map(([name, outputs]) => {
    const [of, comment] = [`clients.${name}`, `client ${name}`];
    if (isLdapOutputs(outputs)) return block(of, comment, name, outputs, ldapNames);
    return isSamlOutputs(outputs)
      ? block(of, comment, name, outputs, samlNames)
      : block(of, comment, name, outputs, clientNames);
  });
  return [...apart(doors), ...apart(applications)]
    .map(({ comment, prefix, lines }) =>
      [`# ${comment}`, ...lines.map(([name, value]) => `${prefix}_${name}=${quoted(value)}`)].join('\n'),
    )
    .map((text) => `${text}\n`)
    .join('\n');
}

function block<Fields extends string>(
  of: string,
  comment: string,
  name: string,
  outputs: Readonly<Record<Fields, string | null>>,
  names: Readonly<Record<Fields, string>>,
): Block {
  const lines = (Object.keys(names) as Fields[]).flatMap((field) => {
    const value = outputs[field];
    return value === null ? [] : [[names[field], value] as const];
  });
  return { of, comment, prefix: prefixOf(name), lines };
}

/** `my-app` becomes `MY_APP`; a variable cannot begin with a digit. */
function prefixOf(name: string): string {
  const words = name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, ' ');
  const joined = words.trim().replaceAll(' ', '_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/**
 * Distinguishes blocks with the same prefix (`a` with path `/b`, and `a-b`) by a few digits of a hash of their place in
 * the file. All of them get digits, because the order must not matter.
 */
function apart(blocks: readonly Block[]): readonly Block[] {
  return blocks.map((one) => {
    const alone = blocks.every((other) => other === one || other.prefix !== one.prefix);
    return alone ? one : { ...one, prefix: `${one.prefix}_${digest(one.of)}` };
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
}

/** The plain value if shells and Docker's `--env-file` read it alike, else in single quotes. */
function quoted(value: string): string {
  return /^[\w.:/@%+=,-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
