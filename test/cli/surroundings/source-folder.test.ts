import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readGatesFile } from '../../../src/cli/surroundings/file.ts';
import { unpackFiles } from '../../../src/core/sources/source-files.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

it('gates.yaml on the disk is read with the files that it includes, and no link is followed', async () => {
  const root = temporaryDirectory();
  const at = (name: string) => path.join(root, name);
  mkdirSync(at('home/services/folder.yaml'), { recursive: true });
  mkdirSync(at('real'));
  const main =
    'include: ["services/*.yaml", dns.yaml, large.yaml, link.yaml, "linked/*.yaml", linked/a.yaml]\n';
  writeFileSync(at('home/gates.yaml'), main);
  writeFileSync(at('home/services/a.yaml'), 'a');
  writeFileSync(at('home/large.yaml'), 'x'.repeat(1024 * 1024));
  writeFileSync(at('real/a.yaml'), 'secret');
  symlinkSync('../real/a.yaml', at('home/link.yaml'));
  symlinkSync('../real', at('home/linked'));
  const { included } = unpackFiles(await readGatesFile(at('home/gates.yaml')));
  const shown = included.map((each) =>
    'bytes' in each ? `${each.file}: ${Buffer.from(each.bytes)}` : `${each.file} ${each.refusal}`,
  );
  expect(shown).toEqual([
    'dns.yaml does not exist',
    'large.yaml makes all files together larger than 1 MiB',
    'link.yaml is not a plain file in plain folders',
    'linked/a.yaml is not a plain file in plain folders',
    'services/a.yaml: a',
    'services/folder.yaml is not a plain file in plain folders',
  ]);
});
