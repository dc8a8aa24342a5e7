import { describe, expect, it } from 'vitest';
import type { ParsedConfig } from '../../src/config/parse-config.ts';
import { includeEntries } from '../../src/config/yaml/include-section.ts';
import type { Mistake } from '../../src/core/mistake.ts';
import { packFiles } from '../../src/core/sources/source-files.ts';
import { checkedConfig } from '../../src/expect/checked-config.ts';

const head = `version: 1
owner: home
include: ["*.yaml"]
cloudflare: { account: mine, zones: [example.dev], tunnels: { homelab: {} } }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
`;
const open = '{ public: { reason: documentation } }';
const service = (name: string, host = name) =>
  `  ${name}: { host: ${host}.example.dev, origin: app, gate: ${open} }\n`;

function packed(main: string, files: Readonly<Record<string, string>>): Uint8Array {
  const included = Object.entries(files).map(([file, text]) => ({ file, bytes: Buffer.from(text) }));
  const bytes = Buffer.from(main);
  return packFiles({ main: bytes, patterns: includeEntries(bytes), included });
}

function parsed(main: string, files: Readonly<Record<string, string>>): ParsedConfig {
  const read = checkedConfig(packed(main, files));
  if (!read.ok) throw new Error(read.mistakes.map(shown).join('\n'));
  return read.parsed;
}

function mistakesOf(main: string, files: Readonly<Record<string, string>>): readonly Mistake[] {
  const read = checkedConfig(packed(main, files));
  return read.ok ? read.parsed.warnings : read.mistakes;
}

const shown = ({ file = 'gates.yaml', line, column, message, path, hint }: Mistake) =>
  `${file}:${line}:${column} ${path}: ${message} (${hint})`;

describe('an included file', () => {
  it('adds its entries to those of gates.yaml', () => {
    const one = `${head.replace('["*.yaml"]', '[]')}services:\n${service('a')}${service('b')}${service('c')}`;
    const { config } = parsed(`${head}services:\n${service('a')}`, {
      'b.yaml': `services:\n${service('b')}`,
      'c.yaml': `services:\n${service('c')}`,
    });
    expect(config).toEqual(parsed(one, {}).config);
    expect([...config.services.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('may have all of a section, and use names that another file declares', () => {
    const { config } = parsed(head.replace(/origins.*\n/, ''), {
      'origins.yaml': 'origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }\n',
      'services.yaml': `services:\n${service('a')}`,
    });
    expect([[...config.services.keys()], [...config.origins.keys()]]).toEqual([['a'], ['app']]);
  });

  it('appends to the records of a zone and to lists', () => {
    const record = (name: string) => `{ type: A, name: ${name}, content: 192.0.2.1 }`;
    const assertion = (host: string) =>
      `{ url: "https://${host}.example.dev/", as: anonymous, verdict: allow }`;
    const { config, warnings } = parsed(
      `${head}services:\n${service('a')}${service('b')}dns: { example.dev: [${record('x')}] }\nexpect: [${assertion('a')}]\n`,
      { 'more.yaml': `# more\ndns: { example.dev: [${record('y')}] }\nexpect:\n  - ${assertion('b')}\n` },
    );
    expect(warnings).toEqual([]);
    expect(config.records.map(({ name }) => name)).toEqual(['x.example.dev', 'y.example.dev']);
    expect(config.expectations).toMatchObject([
      { key: 'expect[0]', line: 10 },
      { key: 'expect[0]', line: 4, file: 'more.yaml' },
    ]);
  });

  it('leaves the values of gates.yaml as they are when it has the key __proto__', () => {
    const [mistake] = mistakesOf(head, { 'a.yaml': '__proto__: { services: {} }\n' });
    expect(mistake).toMatchObject({ file: 'a.yaml', line: 1, rule: 'unknown-key' });
  });
});

describe('a mistake', () => {
  it('has the place in the included file', () => {
    expect(
      mistakesOf(head, { 'a.yaml': `services:\n${service('a').replace('origin', 'orign')}` }).map(shown),
    ).toEqual([expect.stringMatching(/^a\.yaml:2:\d+ services\.a\.orign: unknown key "orign"/)]);
  });

  it('has the index that an entry has in its own file', () => {
    const main = `${head}dns: { example.dev: [{ type: A, name: x, content: 192.0.2.1 }] }\n`;
    const [mistake] = mistakesOf(main, {
      'a.yaml': 'dns:\n  example.dev:\n    - { type: A, name: y, content: 192.0.2.300 }\n',
    });
    expect(mistake).toMatchObject({ file: 'a.yaml', line: 3, path: 'dns["example.dev"][0].content' });
  });

  it('of a value that cannot be read is reported once, in a list that continues another one', () => {
    const main = `${head}dns: { example.dev: [{ type: A, name: x, content: 192.0.2.1 }] }\n`;
    expect(
      mistakesOf(main, { 'a.yaml': 'dns: { example.dev: [{ type: A, name: y, content: *x }] }\n' }).map(
        shown,
      ),
    ).toEqual([expect.stringMatching(/^a\.yaml:1:\d+ .*no anchor "x" before this alias/)]);
  });

  it('of a name that no file declares is shown once, with the places in all files', () => {
    const text = (name: string) => `services:\n${service(name).replace('app', 'ap')}`;
    const mistakes = mistakesOf(head, { 'a.yaml': text('a'), 'b.yaml': text('b') });
    expect(mistakes).toMatchObject([{ file: 'a.yaml', line: 2, also: [{ file: 'b.yaml', line: 2 }] }]);
  });

  it('is two services with one host, in whatever files', () => {
    const mistakes = mistakesOf(`${head}services:\n${service('a')}`, {
      'b.yaml': `services:\n${service('b', 'a')}`,
    });
    expect(mistakes.map(({ file, code }) => [file, code])).toEqual([['b.yaml', 'G115']]);
  });

  it('is a broken assertion, after those of gates.yaml', () => {
    const files = {
      'a.yaml': 'expect:\n  - { url: "https://a.example.dev/", as: anonymous, verdict: deny }\n',
    };
    const mistakes = mistakesOf(`${head}services:\n${service('a')}`, files);
    expect(mistakes).toMatchObject([{ code: 'G122', file: 'a.yaml', line: 2, path: 'expect[0]' }]);
  });
});

describe('an included file is refused', () => {
  it('when it has a name that another file has, with both places', () => {
    const files = { 'a.yaml': `services:\n${service('x')}`, 'b.yaml': `\nservices:\n${service('x', 'y')}` };
    expect(mistakesOf(head, files).map(shown)).toEqual([
      'b.yaml:3:3 services.x: the key "x" occurs in two files (keep one of them; the first is in a.yaml on line 2)',
    ]);
    const main = `${head}services:\n${service('x')}`;
    expect(mistakesOf(main, { 'a.yaml': files['a.yaml'] }).map(shown)).toEqual([
      'a.yaml:2:3 services.x: the key "x" occurs in two files (keep one of them; the first is in gates.yaml on line 7)',
    ]);
  });

  it.each(['version: 1', 'owner: x', 'include: [x.yaml]', 'reconcile: {}', 'waf: {}'])(
    'when it has %s, which only gates.yaml may have',
    (text) => {
      const [mistake] = mistakesOf(head, { 'a.yaml': `${text}\n` });
      expect(mistake).toMatchObject({ rule: 'not-included', file: 'a.yaml', line: 1, column: 1 });
    },
  );

  it.each([
    ['', 'file-empty', 'the file is empty'],
    ['a: [\n', 'yaml-syntax', 'a bracket that was opened before is not closed'],
    ['- a\n', 'wrong-value', 'an included file is a map of sections'],
    ['origins: []\n', 'wrong-value', 'origins is a map'],
    ['services: []\n', 'wrong-value', ''],
    ['waff: []\n', 'unknown-key', 'unknown key "waff"'],
    ['expect: {}\n', 'wrong-value', ''],
    ['dns: { example.dev: x }\n', 'wrong-value', ''],
    ['a: \u0007\n', 'file-unreadable', 'a control character is not allowed here'],
  ])('when it is %j', (text, rule, message) => {
    const mistakes = mistakesOf(head, { 'a.yaml': text });
    expect(mistakes).toMatchObject([{ rule, file: 'a.yaml', line: expect.any(Number) }]);
    expect(mistakes[0]?.message).toContain(message);
  });

  it.each([
    ['expect: []\n', 'expect: {}\n', 'expect is a list'],
    ['dns: { example.dev: [] }\n', 'dns: { example.dev: x }\n', 'dns["example.dev"] is a list'],
    ['other: 1\n', 'other: 2\n', 'other has no meaning here'],
  ])('when gates.yaml has %j and it has %j', (main, text, message) => {
    const mistakes = mistakesOf(`${head}${main}`, { 'a.yaml': text });
    expect(mistakes).toContainEqual(expect.objectContaining({ file: 'a.yaml', line: 1, message }));
  });

  it.each([
    ['services: 1\n', `services:\n${service('a')}`, 'services'],
    ['dns: { example.dev: 1 }\n', 'dns: { example.dev: [] }\n', 'dns["example.dev"]'],
  ])('no further when gates.yaml has the mistake %j', (main, text, path) => {
    const mistakes = mistakesOf(`${head}${main}`, { 'a.yaml': text });
    expect(mistakes.map((each) => [each.file, each.path])).toEqual([[undefined, path]]);
  });

  it('when all files together are larger than 1 MiB', () => {
    const text = `# ${'x'.repeat(600_000)}\ndns: {}\n`;
    expect(mistakesOf(head, { 'a.yaml': text, 'b.yaml': text })).toMatchObject([
      { rule: 'include-refused', message: 'all files together are larger than 1 MiB', line: 3 },
    ]);
  });

  it('when all files together have too many words or too many values of aliases', () => {
    const many = (name: string) => `groups: { ${name}: &a [${'1,'.repeat(120_000)}] }\n`;
    const files = { 'a.yaml': many('a'), 'b.yaml': many('b'), 'c.yaml': many('c') };
    expect(mistakesOf(head, files)).toMatchObject([{ file: 'b.yaml', rule: 'yaml-feature' }]);
    const aliases = (name: string) => {
      return `groups: { ${name}: { x: &a [${'1,'.repeat(1000)}], y: [${'*a,'.repeat(60)}] } }\n`;
    };
    const found = mistakesOf(head, { 'a.yaml': aliases('a'), 'b.yaml': aliases('b') });
    expect(found.filter(({ rule }) => rule === 'yaml-feature')).toMatchObject([
      { file: 'b.yaml', message: 'the aliases of this file expand to too much' },
    ]);
  });
});

describe('an entry of include is refused', () => {
  it.each([
    ['/etc/gates.yaml', 'is an absolute path'],
    ['../gates.yaml', 'leads out of the folder of gates.yaml'],
    ['a/../b.yaml', 'leads out of the folder of gates.yaml'],
    ['./a.yaml', 'has an empty part or a `.`'],
    ['a//b.yaml', 'has an empty part or a `.`'],
    ['*/a.yaml', 'has more than a `*` in its file name'],
    ['**/*.yaml', 'has more than a `*` in its file name'],
    ['*a*.yaml', 'has more than a `*` in its file name'],
    ['a?.yaml', 'has a character that file names here cannot have'],
    ['a\\b.yaml', 'is not a path of a file'],
    ['a.json', 'does not end in .yaml'],
    ['a/', 'has an empty part or a `.`'],
    ['a/*.yaml', 'no file matches'],
  ])('when it is %s', (entry, message) => {
    const main = head.replace('"*.yaml"', `'${entry}'`);
    const mistakes = mistakesOf(main, { 'a.yaml': `services:\n${service('a')}` });
    expect(mistakes).toMatchObject([{ rule: 'include-refused', line: 3, column: 11, path: 'include[0]' }]);
    expect(mistakes[0]?.message).toContain(message);
  });

  it('when there are more than 100', () => {
    const entries = Array.from({ length: 102 }, () => 'a.yaml').join(', ');
    const mistakes = mistakesOf(head.replace('"*.yaml"', entries), { 'a.yaml': 'dns: {}\n' });
    expect(mistakes).toMatchObject([{ path: 'include[100]', message: 'more than 100 entries' }]);
  });

  it.each(['[1]', '[""]', 'a.yaml', 'null'])('when include is %s, by the schema', (include) => {
    const mistakes = mistakesOf(head.replace('["*.yaml"]', include), {});
    expect(mistakes).toMatchObject([{ line: 3, path: expect.stringMatching(/^include/) }]);
  });

  it('when its file does not exist', () => {
    const bytes = Buffer.from(head.replace('*', 'a'));
    const included = [{ file: 'a.yaml', refusal: 'does not exist', hint: 'commit the file' }];
    const read = checkedConfig(packFiles({ main: bytes, patterns: ['a.yaml'], included }));
    expect(read).toMatchObject({ mistakes: [{ message: 'a.yaml does not exist', line: 3 }] });
  });

  it('when gates could not find it without reading the whole file', () => {
    const text = `{ ${head.trim().replaceAll('\n', ',\n').replace('include', '"include"')} }\n`;
    expect(mistakesOf(text, {})).toMatchObject([{ message: 'gates did not look for "*.yaml"' }]);
  });
});

describe('the section include', () => {
  it.each([
    ['include: [a.yaml, "b.yaml"] # two\nowner: x\n', ['a.yaml', 'b.yaml']],
    ['owner: x\ninclude:\n- a.yaml\n# a comment\n\n- b.yaml\nservices: {}\n', ['a.yaml', 'b.yaml']],
    ['include:\r\n  - a.yaml\r\nowner: x\r\n', ['a.yaml']],
    ['include: [\n  a.yaml,\n]\nowner: x\n', ['a.yaml']],
    ['include: a.yaml\n', []],
    ['include:\n', []],
    ['include: [\n', []],
    ['a:\n  include: [a.yaml]\n', []],
    ['include: [a.yaml]\n---\nx: {\n', ['a.yaml']],
  ])('of %j has the entries %j', (text, entries) => {
    expect(includeEntries(Buffer.from(text))).toEqual(entries);
  });
});
