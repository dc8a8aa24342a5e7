/** The releases that the sandbox can play, oldest first (facts §1.3). */
export const AUTHENTIK_VERSIONS = ['2025.8', '2025.12', '2026.2', '2026.5', '2026.8'] as const;

export type AuthentikVersion = (typeof AUTHENTIK_VERSIONS)[number];

/** What `GET /admin/version/` says for each: a patch release that the schemas were compared at. */
export const FULL_VERSION: Readonly<Record<AuthentikVersion, string>> = {
  '2025.8': '2025.8.6',
  '2025.12': '2025.12.4',
  '2026.2': '2026.2.2',
  '2026.5': '2026.5.0',
  '2026.8': '2026.8.3',
};

export function isAtLeast(version: AuthentikVersion, since: AuthentikVersion): boolean {
  return AUTHENTIK_VERSIONS.indexOf(version) >= AUTHENTIK_VERSIONS.indexOf(since);
}

/** The outpost of the releases before the one in Rust answers for any host when it has exactly one provider (facts §4). */
export function answersAnyHost(version: AuthentikVersion): boolean {
  return !isAtLeast(version, '2026.8');
}
