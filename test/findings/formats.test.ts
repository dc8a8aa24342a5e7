import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../schema/findings.schema.json' with { type: 'json' };
import { findingHarms, findingRuleIds, findingRules } from '../../src/report/findings/finding-rules.ts';
import { isInOrder } from '../../src/report/findings/findings.ts';
import { formatFindingsMarkdown } from '../../src/report/findings/findings-markdown.ts';
import { findingsSarif } from '../../src/report/findings/findings-sarif.ts';
import { findingsInShort, formatFindings } from '../../src/report/findings/findings-text.ts';
import { everyFinding, noFinding } from './findings-document.ts';

const form = { color: false, width: 80, quiet: false };
const rule = schema.properties.findings.items.properties.rule;

describe('the JSON of the findings', () => {
  const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schema);

  it('follows the schema, which has the rules of the code', () => {
    for (const document of [everyFinding, noFinding])
      expect([validate(document), validate.errors]).toEqual([true, null]);
    expect(validate({ ...noFinding, findings: [{ ...everyFinding.findings[0], rule: 'other' }] })).toBe(
      false,
    );
    expect(rule.enum).toEqual(findingRuleIds);
    expect(schema.properties.unanswered.items.properties.rules.items.enum).toEqual(findingRuleIds);
  });
});

describe('the text of the findings', () => {
  it('has each finding with its rule and advice, the worst first, in 80 columns', () => {
    const text = formatFindings(everyFinding, form);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const words = text.replace(/\s+/g, ' ');
    for (const id of findingRuleIds) {
      expect(words).toContain(`Something is wrong at ${id}.example.dev (${id})`);
      expect(words).toContain(findingRules[id].todo);
    }
    const titles = [...text.matchAll(/^[A-Z][a-z]+(?: answered)?$/gm)].map(([title]) => title);
    expect(titles).toEqual(['Exposed', 'Weak', 'Broken', 'Unused', 'Not answered']);
    expect(words).toContain('open-door at app.example.dev: it answered 502');
    expect(words).toContain('No file says which hosts are open on purpose');
    expect(text).toMatch(/\n5 exposed, \d+ weak, \d+ broken, \d+ unused; 2 questions without an answer\.\n$/);
  });

  it('has only what is exposed or broken when it should be quiet, and never hides a question without an answer', () => {
    const text = formatFindings(everyFinding, { ...form, quiet: true });
    expect(text).toContain('(open-door)');
    expect(text).not.toContain('(unused-policy)');
    expect(text).toContain('it answered 502');
  });

  it('of a healthy home is two lines', () => {
    expect(formatFindings(noFinding, form)).toBe(
      'Read: Cloudflare and Authentik, zone example.dev\n0 exposed, 0 weak, 0 broken, 0 unused.\n',
    );
  });

  it('in short has the count, the worst three, and the command that shows all', () => {
    const lines = findingsInShort(everyFinding, 80);
    expect(lines.join(' ')).toContain('`gates doctor --live` shows all');
    expect(lines.filter((line) => line.startsWith('  ✗'))).toHaveLength(3);
    expect(findingsInShort(noFinding, 80)).toEqual([]);
  });
});

describe('the Markdown of the findings', () => {
  it('has each finding in a fenced block, which no name can leave', () => {
    const [first] = everyFinding.findings;
    const name = '```\n# @everyone <img src=x>';
    const document = { ...everyFinding, findings: first === undefined ? [] : [{ ...first, says: name }] };
    const text = formatFindingsMarkdown(document);
    expect(text).toContain('````text\n- ```·# @everyone <img src=x> (open-door)');
    expect(formatFindingsMarkdown(everyFinding)).toContain('**Exposed**');
    expect(formatFindingsMarkdown(noFinding)).not.toContain('```');
  });
});

describe('the SARIF of the findings', () => {
  const [run] = findingsSarif(everyFinding, { version: '1.2.3', file: 'infra/gates.yaml' }).runs;

  it('names each rule once, and each result names its rule, level and place', () => {
    const rules = run?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual([...findingRuleIds].sort());
    expect(run?.results).toHaveLength(findingRuleIds.length);
    for (const result of run?.results ?? []) {
      expect(rules[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      const [place] = result.locations ?? [];
      expect(place?.physicalLocation?.artifactLocation?.uri).toBe('infra/gates.yaml');
      expect(place?.logicalLocations?.[0]?.fullyQualifiedName).toBe(`host: ${result.ruleId}.example.dev`);
    }
    const fingerprints = (run?.results ?? []).map((result) => result.partialFingerprints?.['gates/v1']);
    expect(new Set(fingerprints).size).toBe(findingRuleIds.length);
  });

  it('says which questions have no answer, and names no file if there is none', () => {
    const texts = run?.invocations?.[0]?.toolExecutionNotifications?.map(({ message }) => message.text);
    expect(texts).toEqual([
      'Not answered: cached-door: cloudflare/cache-rule could not be read: no permission',
      'Not answered: open-door at app.example.dev: it answered 502',
    ]);
    const without = findingsSarif(everyFinding, { version: '1.2.3', file: undefined });
    expect(JSON.stringify(without)).not.toContain('physicalLocation');
  });
});

it('only what is exposed or broken makes a home not in order', () => {
  const verdicts = findingHarms.map((harm) => {
    const findings = everyFinding.findings.filter((each) => each.harm === harm);
    return [harm, isInOrder({ findings })];
  });
  expect(Object.fromEntries(verdicts)).toEqual({ exposed: false, weak: true, broken: false, unused: true });
});

describe('docs/findings.md', () => {
  const page = readFileSync('docs/findings.md', 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\w+) \| (.+) \| (.+) \|$/gm)].map(
    ([, id, harm, means, todo]) => ({ id, harm, means, todo }),
  );

  it('has the rules of the code, ranked by harm, with what each says and what to do', () => {
    expect(rows).toEqual(findingRuleIds.map((id) => ({ id, ...findingRules[id] })));
    const ranks = findingRuleIds.map((id) => findingHarms.indexOf(findingRules[id].harm));
    expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
  });
});
