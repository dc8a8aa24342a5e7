import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';

export type ObjectNames = 'sha1' | 'sha256';

export interface TreeFile {
  readonly mode: '100644' | '120000';
  readonly content: Buffer;
}

/** The objects of a bare repository as git writes them, without git: to start a program takes longer than most tests. */
export interface ObjectStore {
  /** Makes the object, and returns its name. */
  write(type: 'blob' | 'tree' | 'commit', content: Buffer): string;
  /** Content of an object that this store or git has made, as long as git has not packed it. */
  read(name: string): Buffer;
  /** Makes the tree of these files, by their paths, and returns its name. */
  writeTree(files: ReadonlyMap<string, TreeFile>): string;
  /** Writes every object that the repository lacks: a test may have removed the repository and made it again. */
  restore(): void;
  setBranch(branch: string, commit: string): void;
}

export function createObjectStore(bare: string, names: ObjectNames): ObjectStore {
  const made = new Map<string, Buffer>();
  const fileOf = (name: string) => path.join(bare, 'objects', name.slice(0, 2), name.slice(2));
  const save = (name: string, whole: Buffer) => {
    const file = fileOf(name);
    if (existsSync(file)) return;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, deflateSync(whole, { level: 1 }));
  };
  const write: ObjectStore['write'] = (type, content) => {
    const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
    const name = createHash(names).update(whole).digest('hex');
    made.set(name, whole);
    save(name, whole);
    return name;
  };
  const writeTree: ObjectStore['writeTree'] = (files) => {
    const below = new Map<string, Map<string, TreeFile>>();
    const entries: TreeEntry[] = [];
    for (const [name, file] of files) {
      const [folder = '', ...rest] = name.split('/');
      if (rest.length === 0) entries.push({ mode: file.mode, name, object: write('blob', file.content) });
      else below.set(folder, (below.get(folder) ?? new Map()).set(rest.join('/'), file));
    }
    for (const [name, inner] of below) entries.push({ mode: '40000', name, object: writeTree(inner) });
    return write('tree', Buffer.concat(entries.sort(byGit).map(entryBytes)));
  };
  return {
    write,
    writeTree,
    read: (name) => {
      const whole = made.get(name) ?? inflateSync(readFileSync(fileOf(name)));
      return whole.subarray(whole.indexOf(0) + 1);
    },
    restore: () => {
      for (const [name, whole] of made) save(name, whole);
    },
    setBranch: (branch, commit) => {
      const file = path.join(bare, 'refs/heads', branch);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${commit}\n`);
    },
  };
}

interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly object: string;
}

function entryBytes({ mode, name, object }: TreeEntry): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]);
}

/** Git sorts a folder as if its name ended in a slash. */
function byGit(one: TreeEntry, other: TreeEntry): number {
  const key = ({ mode, name }: TreeEntry) => Buffer.from(mode === '40000' ? `${name}/` : name);
  return Buffer.compare(key(one), key(other));
}

/** Makes an empty bare repository as `git init --bare` does, with the branch main. */
export function initBare(bare: string, names: ObjectNames): void {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    mkdirSync(path.join(bare, folder), { recursive: true });
  }
  const version = names === 'sha1' ? '0' : '1';
  const format = names === 'sha1' ? '' : '[extensions]\n\tobjectformat = sha256\n';
  writeFileSync(path.join(bare, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(
    path.join(bare, 'config'),
    `[core]\n\trepositoryformatversion = ${version}\n\tfilemode = true\n\tbare = true\n${format}`,
  );
}
