import { ProgramFailure, runProgram } from '../../clients/git/process.ts';
import { ConfigError } from '../../core/errors.ts';
import type { JobForge } from '../../init/ci-job.ts';
import { forgeOfRepository } from '../surroundings/forge-place.ts';

/** The forge of the remote, or the reason why there is no job. */
export type JobPlace = { readonly forge: JobForge } | { readonly without: string };

/** The forge for whose jobs `gates init` writes one: the one that `--forge` names, or that of the remote. */
export async function jobPlace(
  folder: string,
  named: JobForge | undefined,
  signal: AbortSignal,
): Promise<JobPlace> {
  const prefix = await gitSays(['rev-parse', '--show-prefix'], folder, signal);
  if (prefix !== undefined && prefix !== '')
    return { without: 'forges look for jobs in the topmost folder of the repository, and this is another' };
  if (named !== undefined) return { forge: named };
  if (prefix === undefined) return { without: 'this folder is no git repository' };
  const address = await remoteOf(folder, signal);
  if (address === undefined) return { without: 'the repository has no remote' };
  try {
    const { forge } = forgeOfRepository(address, undefined);
    return { forge: forge === 'gitea' && address.includes('codeberg.org') ? 'forgejo' : forge };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { without: 'the address of the remote does not say which forge it is: give --forge' };
  }
}

/** The address of the remote `origin`, or of the only remote. It may contain a credential: nobody prints it. */
async function remoteOf(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const text = await gitSays(['config', '--get-regexp', '^remote\\..*\\.url$'], folder, signal);
  const remotes = (text ?? '').split('\n').flatMap((line) => {
    const [, name, address] = /^remote\.(.+)\.url (.+)$/.exec(line) ?? [];
    return name === undefined || address === undefined ? [] : [{ name, address }];
  });
  const [only, ...others] = remotes;
  return (remotes.find(({ name }) => name === 'origin') ?? (others.length === 0 ? only : undefined))?.address;
}

/** The output of git; undefined if it fails, as outside of a repository, or if there is no git. */
async function gitSays(
  args: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { PATH = '', HOME = '' } = process.env;
  try {
    const end = await runProgram('git', args, {
      directory: folder,
      environment: { PATH, HOME, LC_ALL: 'C' },
      timeout: 10_000,
      maxBytes: 65_536,
      signal,
    });
    return end.code === 0 ? end.stdout.toString('utf8').trim() : undefined;
  } catch (error) {
    if (error instanceof ProgramFailure && error.reason === 'missing') return undefined;
    throw error;
  }
}
