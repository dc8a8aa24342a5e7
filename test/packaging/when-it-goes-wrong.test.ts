import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const page = readFileSync('docs/when-it-goes-wrong.md', 'utf8');
const sources = ['src', 'reconcilers']
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
  .join('\n');

const rules: readonly { readonly alert: string; readonly annotations: { readonly runbook_url: string } }[] =
  parse(readFileSync('docs/alerts.yaml', 'utf8')).groups.flatMap(
    ({ rules: of }: { readonly rules: readonly unknown[] }) => of,
  );

const sections = [...page.matchAll(/^## (Gates\w+)$/gm)].map(([, name]) => name);

describe('the page for when it goes wrong', () => {
  it('has a section for each alert, and no other', () => {
    expect([...sections].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it.each(rules)('is the target of $alert', ({ alert, annotations }) => {
    expect(annotations.runbook_url).toBe(`docs/when-it-goes-wrong.md#${alert.toLowerCase()}`);
  });

  it('explains every word that can begin the first line of status', () => {
    const headline =
      /^export function headline.*?^}/ms.exec(
        readFileSync('src/report/status/status-headline.ts', 'utf8'),
      )?.[0] ?? '';
    const words = [...headline.matchAll(/['`]([A-Z]+(?: [A-Z]+)*)[: ]/g)].map(([, word]) => word);
    const told = [...page.matchAll(/^\| `([A-Z ]+)` \|/gm)].map(([, word]) => word);
    expect([...told].sort()).toEqual([...new Set(words)].sort());
  });

  const messages = [...page.matchAll(/^\| ((?:`[A-Z][^`|]*[a-z][^`|]*`(?:, )?)+) \|/gm)].flatMap(
    ([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => ({ message })),
  );

  it('explains the most frequent problems', () => {
    expect(messages.length).toBeGreaterThan(25);
  });

  it.each(messages)('explains a message that gates still prints: $message', ({ message }) => {
    expect(sources).toContain(message);
  });
});
