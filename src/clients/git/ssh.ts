import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../core/errors.ts';
import type { SshPlace } from './repository-address.ts';

/** The files for a repository over ssh, as named by the environment. */
export interface SshFiles {
  /** `GATES_GIT_SSH_KEY_FILE`: a private key without a passphrase. */
  readonly sshKey?: string;
  /** `GATES_GIT_KNOWN_HOSTS_FILE`: the keys that identify the other side. */
  readonly knownHosts?: string;
}

/**
 * The ssh command that git uses: only this key, no agent, no settings of the machine or its users, only the hosts of
 * this file, and never a question.
 *
 * Throws ConfigError if a file is not given or cannot be read, and says what to do.
 */
export function sshCommand(place: SshPlace, { sshKey, knownHosts }: SshFiles): string {
  if (sshKey === undefined) {
    throw new ConfigError('No key for the repository over ssh', {
      hint: 'Make one with ssh-keygen -t ed25519 -N "" -f deploy-key, add deploy-key.pub to the repository as a deploy key that may read, and set GATES_GIT_SSH_KEY_FILE',
    });
  }
  if (knownHosts === undefined) {
    throw new ConfigError('No known hosts for the repository over ssh', { hint: scanHint(place) });
  }
  const options = {
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    IdentityFile: fileOption('GATES_GIT_SSH_KEY_FILE', sshKey),
    PreferredAuthentications: 'publickey',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: fileOption('GATES_GIT_KNOWN_HOSTS_FILE', knownHosts),
    GlobalKnownHostsFile: 'none',
    UpdateHostKeys: 'no',
    BatchMode: 'yes',
    ConnectTimeout: '15',
    ServerAliveInterval: '10',
    ServerAliveCountMax: '3',
  };
  const words = ['ssh', '-F', '/dev/null'];
  for (const [name, value] of Object.entries(options)) words.push('-o', `${name}=${value}`);
  return words.map(shellWord).join(' ');
}

/** Advice on how to make the file of known hosts. Only a person can tell whether the keys are the right ones. */
export function scanHint({ host, port }: SshPlace): string {
  const target = port === undefined ? host : `-p ${port} ${host}`;
  return `Run ssh-keyscan ${target} > known_hosts, compare what ssh-keygen -lf known_hosts prints with the fingerprints that the forge publishes, and set GATES_GIT_KNOWN_HOSTS_FILE to that file`;
}

/** A path as a value of ssh's own settings, which split at spaces and expand `%` and `${}`. */
function fileOption(variable: string, file: string): string {
  const absolute = path.resolve(file);
  if (/\p{Cc}|\$\{/u.test(absolute)) {
    throw new ConfigError(`${variable} is a path that ssh cannot be given`, {
      hint: 'Choose one without line breaks and without ${',
    });
  }
  try {
    accessSync(absolute, constants.R_OK);
  } catch (cause) {
    throw new ConfigError(`The file of ${variable} cannot be read`, {
      hint: `Check that ${absolute} exists and that the user of the daemon may read it`,
      cause,
    });
  }
  return `"${absolute.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
