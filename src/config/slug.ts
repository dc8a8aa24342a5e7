/**
 * What the applications of Authentik are called that a file asks for. A client's is its name; that of a host is
 * made of the host alone, so that a service can be renamed. Authentik takes letters, digits, `-` and `_`.
 */
export function slugOfHost(host: string): string {
  return host.replaceAll('.', '-');
}

/** Of the one application that all hosts of a domain share. */
export function slugOfDomain(domain: string): string {
  return `domain-${slugOfHost(domain)}`;
}

/**
 * Of the client by which Access logs people in. Two owners may share an Authentik, and each has its own; the identity
 * provider of Access has this name too.
 */
export function slugOfAccess(owner: string): string {
  return `access-${owner}`;
}

/** Slugs that Authentik keeps for addresses of its own (core/models.py). */
export const reservedSlugs: ReadonlySet<string> = new Set([
  'authorize',
  'device',
  'introspect',
  'revoke',
  'token',
  'userinfo',
]);
