import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { goExpression } from '../../../../src/lab/sandbox/expressions/go-expression.ts';
import { matchesNoPath, pathsMatching } from '../../../../src/lab/sandbox/expressions/go-samples.ts';

/** An expression with visits, and a `1` for each visit that Go matches; without visits, Go does not compile it. */
type Row = readonly [expression: string, verdicts?: string, visits?: readonly string[]];

interface Table {
  go: string;
  documented: number;
  rows: readonly Row[];
}

/** The table that scripts/path-expressions/main.go writes with Go. */
const table = JSON.parse(
  gunzipSync(readFileSync(new URL('../path-expressions.json.gz', import.meta.url))).toString('utf8'),
) as Table;

function verdictsOf([expression, , visits = []]: Row): string {
  const compiled = goExpression(expression);
  if (compiled === null) return 'refused';
  return visits.map((visit) => (compiled.test(visit) ? '1' : '0')).join('');
}

describe('the expressions of tunnel paths', () => {
  it('are 5,000 random and the documented ones, with matches, misses and mistakes', () => {
    const verdicts = table.rows.map(([, each]) => each ?? '').join('');
    expect(table.rows.length - table.documented).toBe(5000);
    expect(table.rows.filter(([, each]) => each === undefined).length).toBeGreaterThan(500);
    expect(verdicts.replaceAll('0', '').length).toBeGreaterThan(10_000);
    expect(verdicts.replaceAll('1', '').length).toBeGreaterThan(10_000);
  });

  it('have the same meaning as in Go', () => {
    const compiled = table.rows.filter((row) => verdictsOf(row) !== 'refused');
    const different = compiled.filter((row) => verdictsOf(row) !== row[1]);
    expect(different.map((row) => [...row, verdictsOf(row)])).toEqual([]);
  });

  it('are rejected if Go rejects them, or if two groups have one name', () => {
    const sameNames = /\(\?P?<n>a\)\(\?P?<n>b\)/;
    const expected = table.rows.filter(([each, verdicts]) => verdicts === undefined || sameNames.test(each));
    const refused = table.rows.filter((row) => verdictsOf(row) === 'refused');
    expect(refused.map(([expression]) => expression)).toEqual(expected.map(([expression]) => expression));
  });

  it('give the same answer when asked again', () => {
    const expression = goExpression('^/a+$');
    expect(['/aa', '/b', '/aa', '/b'].map((path) => expression?.test(path))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(goExpression('^/a+$')).toBe(expression);
  });

  it('have a matching path if Go matched one, except for some with an assertion in the middle', () => {
    const matched = table.rows.filter(
      ([expression, verdicts, visits = []]) =>
        goExpression(expression) !== null &&
        visits.some((visit, index) => verdicts?.[index] === '1' && visit.startsWith('/')),
    );
    expect(matched.length).toBeGreaterThan(1000);
    expect(matched.filter(([expression]) => matchesNoPath(expression))).toEqual([]);
    const unknown = matched.filter(([expression]) => pathsMatching(expression).length === 0);
    expect(unknown.length).toBeLessThan(25);
    expect(unknown.filter(([expression]) => !/\\b|\\B|\}\^/.test(expression))).toEqual([]);
  });
});
