import { parser } from '@lezer/python';
import type { Config } from '../../config/model/config.ts';

/** The function into whose body Authentik puts an expression, one indentation deeper, before it compiles it. */
const head = 'def handler():\n';
const indentation = '    ';

/**
 * Warnings about scope expressions that do not parse as Python, which Authentik refuses when they are applied. Only a
 * warning, because the parser knows no newer Python than itself, and rejects `with (a as b):`.
 */
export function pythonWarnings({ authentik }: Config): readonly string[] {
  return [...(authentik?.scopes.values() ?? [])].flatMap(({ name, expression }) => {
    const line = brokenLine(expression);
    return line === undefined
      ? []
      : [
          `authentik.scopes.${name}.expression: line ${line} does not look like valid Python; Authentik refuses an expression with a syntax error`,
        ];
  });
}

/** The line, from 1, of the first syntax error; the last line if something does not end. */
function brokenLine(expression: string): number | undefined {
  const lines = expression.trim().split('\n');
  const body = lines.map((line) => (line.trim() === '' ? line : `${indentation}${line}`)).join('\n');
  const text = `${head}${body}\n`;
  let offset: number | undefined;
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) offset ??= from;
    },
  });
  if (offset === undefined) return undefined;
  return Math.min(text.slice(0, offset).split('\n').length - 1, lines.length);
}
