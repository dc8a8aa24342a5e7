import type { Config } from '../config/model/config.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { servingProviders } from '../import/authentik/authentik-login.ts';
import { loginHosts } from '../import/authentik-section.ts';
import type { Found } from '../import/reading.ts';
import { type FindingHarm, findingHarms, findingRules } from '../report/findings/finding-rules.ts';
import type { FindingsDocument, LiveFinding, UnansweredQuestion } from '../report/findings/findings.ts';
import { findingQuestions } from './questions.ts';
import { DoorAnswers } from './terms/door-answers.ts';
import { explainingFile } from './terms/explaining-file.ts';
import type { FindingGround, FindingQuestion, FoundFault } from './terms/finding-ground.ts';
import { liveDoors } from './terms/live-doors.ts';
import { LiveNames } from './terms/live-names.ts';

/** The reason of questions about applications that Authentik does not list. */
const someApplications =
  "the token is no superuser's, so Authentik lists only the applications that its account may open";

/** A file that explains live objects; absent keys: nothing does. */
interface Explanation {
  readonly config?: Config | undefined;
  readonly file: FindingsDocument['file'];
}

/** All findings of one reading, the worst first. It writes nothing, and reads nothing more. */
export function liveFindings(
  found: Found,
  { reconcilers }: { readonly reconcilers: readonly AnyReconciler[] },
  { config, file }: Explanation,
): FindingsDocument {
  const ground = groundOf(found, reconcilers, config);
  const { scope } = found.live;
  const asked = findingQuestions.map((question) => ({ question, gap: gapOf(question, found) }));
  const faults = asked.flatMap(({ question, gap }) => (gap === undefined ? question.ask(ground) : []));
  return {
    version: 1,
    file,
    zones: scope.zones,
    authentik: scope.authentik !== undefined,
    findings: ranked(faults),
    unanswered: asked.flatMap(({ question, gap }): readonly UnansweredQuestion[] => {
      if (gap === undefined) return question.unanswered?.(ground) ?? [];
      return [{ rules: question.rules, reason: gap }];
    }),
  };
}

function groundOf(
  { live, visits, now }: Found,
  reconcilers: readonly AnyReconciler[],
  config: Config | undefined,
): FindingGround {
  const names = new LiveNames(live);
  const file = config && explainingFile(config, { live, reconcilers, now });
  const store = liveDoors({ live, names, visits, desired: file?.desired, now });
  return {
    ...{ live, names, visits, store, file, now },
    doors: new DoorAnswers(store),
    serving: servingProviders(live),
    loginHosts: loginHosts(live, visits),
  };
}

/** The reason why a question cannot be asked; undefined if it can. A home without Authentik answers it too. */
function gapOf(
  { reads, needsEveryApplication }: FindingQuestion,
  { live, listsEveryApplication }: Found,
): string | undefined {
  const unread = live.observed.flatMap((each) =>
    each.state === 'unknown' && reads.includes(each.kind) ? [each] : [],
  );
  const [first] = unread;
  if (first !== undefined)
    return `${unread.map(({ kind }) => kind).join(', ')} could not be read: ${first.error.message}`;
  return needsEveryApplication && !listsEveryApplication ? someApplications : undefined;
}

/** The findings with harm and advice, each once, ranked by harm, rule and subject. */
function ranked(faults: readonly FoundFault[]): readonly LiveFinding[] {
  const findings = faults.map(({ rule, subject, says }): LiveFinding => {
    const { harm, todo } = findingRules[rule];
    return { rule, harm, subject, says, todo };
  });
  const unique = new Map(findings.map((each) => [JSON.stringify(each), each]));
  const rankOf = (harm: FindingHarm) => findingHarms.indexOf(harm);
  return [...unique.values()].sort(
    (left, right) =>
      rankOf(left.harm) - rankOf(right.harm) ||
      left.subject.name.localeCompare(right.subject.name) ||
      left.rule.localeCompare(right.rule),
  );
}
