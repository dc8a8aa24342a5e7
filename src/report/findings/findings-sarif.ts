import type { Log, Result } from 'sarif';
import { sarifLog } from '../sarif/sarif-log.ts';
import { type FindingHarm, findingRules } from './finding-rules.ts';
import type { FindingsDocument, LiveFinding } from './findings.ts';
import { unansweredLine } from './harm-words.ts';

interface SarifGround {
  readonly version: string;
  /** The file relative to the root of the repository, with slashes; undefined: there is none. */
  readonly file: string | undefined;
}

const levels: Readonly<Record<FindingHarm, Result.level>> = {
  exposed: 'error',
  weak: 'warning',
  broken: 'error',
  unused: 'note',
};

/**
 * The findings as SARIF 2.1.0. A live object has no place in a repository, so its name is the logical location; code
 * scanning also wants a file, for which the gates.yaml stands if it was read. Questions without an answer are
 * notifications of the tool.
 */
export function findingsSarif(document: FindingsDocument, { version, file }: SarifGround): Log {
  const used = [...new Set(document.findings.map(({ rule }) => rule))].sort();
  const rules = used.map((id) => ({
    id,
    shortDescription: { text: findingRules[id].means },
    help: { text: findingRules[id].todo },
    defaultConfiguration: { level: levels[findingRules[id].harm] },
  }));
  return sarifLog(version, rules, {
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: document.unanswered.map((each) => ({
          level: 'warning',
          message: { text: `Not answered: ${unansweredLine(each)}` },
        })),
      },
    ],
    results: document.findings.map((finding) => resultOf(finding, used.indexOf(finding.rule), file)),
  });
}

function resultOf(
  { rule, harm, subject, says, todo }: LiveFinding,
  ruleIndex: number,
  file: string | undefined,
): Result {
  const name = `${subject.kind}: ${subject.name}`;
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[harm],
    message: { text: `${says}\n${todo}` },
    locations: [
      {
        ...(file !== undefined && {
          physicalLocation: { artifactLocation: { uri: encodeURI(file), uriBaseId: '%SRCROOT%' } },
        }),
        logicalLocations: [{ name: subject.name, fullyQualifiedName: name, kind: 'resource' }],
      },
    ],
    // Code scanning follows a result by this text from run to run.
    partialFingerprints: { 'gates/v1': `${rule} ${name}` },
  };
}
