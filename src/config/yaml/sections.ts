/** Sections with entries by name. Several files may have entries, and no name occurs twice. */
export const MAPS: ReadonlySet<string> = new Set([
  ...[
    'origins',
    'groups',
    'people',
    'networks',
    'certificateAuthorities',
    'services',
    'clients',
    'serviceTokens',
    'actions',
    'dns',
  ],
]);
/** Sections that are lists. Each file appends to them. */
export const LISTS: ReadonlySet<string> = new Set(['expect', 'notify']);
/** Sections that only gates.yaml may have. */
export const SETTINGS: ReadonlySet<string> = new Set([
  ...['version', 'owner', 'cloudflare', 'authentik', 'waf', 'reconcile', 'include'],
]);
