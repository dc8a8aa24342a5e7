import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Config } from '../../src/config/model/config.ts';
import { includeEntries } from '../../src/config/yaml/include-section.ts';
import { LISTS, MAPS } from '../../src/config/yaml/sections.ts';
import { packFiles } from '../../src/core/sources/source-files.ts';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import { designExample, sampleText, type Tree } from './sample-file.ts';

/** The file with each entry in a file of its own. */
function split(text: string): Uint8Array {
  const tree: Tree = parse(text);
  const parts: Tree[] = [];
  for (const section of [...MAPS, ...LISTS]) {
    for (const [key, entry] of Object.entries<Tree>(tree[section] ?? {})) {
      if (LISTS.has(section)) parts.push({ [section]: [entry] });
      else if (section !== 'dns') parts.push({ [section]: { [key]: entry } });
      else for (const record of entry) parts.push({ dns: { [key]: [record] } });
    }
    delete tree[section];
  }
  const main = Buffer.from(stringify({ ...tree, include: ['*.yaml'] }));
  const included = parts.map((part, index) => {
    const file = `${String(index).padStart(4, '0')}.yaml`;
    return { file, bytes: Buffer.from(stringify(part, { aliasDuplicateObjects: false })) };
  });
  return packFiles({ main, patterns: includeEntries(main), included });
}

function configOf(source: Uint8Array | string): Config {
  const read = checkedConfig(source);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes, undefined, 1));
  const { config } = read.parsed;
  // Only the places of assertions say how the files were split.
  const expectations = config.expectations.map((each) => ({ ...each, file: 0, line: 0, column: 0, key: 0 }));
  return { ...config, expectations: expectations as never };
}

it.each([
  ['the sample', sampleText],
  ['the example of the design', designExample],
])('%s means the same when each entry has its own file', (_, text) => {
  const packed = split(text);
  expect(configOf(packed)).toEqual(configOf(text));
  expect([...configOf(packed).services.keys()]).toEqual([...configOf(text).services.keys()]);
});
