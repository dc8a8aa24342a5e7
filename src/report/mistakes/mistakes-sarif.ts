import type { Location, Log, Result } from 'sarif';
import type { Mistake, Place } from '../../core/mistake.ts';
import { besideMain } from '../../core/sources/source-files.ts';
import { sarifLog } from '../sarif/sarif-log.ts';
import { alsoWords } from './mistakes-text.ts';

export interface SarifTool {
  readonly version: string;
  /** Every rule with one line that explains it. */
  readonly rules: ReadonlyMap<string, string>;
}

/**
 * The mistakes as SARIF 2.1.0 for code scanning. `file` is relative to the root of the repository, with slashes: an
 * absolute path would name a machine. Rules have no address, because gates has no permanent one.
 */
export function sarifDocument(
  mistakes: readonly Mistake[],
  file: string,
  { rules, version }: SarifTool,
): Log {
  const used = [...new Set(mistakes.map(({ rule }) => rule))].sort();
  const described = used.map((id) => ({ id, shortDescription: { text: rules.get(id) ?? id } }));
  return sarifLog(version, described, {
    columnKind: 'utf16CodeUnits',
    results: mistakes.map((mistake) => result(mistake, file, used.indexOf(mistake.rule))),
  });
}

function result(mistake: Mistake, file: string, ruleIndex: number): Result {
  const { also = [], hint, message, path, rule, severity } = mistake;
  const text = `${message}${alsoWords(mistake, file)}${hint === undefined ? '' : `\n${hint}`}`;
  const logicalLocations = path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path }] };
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text },
    locations: [{ ...location(mistake, file), ...logicalLocations }],
    ...(also.length === 0
      ? {}
      : { relatedLocations: also.map((place, id) => ({ id, ...location(place, file) })) }),
  };
}

function location({ column, file: included, line }: Place, file: string): Location {
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(besideMain(file, included)), uriBaseId: '%SRCROOT%' },
      region: { startLine: line, startColumn: column },
    },
  };
}
