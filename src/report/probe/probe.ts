/**
 * The result for a host:
 * - `guarded`: its gate asked, and nothing else answered.
 * - `public`, `login`: it is open to everybody, as the file says; the second is the login page of Authentik.
 * - `answers`: its application answers and must ask by itself; with `--inside`, any origin whose gate is elsewhere.
 * - `open`: somebody got through whom the gate should have asked.
 * - `closed`: it answers 503.
 * - `covered`: it admits only our own probe until `gates apply` has checked the gate.
 * - `unproved`: something else answered, or nothing.
 * - `absent`: the file asks for it, and gates has not applied it.
 * - `asks`, `silent`: with `--inside`, the origin sends people to the login, or admits a stranger.
 */
export type ProbeVerdict =
  | 'guarded'
  | 'public'
  | 'login'
  | 'answers'
  | 'open'
  | 'closed'
  | 'covered'
  | 'unproved'
  | 'absent'
  | 'asks'
  | 'silent';

/** Verdicts of a host that is as the file says. */
const right: ReadonlySet<ProbeVerdict> = new Set(['guarded', 'public', 'login', 'answers', 'asks']);

export interface Probed {
  readonly verdict: ProbeVerdict;
  /** The request and who answered; absent if the verdict says it all. */
  readonly seen?: string;
  /** The action to take. */
  readonly advice?: string;
}

export interface ProbedService extends Probed {
  /** Its name in the file. */
  readonly service: string;
  readonly host: string;
  /** `authentik (forwardAuth)` */
  readonly gate: string;
}

/** The document of `gates probe --output json`; schema/probe.schema.json describes it. */
export interface ProbeDocument {
  readonly version: 1;
  /** The place of the check: Cloudflare's edge, as the internet sees it, or the origins themselves. */
  readonly asked: 'edge' | 'inside';
  /** In the order of the file. */
  readonly services: readonly ProbedService[];
  /** The kinds that could not be read, each with the reason: the results may be wrong because of them. */
  readonly unknown: readonly string[];
}

/** True if every host is as the file says. */
export function isRight({ services, unknown }: ProbeDocument): boolean {
  return unknown.length === 0 && services.every(({ verdict }) => right.has(verdict));
}

export function isRightVerdict(verdict: ProbeVerdict): boolean {
  return right.has(verdict);
}
