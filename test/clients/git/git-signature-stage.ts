import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { type AcceptedRevision, gitSource } from '../../../src/clients/git/git.ts';
import type { SignerFiles } from '../../../src/clients/git/signers.ts';
import { describeError } from '../../../src/core/errors.ts';
import type { Program } from '../../support/programs.ts';
import {
  createSignedForge,
  type GpgHome,
  gpgHome,
  type SignedForge,
  type Signer,
  sshSigner,
} from './git-signing.ts';

/** A forge, people who sign commits, and a daemon that judges what they push. */
export interface SignatureStage {
  readonly forge: SignedForge;
  readonly gpg: GpgHome;
  readonly root: string;
  /** `ada` may sign and `eve` may not, with ssh keys; `grace` and `mallory` the same with GPG keys. */
  who(name: string): Signer;
  /** Returns a path that does not exist yet. */
  fresh(name: string): string;
  /** Writes the file of allowed signers, with one line for Ada's key that begins with `options`. */
  allowed(options?: string): string;
  keyring(...names: readonly string[]): string;
  /** Returns a PATH that has git but no program that checks signatures. */
  pathOfGit(): string;
  /** Reads the head of the forge, and returns `followed`, or why the daemon did not follow it. */
  judged(
    files: SignerFiles,
    more?: {
      readonly accepted?: AcceptedRevision;
      readonly environment?: NodeJS.ProcessEnv;
      readonly repository?: string;
    },
  ): Promise<string>;
  close(): void;
}

/** The programs that make the keys of the stage, sign with them, and check the signatures. */
export const SIGNING_PROGRAMS = [
  'gpg',
  'gpg-agent',
  'gpgconf',
  'ssh-keygen',
] as const satisfies readonly Program[];

/** A file without content; only its signer counts. */
export const FILE = { 'gates.yaml': 'version: 1\n' };

export function signatureStage(): SignatureStage {
  const root = mkdtempSync(path.join(tmpdir(), 'gates-'));
  const forge = createSignedForge(root);
  const gpg = gpgHome(root);
  const people: Readonly<Record<string, Signer>> = {
    ada: sshSigner(root, 'ada'),
    eve: sshSigner(root, 'eve'),
    grace: gpg.signer('grace@example.dev'),
    mallory: gpg.signer('mallory@example.net'),
  };
  let count = 0;
  const who = (name: string) => {
    const signer = people[name];
    if (signer === undefined) throw new Error(`nobody is called ${name}`);
    return signer;
  };
  const fresh = (name: string) => {
    count += 1;
    return path.join(root, `${name}-${count}`);
  };
  return {
    forge,
    gpg,
    root,
    who,
    fresh,
    allowed(options = '') {
      const file = fresh('allowed');
      writeFileSync(file, `# who may sign\nada@example.dev ${options} ${who('ada').publicKey}\n`);
      return file;
    },
    keyring: (...names) => gpg.keyring(fresh('keyring'), names.map(who)),
    pathOfGit() {
      const directory = fresh('bin');
      mkdirSync(directory);
      for (const program of ['git', 'sh']) {
        const found = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
        symlinkSync(realpathSync(found), path.join(directory, program));
      }
      return directory;
    },
    async judged(files, more = {}) {
      const directory = fresh('copy');
      const git = gitSource({
        repository: more.repository ?? forge.bare,
        branch: 'main',
        file: 'gates.yaml',
        directory,
        environment: more.environment ?? process.env,
        files,
      });
      const { file } = await git.read(undefined, more.accepted);
      expect(readdirSync(directory).filter((name) => name.startsWith('signature-'))).toEqual([]);
      return 'bytes' in file ? 'followed' : describeError(file.error);
    },
    close() {
      gpg.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
