import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigError } from '../../core/errors.ts';
import { refusals, type SignerKey } from './refusal.ts';
import type { CommitSignature, SignatureCheck } from './signature.ts';

/** The end of the year 9999, the last that a time of 14 digits can express. */
const LAST_SECOND = 253_402_300_799;

/**
 * Judges the signature of an ssh key by a file of allowed signers, with `ssh-keygen`. The key must be good at the
 * commit's own time, as git demands, *and* when the commit was first read here: the author of a commit chooses the
 * first time, and an old date must not revive a stolen key that has expired.
 */
export async function checkSshSignature(
  signature: CommitSignature,
  { allowed, read, scratch, run }: SignatureCheck & { readonly allowed: string },
): Promise<ConfigError | undefined> {
  const file = path.join(scratch, 'commit.sig');
  await writeFile(file, signature.text);
  const about = ['-n', 'git', '-s', file];
  const whole = await run('ssh-keygen', ['-Y', 'check-novalidate', ...about], signature.payload);
  const name = /with (\S+ key \S+)/.exec(whole.stdout.toString('utf8'))?.[1];
  const inTime = signature.committed >= 0 && signature.committed <= LAST_SECOND;
  if (whole.code !== 0 || name === undefined || !inTime) return refusals.broken();

  async function judge(seconds: number): Promise<ConfigError | undefined> {
    const at = ['-f', allowed, `-Overify-time=${digits(seconds)}`];
    const found = await run('ssh-keygen', ['-Y', 'find-principals', '-s', file, ...at]);
    const owners = found.code === 0 ? found.stdout.toString('utf8').split('\n').filter(Boolean) : [];
    let said = found.said;
    for (const owner of owners) {
      const verified = await run(
        'ssh-keygen',
        ['-Y', 'verify', '-I', owner, ...about, ...at],
        signature.payload,
      );
      if (verified.code === 0) return undefined;
      said += `\n${verified.said}`;
    }
    return refusalFor(said, { name: name ?? '' });
  }

  return (await judge(signature.committed)) ?? (await judge(Math.floor(read.getTime() / 1000)));
}

/** Reads the words of ssh-keygen, which speaks only English. */
function refusalFor(output: string, key: SignerKey): ConfigError {
  const ended = /has expired: .*valid-before (\S+)/.exec(output)?.[1];
  if (ended !== undefined || output.includes('has expired')) {
    return refusals.expired(
      key,
      `allowed until ${ended ?? 'an earlier time'} UTC by GATES_GIT_ALLOWED_SIGNERS_FILE`,
    );
  }
  const begins = /not yet valid: .*valid-after (\S+)/.exec(output)?.[1];
  if (begins !== undefined || output.includes('not yet valid')) {
    return refusals.early(
      key,
      `allowed from ${begins ?? 'a later time'} UTC by GATES_GIT_ALLOWED_SIGNERS_FILE`,
    );
  }
  const line = output.split('\n').find((candidate) => /:\d+: /.test(candidate));
  const remark =
    line === undefined ? '' : ` (ssh-keygen: ${line.replace(/^.*?(?=:\d+: )/, 'line').replace(':', ' ')})`;
  return refusals.foreign(key, 'the file of GATES_GIT_ALLOWED_SIGNERS_FILE', remark);
}

/** A time in the form of ssh-keygen, in the time zone in which it runs: UTC. */
function digits(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
}
