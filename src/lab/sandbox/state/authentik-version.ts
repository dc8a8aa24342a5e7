/** The releases that the sandbox can play, oldest first (facts §1.3). */
export const AUTHENTIK_VERSIONS = ['2025.8', '2025.12', '2026.2', '2026.5', '2026.8'] as const;

export type AuthentikVersion = (typeof AUTHENTIK_VERSIONS)[number];

/** Builds between two releases that can be played: they report the later one, and lack some of its fields. */
export const AUTHENTIK_PRERELEASES = ['2026.5-rc1'] as const;

type Prerelease = (typeof AUTHENTIK_PRERELEASES)[number];

/** The choices for the release of a first world. */
export type AuthentikChoice = AuthentikVersion | Prerelease;

interface Build {
  /** The release whose fields it has, except those that it ignores. */
  version: AuthentikVersion;
  /** The answer of `GET /admin/version/`. */
  build: string;
  ignoredFields: IgnoredFields;
}

/**
 * Members of bodies that change nothing, although the server answers 200. An absent one is in no reply either; a kept
 * one shows the value from when its object was made.
 */
export interface IgnoredFields {
  [member: string]: 'absent' | 'kept';
}

const PRERELEASES: Readonly<Record<Prerelease, Build>> = {
  '2026.5-rc1': {
    version: '2026.5',
    build: '2026.5.0-rc1',
    ignoredFields: { grant_types: 'absent' },
  },
};

export function buildOf(choice: AuthentikChoice): Pick<Build, 'version'> & Partial<Build> {
  return isPrerelease(choice) ? PRERELEASES[choice] : { version: choice };
}

function isPrerelease(choice: AuthentikChoice): choice is Prerelease {
  return AUTHENTIK_PRERELEASES.some((known) => known === choice);
}

/** The answer of `GET /admin/version/` for each release: a patch release whose schemas were compared. */
const FULL_VERSION: Readonly<Record<AuthentikVersion, string>> = {
  '2025.8': '2025.8.6',
  '2025.12': '2025.12.4',
  '2026.2': '2026.2.2',
  '2026.5': '2026.5.0',
  '2026.8': '2026.8.3',
};

/** The version that a server reports. */
export function versionSaid({ version, build }: { version: AuthentikVersion; build?: string }): string {
  return build ?? FULL_VERSION[version];
}

export function isAtLeast(version: AuthentikVersion, since: AuthentikVersion): boolean {
  return AUTHENTIK_VERSIONS.indexOf(version) >= AUTHENTIK_VERSIONS.indexOf(since);
}

/** True if an outpost (of releases before the Rust one) answers for any host if it has one provider (facts §4). */
export function answersAnyHost(version: AuthentikVersion): boolean {
  return !isAtLeast(version, '2026.8');
}
