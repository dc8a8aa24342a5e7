import { expect, it } from 'vitest';
import { mistakeRules } from '../../../src/config/mistake-rules.ts';
import type { Mistake } from '../../../src/core/mistake.ts';
import { sarifDocument } from '../../../src/report/mistakes/mistakes-sarif.ts';

const mistakes: readonly Mistake[] = [
  {
    severity: 'error',
    rule: 'unknown-key',
    line: 31,
    column: 5,
    message: 'unknown key "x"',
    path: 'services.docs.x',
  },
  {
    severity: 'warning',
    rule: 'G109',
    code: 'G109',
    line: 2,
    column: 1,
    message: 'groups.family is declared and nothing uses it',
    hint: 'remove it',
    path: '',
    also: [{ line: 7, column: 3 }],
  },
  {
    severity: 'error',
    rule: 'unknown-key',
    line: 40,
    column: 9,
    message: 'unknown key "y"',
    path: 'services.y',
  },
];
const tool = { version: '1.2.3', rules: mistakeRules };

it('the document names the tool, each broken rule once, and each place', () => {
  expect(sarifDocument(mistakes, 'infra/gates.yaml', tool)).toEqual({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'gates',
            semanticVersion: '1.2.3',
            rules: [
              { id: 'G109', shortDescription: { text: 'Declared and unused.' } },
              { id: 'unknown-key', shortDescription: { text: 'A key has no meaning at this place.' } },
            ],
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          {
            ruleId: 'unknown-key',
            ruleIndex: 1,
            level: 'error',
            message: { text: 'unknown key "x"' },
            locations: [{ ...at(31, 5), logicalLocations: [{ fullyQualifiedName: 'services.docs.x' }] }],
          },
          {
            ruleId: 'G109',
            ruleIndex: 0,
            level: 'warning',
            message: { text: 'groups.family is declared and nothing uses it (also on line 7)\nremove it' },
            locations: [at(2, 1)],
            relatedLocations: [{ id: 0, ...at(7, 3) }],
          },
          {
            ruleId: 'unknown-key',
            ruleIndex: 1,
            level: 'error',
            message: { text: 'unknown key "y"' },
            locations: [{ ...at(40, 9), logicalLocations: [{ fullyQualifiedName: 'services.y' }] }],
          },
        ],
      },
    ],
  });
});

it('the document of a file without mistakes has no results', () => {
  const { runs } = sarifDocument([], 'gates.yaml', tool);
  expect(runs.map(({ results, tool: { driver } }) => [results, driver.rules])).toEqual([[[], []]]);
});

it('the document has the file as the path of an address', () => {
  const text = JSON.stringify(sarifDocument(mistakes, 'my files/gates é.yaml', tool));
  expect(text).toContain('"uri":"my%20files/gates%20%C3%A9.yaml"');
});

function at(startLine: number, startColumn: number) {
  return {
    physicalLocation: {
      artifactLocation: { uri: 'infra/gates.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine, startColumn },
    },
  };
}
