import path from 'node:path';
import { type GitFiles, type GitSource, gitSource } from '../../clients/git/git.ts';
import type { Redactor } from '../../clients/redaction.ts';
import { includeEntries } from '../../config/yaml/include-section.ts';

/** The watched repository, and what gates needs to read it. */
export interface RepositorySettings {
  readonly stateDir: string;
  readonly repository: string;
  readonly branch: string;
  /** Path of gates.yaml in the repository. */
  readonly file: string;
  readonly gitToken?: string | undefined;
  readonly gitFiles?: GitFiles | undefined;
  /** The environment for git; see the git client. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The repository, read through its copy in the state folder, which only one process at a time may use: in its turn.
 * Throws ConfigError for an unusable address, or unusable files of it.
 */
export function openRepository(settings: RepositorySettings, redactor: Redactor): GitSource {
  const { repository, branch, file, environment, gitToken, gitFiles: files = {} } = settings;
  const directory = path.join(settings.stateDir, 'repository');
  const token = gitToken === undefined ? {} : { token: gitToken };
  const git = gitSource({
    ...{ repository, branch, file, environment, directory, files, includeEntries },
    ...token,
  });
  for (const secret of git.secrets) redactor.register(secret);
  return git;
}
