import type { Finding, Path } from '../mistakes/finding.ts';
import type { Config, Service } from '../model/config.ts';
import type { Gate } from '../model/gate.ts';

/** The input of the file invariants. */
export interface Judged {
  readonly config: Config;
  /** The keys that lead to each of `config.records`, in the same order. */
  readonly recordPaths: readonly Path[];
  /** True if nothing was left out, so that a missing entry is really missing. */
  readonly whole: boolean;
}

/** A rule about the file as a whole, beyond the shape of its parts. */
export interface Invariant {
  /** `G106`; explained in docs/invariants.md. */
  readonly code: `G${number}`;
  /** One line: the forbidden state. */
  readonly title: string;
  readonly severity: 'error' | 'warning';
  /** Finds every breach; absent if the schema or the agreement of keys enforces the rule. */
  readonly check?: (judged: Judged) => readonly InvariantBreach[];
}

export type InvariantBreach = Omit<Finding, 'severity' | 'rule' | 'absent' | 'secret'> & {
  /** Default: the severity of the invariant. */
  readonly severity?: 'warning';
};

/** True if everybody passes and no login page is behind the gate. */
export function isPublic({ enforcedBy, showsLogin }: Gate): boolean {
  return enforcedBy === 'nobody' && !showsLogin;
}

/** True if the gate asks only for a service token. */
export function asksForToken({ tokens, secret, visitors }: Gate): boolean {
  return tokens.length > 0 && secret === undefined && visitors === 'machines';
}

/** Every gate of every service with the keys that lead to it. */
export function gatesIn(config: Config): { service: Service; gate: Gate; path: Path }[] {
  return [...config.services.values()].flatMap((service) => [
    { service, gate: service.gate, path: ['services', service.name, 'gate'] },
    ...service.paths.map(({ gate, path }) => ({
      service,
      gate,
      path: ['services', service.name, 'paths', path],
    })),
  ]);
}
