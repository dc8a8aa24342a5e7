// Collects the notices of bundled packages: most licenses demand that every copy of the code contains their text.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folders of the packages of these files, each once, in order: `a/node_modules/@b/c/d.js` belongs to
 * `a/node_modules/@b/c`.
 * @param {readonly string[]} files
 */
export function packageFolders(files) {
  const folders = files.flatMap((file) => file.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []);
  return [...new Set(folders)].sort();
}

/**
 * The license and notice files of a package, also in its subfolders, since a package may contain code of another one.
 * @param {string} folder
 */
async function licenseFiles(folder) {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(path.basename(file)))
    .filter((file) => !file.split(path.sep).includes('node_modules'))
    .sort();
}

/**
 * One section for each package whose files are bundled: name, version, license, and the text of its license files.
 * Throws if a package has none, because nobody may pass on its code then.
 * @param {readonly string[]} files paths of all files in the bundle
 */
export async function notices(files) {
  const sections = packageFolders(files).map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    const found = await licenseFiles(folder);
    if (found.length === 0) {
      throw new Error(`${name} ${version} has no license file in ${folder}: bundle another package instead`);
    }
    const texts = await Promise.all(found.map((file) => readFile(path.join(folder, file), 'utf8')));
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts.map((text) => text.trim())].join(
      '\n\n',
    );
  });
  return `${(await Promise.all(sections)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
