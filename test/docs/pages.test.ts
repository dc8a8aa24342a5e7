import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkedFile } from '../../src/expect/checked-config.ts';

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(folder, name)),
  ),
];

/** The fenced blocks of one language, without the fences. */
function blocksIn(page: string, language: string): readonly string[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block]) => block ?? '',
  );
}

/** The anchors of a page, as GitHub derives them from its headings. */
function anchorsIn(page: string): readonly string[] {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The targets of a page's links inside this repository, without those in code. */
function linksIn(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8').replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

const files = pages.flatMap((page) =>
  blocksIn(page, 'yaml')
    .filter((block) => block.startsWith('version:'))
    .map((text, index) => ({ page, place: `${page}, file ${index + 1}`, text })),
);

describe('a gates.yaml on a page', () => {
  it('is where a reader begins', () => {
    expect(files.map(({ page }) => page)).toEqual(expect.arrayContaining(['README.md', 'docs/authentik.md']));
  });

  it.each(files)('is valid, without warnings: $place', ({ text }) => {
    const result = checkedFile(text);
    expect(result.ok ? result.warnings : result.mistakes).toEqual([]);
  });
});

describe('a link between pages', () => {
  const links = pages.flatMap((page) => linksIn(page).map((target) => ({ page, target })));

  it.each(links)('leads somewhere: $target in $page', ({ page, target }) => {
    const [file = '', anchor] = target.split('#');
    const place = file === '' ? page : path.join(path.dirname(page), file);
    expect(existsSync(place)).toBe(true);
    if (anchor !== undefined) expect(anchorsIn(place)).toContain(anchor);
  });
});

describe('the package on the pages', () => {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const current = [...pages, 'docs/install/compose.yaml'].filter((page) => page !== 'CHANGELOG.md');

  it('has the name and version of the packed build', () => {
    const named = current.flatMap((page) => [
      ...readFileSync(page, 'utf8').matchAll(/\S*gates-\d+\.\d+\.\d+\.tgz|gates:\d+\.\d+\.\d+/g),
    ]);
    const file = `${name.slice(1).replace('/', '-')}-${version}.tgz`;
    const texts = [...new Set(named.map(([text]) => path.basename(text)))];
    expect(texts.sort()).toEqual([file, `gates:${version}`]);
  });

  it('runs by npx only if a line installs the packed file: `gates` on npm is another project', () => {
    const lines = pages.flatMap((page) => readFileSync(page, 'utf8').match(/^.*npx gates .*$/gm) ?? []);
    expect(lines).not.toEqual([]);
    expect(lines.filter((line) => !/npm install \S+\.tgz && npx gates /.test(line))).toEqual([]);
  });
});
