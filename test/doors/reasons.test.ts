import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../src/doors/', import.meta.url);
const decision = new URL('../../docs/decisions/0034-one-model-of-the-doors.md', import.meta.url);

describe('the reasons of unknown', () => {
  it('are listed in decision 34, each once', () => {
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
      .join('\n');
    const used = [...source.matchAll(/(?:unknown|alternatives|unknownLeads)\(\s*'([^']+)'/g)].map(
      ([, reason = '']) => reason,
    );
    const listed = [...readFileSync(decision, 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, reason = '']) => reason,
    );
    expect(listed.toSorted()).toEqual([...new Set(used)].sort());
  });
});
