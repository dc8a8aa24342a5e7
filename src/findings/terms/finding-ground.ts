import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { Desired, Observed } from '../../core/objects/object.ts';
import type { PartStore } from '../../doors/state/part-store.ts';
import type { LiveObjects } from '../../import/terms/live-objects.ts';
import type { Visit } from '../../import/terms/visit.ts';
import type { FindingRuleId } from '../../report/findings/finding-rules.ts';
import type { LiveFinding, UnansweredQuestion } from '../../report/findings/findings.ts';
import type { DoorAnswers } from './door-answers.ts';
import type { LiveNames } from './live-names.ts';

/** The desired objects of a valid file, and the doors as they are once both systems are as the file says. */
export interface ExplainingFile {
  readonly desired: Desired;
  readonly goal: PartStore;
  /** The hosts of the file's services. */
  readonly hosts: ReadonlySet<string>;
}

/** Everything that the questions are asked of. */
export interface FindingGround {
  readonly live: LiveObjects;
  readonly names: LiveNames;
  readonly visits: ReadonlyMap<string, Visit>;
  /** The doors as the live objects make them. Foreign rules of zones count as if they refused nobody. */
  readonly store: PartStore;
  /** The answers of the store about each door. */
  readonly doors: DoorAnswers;
  /** The proxy providers that have an application and an outpost. */
  readonly serving: readonly Observed<ProxyProviderSpec>[];
  /** The hosts of Authentik's login page. */
  readonly loginHosts: ReadonlySet<string>;
  /** Undefined: there is no valid file, so nothing is explained. */
  readonly file: ExplainingFile | undefined;
  readonly now: Date;
}

/** A finding before the table of rules adds its harm and the advice. */
export type FoundFault = Pick<LiveFinding, 'rule' | 'subject' | 'says'>;

/** A question about live objects. Every question is pure. */
export interface FindingQuestion {
  readonly rules: readonly FindingRuleId[];
  /** The kinds without which it is not asked: an object that could not be read is not a missing one. */
  readonly reads: readonly string[];
  /** It depends on applications of Authentik that only a superuser's token lists. */
  readonly needsEveryApplication?: true;
  readonly ask: (ground: FindingGround) => readonly FoundFault[];
  /** The hosts for which nothing in the reading answers the question. */
  readonly unanswered?: (ground: FindingGround) => readonly UnansweredQuestion[];
}
