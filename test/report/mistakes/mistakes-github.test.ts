import { expect, it } from 'vitest';
import type { Mistake } from '../../../src/core/mistake.ts';
import { formatGithub } from '../../../src/report/mistakes/mistakes-github.ts';

const mistake: Mistake = {
  severity: 'error',
  rule: 'unknown-key',
  line: 31,
  column: 5,
  message: 'unknown key "hostname"',
  hint: 'write `host: docs.example.dev`',
  path: 'services.docs.hostname',
};

/** Parses a workflow command as the runner of GitHub does (src/Runner.Common/ActionCommand.cs). */
function read(line: string): { command: string; properties: Record<string, string>; data: string } {
  const [, command = '', properties = '', data = ''] = /^::([a-z]+) (.*?)::(.*)$/.exec(line) ?? [];
  const unescaped = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const pairs = properties.split(',').map((pair) => pair.split('=') as [string, string]);
  return {
    command,
    properties: Object.fromEntries(pairs.map(([key, value]) => [key, unescaped(value)])),
    data: unescaped(data),
  };
}

it('each mistake is one line, with the place, the rule, and the hint below the message', () => {
  const warning: Mistake = {
    ...mistake,
    severity: 'warning',
    rule: 'G109',
    code: 'G109',
    also: [{ line: 40, column: 1 }],
  };
  expect(formatGithub([mistake, warning], 'gates.yaml').split('\n')).toEqual([
    '::error file=gates.yaml,line=31,col=5,title=gates%3A unknown-key::unknown key "hostname"%0Awrite `host: docs.example.dev`',
    '::warning file=gates.yaml,line=31,col=5,title=gates%3A G109::unknown key "hostname" (also on line 40)%0Awrite `host: docs.example.dev`',
    '',
  ]);
});

it('a file without mistakes has no lines', () => {
  expect(formatGithub([], 'gates.yaml')).toBe('');
});

it.each(['50%', 'a\r\nb', '::error::x', 'a,b:c', '%0A%3A', '%250A'])(
  'no text breaks out of its place: %j',
  (text) => {
    const [line = '', ...rest] = formatGithub(
      [{ ...mistake, message: text, hint: text }],
      `dir,${text.replaceAll('\n', '')}.yaml`,
    ).split('\n');
    expect(rest).toEqual(['']);
    const { command, data, properties } = read(line);
    expect({ command, data, file: properties.file, line: properties.line }).toEqual({
      command: 'error',
      data: `${text}\n${text}`,
      file: `dir,${text.replaceAll('\n', '')}.yaml`,
      line: '31',
    });
  },
);
