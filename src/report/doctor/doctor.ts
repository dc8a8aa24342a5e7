/**
 * The codes of findings of `gates doctor`, each with a row in docs/doctor.md that says what to do. A code is public:
 * alerts and scripts may name it.
 */
export const findingCodes = [
  'file-missing',
  'file-mistakes',
  'secret-variables',
  'cloudflare-token',
  'cloudflare-token-expires',
  'cloudflare-permission',
  'cloudflare-read-only',
  'workers-token',
  'zone-token',
  'zone-missing',
  'zone-pending',
  'zone-paused',
  'zone-partial',
  'zero-trust',
  'team',
  'require-access',
  'tunnel-missing',
  'tunnel-local',
  'tunnel-disconnected',
  'tunnel-degraded',
  'tunnel-behind',
  'bot-fight-mode',
  'bot-challenge',
  'managed-rules',
  'always-use-https',
  'before-tunnel',
  'foreign-cache',
  'certificate-depth',
  'api-shield',
  'quota',
  'comment-length',
  'second-writer',
  'authentik-token',
  'authentik-token-expires',
  'authentik-permission',
  'authentik-url',
  'authentik-version',
  'grant-types',
  'outpost-missing',
  'outpost-disconnected',
  'outpost-outdated',
  'outpost-host',
  'flow',
  'cookie-domain',
  'widened',
  'clock-skew',
] as const;

export type FindingCode = (typeof findingCodes)[number];

export type FindingState = 'ok' | 'warning' | 'problem' | 'unknown';

/** The result of one check for one object. */
export interface DoctorFinding {
  /** The name of the check: `tunnel`. */
  readonly check: string;
  readonly area: DoctorArea;
  readonly state: FindingState;
  /** The code; only warnings and problems have one. */
  readonly code?: FindingCode;
  /** The zone, tunnel or host: `homelab`. */
  readonly about?: string;
  /** The finding. */
  readonly text: string;
  /** The action to take. */
  readonly hint?: string;
}

/** The areas of findings, in the order of the report. */
export const areas = ['file', 'cloudflare', 'tunnel', 'edge', 'authentik', 'both'] as const;

export type DoctorArea = (typeof areas)[number];

/** The document of `gates doctor --output json`; schema/doctor.schema.json describes it. */
export interface DoctorDocument {
  readonly version: 1;
  /** `none`: there is no file, so it is unknown what gates needs; `mistakes`: the file is not valid. */
  readonly file: 'read' | 'mistakes' | 'none';
  readonly findings: readonly DoctorFinding[];
}

/** True if no finding is a problem; unknown results do not count. */
export function isHealthy({ findings }: DoctorDocument): boolean {
  return findings.every(({ state }) => state !== 'problem');
}
