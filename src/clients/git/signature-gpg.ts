import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../../core/errors.ts';
import { refusals } from './refusal.ts';
import type { CommitSignature, SignatureCheck } from './signature.ts';

/** No settings of the machine, no questions, no network, no agent. */
const ALONE = ['--no-options', '--batch', '--no-tty', '--quiet', '--no-autostart', '--disable-dirmngr'];

/**
 * Judges the signature of a GPG key by a keyring, with `gpg` in a home of its own that contains only that keyring.
 * Every key of it is trusted, none is fetched. The key must have been good when the commit was first read here. Throws
 * ConfigError for a keyring that gpg cannot read.
 */
export async function checkGpgSignature(
  signature: CommitSignature,
  { keyring, read, isPast, scratch, run }: SignatureCheck & { readonly keyring: string },
): Promise<ConfigError | undefined> {
  const home = path.join(scratch, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const file = path.join(scratch, 'commit.asc');
  await writeFile(file, signature.text);
  const gpg = ['--homedir', home, ...ALONE];
  const imported = await run('gpg', [...gpg, '--import', keyring]);
  if (imported.code !== 0) {
    throw new ConfigError('The keyring is not one that gpg can read', {
      hint: `Make it with gpg --export KEY > ${keyring}`,
      facts: { detail: imported.said.split('\n').at(-1) ?? '' },
    });
  }
  const then = isPast ? ['--faked-system-time', String(Math.floor(read.getTime() / 1000))] : [];
  const trust = ['--trust-model', 'always', '--no-auto-key-retrieve', '--status-fd', '1'];
  const verify = [...gpg, ...then, ...trust, '--verify', file, '-'];
  const { code, stdout } = await run('gpg', verify, signature.payload);
  return judge(stdout.toString('utf8'), code === 0);
}

/** Reads gpg's words for programs; everything that is not clearly good is refused. */
function judge(status: string, ended: boolean): ConfigError | undefined {
  const words = status
    .split('\n')
    .filter((line) => line.startsWith('[GNUPG:] '))
    .map((line) => line.split(' ').slice(1));
  const find = (word: string) => words.find(([first]) => first === word);
  const owner = (found: readonly string[]) => found.slice(2).join(' ');
  const fingerprint = find('VALIDSIG')?.[1] ?? find('ERRSIG')?.[7] ?? find('ERRSIG')?.[1] ?? 'unknown';
  const name = `GPG key ${fingerprint}`;

  const revoked = find('REVKEYSIG');
  if (revoked !== undefined) return refusals.revoked({ name, owner: owner(revoked) });
  const expired = find('EXPKEYSIG') ?? find('EXPSIG');
  if (expired !== undefined) {
    const ended = Number(find('KEYEXPIRED')?.[1]) * 1000;
    const day = Number.isNaN(ended) ? 'expired' : `expired on ${new Date(ended).toISOString().slice(0, 10)}`;
    return refusals.expired({ name, owner: owner(expired) }, day);
  }
  if (find('NO_PUBKEY') !== undefined)
    return refusals.foreign({ name }, 'the keyring of GATES_GIT_KEYRING_FILE');
  const hasOneSignature = words.filter(([first]) => first === 'NEWSIG').length === 1;
  const good = find('GOODSIG') !== undefined && find('VALIDSIG') !== undefined;
  return ended && hasOneSignature && good ? undefined : refusals.broken();
}
