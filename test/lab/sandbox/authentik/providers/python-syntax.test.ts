import { describe, expect, it } from 'vitest';
import { pythonMistake } from '../../../../../src/lab/sandbox/authentik/providers/python-syntax.ts';
import { createApi } from '../api.ts';

/** The message of CPython 3.13 for `def handler():` with the expression below it. */
const mistakes: [expression: string, says: string][] = [
  ['return {', "'{' was never closed (None, line 2)"],
  ['groups = [\n  "a",\nreturn groups', "'[' was never closed (None, line 2)"],
  ['return {}}', "unmatched '}' (None, line 2)"],
  ['return {"a": [1, 2}', "closing parenthesis '}' does not match opening parenthesis '[' (None, line 2)"],
  [
    'return (\n  1]',
    "closing parenthesis ']' does not match opening parenthesis '(' on line 2 (None, line 3)",
  ],
  ['return {"a": "b}', 'unterminated string literal (detected at line 2) (None, line 2)'],
  ['return f"{request.user} is', 'unterminated f-string literal (detected at line 2) (None, line 2)'],
  ['x = """\nreturn x', 'unterminated triple-quoted string literal (detected at line 4) (None, line 2)'],
  ['retrun {}', 'invalid syntax (None, line 2)'],
  ['return request user', 'invalid syntax (None, line 2)'],
  ['return {"a": 1 "b": 2}', 'invalid syntax. Perhaps you forgot a comma? (None, line 2)'],
  ['x =\nreturn x', 'invalid syntax (None, line 2)'],
  ['if x\n  return 1', "expected ':' (None, line 2)"],
  ['x = 1\n  return x', 'unexpected indent (None, line 3)'],
  ['if x:\nreturn 1', "expected an indented block after 'if' statement on line 2 (None, line 3)"],
  ['# nothing', 'expected an indented block after function definition on line 1 (None, line 3)'],
  ['if x:\n    y = 1\n  return y', 'unindent does not match any outer indentation level (None, line 4)'],
  ['return “a”', "invalid character '“' (U+201C) (None, line 2)"],
];

const sound = [
  'return {}',
  'return {"groups": [group.name for group in request.user.groups.all() if group.name != "x"]}',
  'return {\n  "name": request.user.name,  # {\n  "a": f"{request.user.attributes["a"]:>{10}} {{",\n}',
  'if not user.email:\n    return None\nelif user.is_active: return {}\nelse:\n\treturn {"a": r"\\d"}\n',
  "x = '''it's\n  {'''\nreturn x or \\\n  1",
  'match request.user.name:\n  case "a" | "b":\n    return 1\nreturn lambda *a, **k: a[1:] if k else ...',
  'try:\n  import json\nexcept (A, B) as e:\n  raise\nfinally:\n  pass\nreturn not 1 in [-1, 0x1f, 1_000.5e-3j]',
];

describe('an expression', () => {
  it.each(mistakes)('%j is rejected', (expression, says) => {
    expect(pythonMistake(expression, 'None')).toBe(`Expression Syntax Error: ${says}`);
  });

  it.each(sound)('%j is accepted', (expression) => {
    expect(pythonMistake(expression, 'None')).toBeNull();
  });

  it('of a scope mapping or a policy is rejected with its name if Python would not compile it', async () => {
    const api = createApi();
    const scopes = '/propertymappings/provider/scope/';
    const broken = { expression: 'return {' };
    const told = (name: string) => ({
      expression: [`Expression Syntax Error: '{' was never closed (${name}, line 2)`],
    });
    const mapping = { name: 'gates: home/org', scope_name: 'org', expression: 'return {}' };
    expect(await api.refused(400, 'POST', scopes, { ...mapping, ...broken })).toEqual(told('None'));
    const { pk } = await api.done('POST', scopes, mapping);
    expect(await api.refused(400, 'PATCH', `${scopes}${pk}/`, broken)).toEqual(told('org'));
    const policy = { name: 'never', ...broken };
    expect(await api.refused(400, 'POST', '/policies/expression/', policy)).toEqual(told('temp-policy'));
  });
});
