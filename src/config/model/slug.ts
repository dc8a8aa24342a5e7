/**
 * The slug of the Authentik application of a host. It depends only on the host, so that a service can be renamed; a
 * client's slug is its name. Authentik allows letters, digits, `-` and `_`.
 */
export function slugOfHost(host: string): string {
  return host.replaceAll('.', '-');
}

/** The slug of the one application that all hosts of a domain share. */
export function slugOfDomain(domain: string): string {
  return `domain-${slugOfHost(domain)}`;
}

/**
 * The slug of the client by which Access logs people in. Owners who share an Authentik have one each. The identity
 * provider of Access has this name too.
 */
export function slugOfAccess(owner: string): string {
  return `access-${owner}`;
}

/** Slugs that Authentik reserves for addresses of its own (core/models.py). */
export const reservedSlugs: ReadonlySet<string> = new Set([
  'authorize',
  'device',
  'introspect',
  'revoke',
  'token',
  'userinfo',
]);
