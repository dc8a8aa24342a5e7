import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import LiveReporter, { lineOf } from './live-reporter.ts';

const story = { id: 'authentik/group-gone-by-hand', calls: 9, writes: 1 };

describe('a line of the live report', () => {
  it.each([
    { because: 'it holds', holds: true, line: 'authentik/group-gone-by-hand · ok (calls 9, writes 1)' },
    { because: 'it does not', holds: false, line: 'authentik/group-gone-by-hand · failed' },
  ])('says that $because', ({ holds, line }) => {
    expect(lineOf(story, holds)).toBe(line);
  });

  it('says why a server cannot be made to show the belief', () => {
    const line = 'authentik/group-gone-by-hand · not shown: no group';
    expect(lineOf({ ...story, unshown: 'no group' }, true)).toBe(line);
  });
});

describe('the live report', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'gates-live-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const ended = (state: 'passed' | 'failed', meta: object) =>
    ({ meta: () => meta, result: () => ({ state }) }) as never;

  it('has the stories and no other test, printed and in the file', () => {
    const printed: string[] = [];
    const file = path.join(directory, 'report.txt');
    const reporter = new LiveReporter({ print: (text) => printed.push(text), file });
    reporter.onTestCaseResult(ended('passed', { story }));
    reporter.onTestCaseResult(ended('passed', {}));
    reporter.onTestCaseResult(ended('failed', { story }));
    reporter.onTestRunEnd();
    const lines = [lineOf(story, true), lineOf(story, false)].map((line) => `${line}\n`);
    expect(printed).toEqual(lines);
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  });

  it('has the same line in the file of a story that passed in an earlier run', () => {
    const printed: string[] = [];
    const file = path.join(directory, 'report.txt');
    const reporter = new LiveReporter({ print: (text) => printed.push(text), file });
    reporter.onTestCaseResult(ended('passed', { story: { ...story, earlier: true } }));
    reporter.onTestRunEnd();
    expect(printed).toEqual([`${lineOf(story, true)}, in an earlier run\n`]);
    expect(readFileSync(file, 'utf8')).toBe(`${lineOf(story, true)}\n`);
  });

  it('writes no file unless one is requested', () => {
    const reporter = new LiveReporter({ print: () => {}, file: '' });
    reporter.onTestCaseResult(ended('passed', { story }));
    expect(() => reporter.onTestRunEnd()).not.toThrow();
  });
});
