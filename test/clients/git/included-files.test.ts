import path from 'node:path';
import { expect, it } from 'vitest';
import { gitSource } from '../../../src/clients/git/git.ts';
import { includeEntries } from '../../../src/config/yaml/include-section.ts';
import { unpackFiles } from '../../../src/core/sources/source-files.ts';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

function source(forge: Forge, file: string) {
  const directory = path.join(temporaryDirectory(), 'repository');
  const options = { repository: forge.bare, branch: 'main', directory, environment: process.env };
  return gitSource({ ...options, file, includeEntries });
}

async function filesOf(read: ReturnType<ReturnType<typeof source>['read']>) {
  const { file } = await read;
  if ('error' in file) throw file.error;
  return unpackFiles(file.bytes).included.map((each) =>
    'bytes' in each ? `${each.file}: ${Buffer.from(each.bytes)}` : `${each.file} ${each.refusal}`,
  );
}

it.each(['', 'home/'])('a commit is read with the files that %sgates.yaml includes', async (folder) => {
  const forge = createForge();
  const first = forge.push({
    [`${folder}gates.yaml`]: 'include: [dns.yaml, "services/*.yaml", "*.yml", absent.yaml]\n',
    [`${folder}dns.yaml`]: 'dns',
    [`${folder}more.yml`]: 'more',
    [`${folder}services/a.yaml`]: 'a',
    [`${folder}services/.b.yaml`]: 'b',
    [`${folder}services/below/c.yaml`]: 'c',
    [`${folder}services/folder.yaml/d.yaml`]: 'd',
    'elsewhere.yml': 'e',
  });
  const git = source(forge, `${folder}gates.yaml`);
  const elsewhere = folder === '' ? ['elsewhere.yml: e'] : [];
  const rest = (a: string) => [
    ...['absent.yaml does not exist', 'dns.yaml: dns', ...elsewhere, 'more.yml: more'],
    ...[`services/a.yaml: ${a}`, 'services/folder.yaml is not a plain file in plain folders'],
  ];
  expect(await filesOf(git.read())).toEqual(rest('a'));
  forge.push({ [`${folder}services/a.yaml`]: 'changed' });
  expect(await filesOf(git.read())).toEqual(rest('changed'));
  const { earlier } = await git.readEarlier(first);
  expect(await filesOf(Promise.resolve(earlier))).toEqual(rest('a'));
});

it('no link of a commit is followed, and no pointer of Git LFS', async () => {
  const forge = createForge();
  forge.push({
    'gates.yaml': 'include: [link.yaml, "linked/*.yaml", linked/a.yaml, lfs.yaml]\n',
    'real/a.yaml': 'a',
    'lfs.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n',
  });
  forge.pushLink('link.yaml', 'real/a.yaml');
  forge.pushLink('linked', 'real');
  expect(await filesOf(source(forge, 'gates.yaml').read())).toEqual([
    'lfs.yaml is a pointer of Git LFS',
    'link.yaml is not a plain file in plain folders',
    'linked/a.yaml is not a plain file in plain folders',
  ]);
});
