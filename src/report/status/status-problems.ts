import { counted, revisionText, shortRevision } from '../screen/revision-words.ts';
import { objectName } from '../screen/step-name.ts';
import type { Status, StatusProblem } from './status.ts';
import type { StatusSection } from './status-section.ts';

/**
 * The sections about failures: an unreadable branch, the mistakes of its head, the problems and warnings of the last
 * run.
 */

export function repositorySection(status: Status, ago: (time: string) => string): readonly StatusSection[] {
  const { error, readAt } = status.repository;
  if (error === undefined) return [];
  const last = readAt === undefined ? 'It was never read.' : `It was last read ${ago(readAt)}.`;
  return [
    {
      about: 'repository',
      title: 'gates cannot read the repository',
      items: [{ lines: [error] }],
      next: `${last} ${stillInForce(status)}`,
    },
  ];
}

export function rejectedSection(status: Status, ago: (time: string) => string): readonly StatusSection[] {
  const { rejected } = status;
  if (rejected === undefined) return [];
  return [
    {
      about: 'mistakes',
      title: `Revision ${revisionText(rejected)}, read ${ago(rejected.at)}, has mistakes`,
      items: rejected.mistakes.map(({ place, severity, code, message, hint }) => ({
        lines: [`${place} ${severity}${code === undefined ? '' : ` ${code}`}: ${message}`],
        ...(hint !== undefined && { details: [hint] }),
      })),
      next: `${stillInForce(status)} Push a commit that fixes it.`,
    },
  ];
}

function stillInForce(status: Status): string {
  return status.inForce === undefined
    ? 'No revision has been applied yet; gates changes nothing.'
    : `gates keeps revision ${shortRevision(status.inForce.revision)}.`;
}

function problemsOf(status: Status): readonly StatusProblem[] {
  return status.lastRun?.problems ?? [];
}

export function problemSection(status: Status): readonly StatusSection[] {
  const error = status.lastRun?.error;
  const problems = problemsOf(status);
  if (error === undefined && problems.length === 0) return [];
  const causes = causesOf(status);
  const waiting = problems.length - causes.length;
  return [
    {
      about: 'problems',
      title: 'Problems of the last run',
      items: [
        ...(error === undefined ? [] : [{ lines: [error] }]),
        ...byReason(causes).map(([reason, whats]) => ({ lines: whats, details: [reason] })),
      ],
      ...(waiting > 0 && {
        next: `${counted(waiting, 'change')} ${waiting === 1 ? 'waits' : 'wait'} for that`,
      }),
    },
  ];
}

/** The problems that are causes. Problems that only wait are included if nothing else explains them. */
export function causesOf(status: Status): readonly StatusProblem[] {
  const problems = problemsOf(status);
  const causes = problems.filter(({ status: sort }) => sort !== 'skipped');
  return causes.length === 0 ? problems : causes;
}

/** Groups problems by reason: an API that does not answer, or a login that fails at three hosts, is reported once. */
export function byReason(
  problems: readonly StatusProblem[],
): readonly (readonly [reason: string, whats: readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const problem of problems) {
    const { what, reason } = problem;
    // `what` already names the host.
    const key = reason.replace(` (${what.slice(what.indexOf(':') + 1)})`, '');
    groups.set(key, [...(groups.get(key) ?? []), problemText(problem)]);
  }
  return [...groups];
}

/** `failed cloudflare/dns-record:grafana.example.dev (services.grafana)` */
export function problemText({ status, what, because }: StatusProblem): string {
  return `${status} ${objectName(what)}${because === undefined ? '' : ` (${because})`}`;
}

/** True if a problem of the last run says the same, so that the text need not repeat it. */
export function isReportedAsProblem(reason: string, status: Status): boolean {
  return problemsOf(status).some((problem) => problem.reason.includes(reason));
}

export function warningSection(status: Status): readonly StatusSection[] {
  const warnings = status.lastRun?.warnings ?? [];
  if (warnings.length === 0) return [];
  return [{ about: 'warnings', title: 'Warnings', items: warnings.map((warning) => ({ lines: [warning] })) }];
}
