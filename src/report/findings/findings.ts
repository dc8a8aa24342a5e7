import type { FindingHarm, FindingRuleId } from './finding-rules.ts';

/** The live object, or the host, that a finding is about. */
export interface FindingSubject {
  /** The noun for people: `Access application`. */
  readonly kind: string;
  readonly name: string;
}

/** Something about the live systems that a person should look at. */
export interface LiveFinding {
  readonly rule: FindingRuleId;
  readonly harm: FindingHarm;
  readonly subject: FindingSubject;
  /** One sentence about this subject. */
  readonly says: string;
  /** One sentence that says what to do. */
  readonly todo: string;
}

/** A question that the reading did not answer. It is no sign that all is well. */
export interface UnansweredQuestion {
  /** The rules that were not held against the objects, or not against this one. */
  readonly rules: readonly FindingRuleId[];
  /** The host, where only one is unknown. */
  readonly about?: string;
  readonly reason: string;
}

/** The document of `gates doctor --live --output json`; schema/findings.schema.json describes it. */
export interface FindingsDocument {
  readonly version: 1;
  /** `read`: what the file explains is no finding; `mistakes`: the file is not valid, so it explains nothing. */
  readonly file: 'read' | 'mistakes' | 'none';
  readonly zones: readonly string[];
  /** False: no token and address for Authentik were given, so only Cloudflare was read. */
  readonly authentik: boolean;
  /** The worst first. */
  readonly findings: readonly LiveFinding[];
  readonly unanswered: readonly UnansweredQuestion[];
}

/** True if no finding exposes a host or breaks something; weak spots and unused objects do not count. */
export function isInOrder({ findings }: Pick<FindingsDocument, 'findings'>): boolean {
  return findings.every(({ harm }) => harm === 'weak' || harm === 'unused');
}
