import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { GitFiles } from '../../clients/git/git.ts';
import { ConfigError } from '../../core/errors.ts';
import { longestLag } from '../../core/longest-lag.ts';
import { namedVariables } from './named-variables.ts';
import { redactor } from './terminal.ts';

/** The settings in the environment, with defaults. After the reading, the environment no longer contains secrets. */
export interface Settings {
  /** Name of the account, in a file with several. */
  readonly account: string | undefined;
  readonly cloudflareToken: string | undefined;
  /** The token for Workers, which only a file with `identityHeader` needs. */
  readonly workersToken: string | undefined;
  readonly cloudflareBaseUrl: string | undefined;
  /** The address to which probes go instead of the one that their name resolves to. */
  readonly probeEdge: string | undefined;
  /** Milliseconds that a write may take to reach all parts of the edge. */
  readonly edgeLag: number;
  readonly authentikToken: string | undefined;
  /** Overrides `authentik.url` of the file. */
  readonly authentikUrl: string | undefined;
  readonly stateDir: string;
  /** The folder of what belongs to one account: the state folder itself, if the account has no name. */
  readonly accountDir: string;
  /** The variables that hold the tokens, for messages. */
  readonly tokenVariables: {
    readonly cloudflare: string;
    readonly workers: string;
    readonly authentik: string;
  };
  /** Variables with the name of an account or a server at their end, with their values. */
  readonly named: ReadonlyMap<string, string>;
  readonly vaultKey: string | undefined;
  readonly repository: string | undefined;
  readonly branch: string;
  readonly file: string;
  readonly gitToken: string | undefined;
  /** Paths of the files for git, if they are set. */
  readonly gitFiles: GitFiles;
  readonly listen: string;
  readonly hooksListen: string;
  /** Names of this machine under which its status may be requested; lower case. */
  readonly statusHosts: readonly string[];
  /** The mode of the status page; undefined: on if the listener is on loopback. */
  readonly statusPage: (typeof pageModes)[number] | undefined;
  readonly webhookSecret: string | undefined;
  /** The token for commit statuses, and for comments under pull requests. */
  readonly forgeToken: string | undefined;
  /** The kind of forge, if its host does not say it. */
  readonly forge: (typeof forges)[number] | undefined;
  /** The address of the repository on the forge, if the clone address differs. */
  readonly forgeUrl: string | undefined;
  /** Names of the secret variables that contained a secret themselves. */
  readonly secretVariables: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty' | undefined;
}

const secretNames = [
  'CLOUDFLARE_API_TOKEN',
  'CLOUDFLARE_WORKERS_TOKEN',
  'AUTHENTIK_TOKEN',
  'GATES_GIT_TOKEN',
  'GATES_WEBHOOK_SECRET',
  'GATES_FORGE_TOKEN',
  'GATES_VAULT_KEY',
] as const;

type SecretName = (typeof secretNames)[number];

const forges = ['github', 'gitlab', 'gitea', 'forgejo'] as const;

/** `addresses`: on, with email addresses. */
const pageModes = ['on', 'off', 'addresses'] as const;

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/**
 * Reads the environment once; an empty variable counts as unset. `X_FILE` names a file that holds X. The secret
 * variables are deleted from the environment, so that no child process and no crash report contains them.
 * @throws ConfigError for an unreadable file and for invalid values.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const secrets = new Map<SecretName, string | undefined>();
  const named = namedVariables(environment, (name) => readSecret(environment, name));
  const secretVariables = [...secretNames, ...named.secrets].filter((name) => environment[name]);
  for (const name of secretNames) {
    const secret = readSecret(environment, name);
    // Registered even if the file does not use them: no output may contain any of them.
    if (secret !== undefined) redactor.register(secret);
    secrets.set(name, secret);
    delete environment[name];
  }
  for (const name of named.secrets) {
    const secret = named.values.get(name);
    if (secret !== undefined) redactor.register(secret);
    delete environment[name];
  }
  const stateDir = environment.GATES_STATE_DIR || defaultStateDir(environment);
  return {
    account: undefined,
    cloudflareToken: secrets.get('CLOUDFLARE_API_TOKEN'),
    workersToken: secrets.get('CLOUDFLARE_WORKERS_TOKEN'),
    cloudflareBaseUrl: baseUrl(
      environment,
      'CLOUDFLARE_BASE_URL',
      'It begins with https:// and ends in /client/v4; without it, the real API is meant',
    ),
    authentikToken: secrets.get('AUTHENTIK_TOKEN'),
    authentikUrl: baseUrl(
      environment,
      'AUTHENTIK_URL',
      'It begins with http:// or https://, as in http://authentik.lan:9000; without it, the file says it',
    ),
    probeEdge: baseUrl(
      environment,
      'GATES_PROBE_EDGE',
      'It is http(s)://host:port, without a path; without it, probes go where the names of the hosts lead',
    ),
    edgeLag: readEdgeLag(environment),
    stateDir,
    accountDir: stateDir,
    tokenVariables: {
      cloudflare: 'CLOUDFLARE_API_TOKEN',
      workers: 'CLOUDFLARE_WORKERS_TOKEN',
      authentik: 'AUTHENTIK_TOKEN',
    },
    named: named.values,
    vaultKey: secrets.get('GATES_VAULT_KEY'),
    repository: environment.GATES_REPOSITORY || undefined,
    branch: environment.GATES_BRANCH || 'main',
    file: environment.GATES_FILE || 'gates.yaml',
    gitToken: secrets.get('GATES_GIT_TOKEN'),
    gitFiles: {
      ...given('sshKey', environment.GATES_GIT_SSH_KEY_FILE),
      ...given('knownHosts', environment.GATES_GIT_KNOWN_HOSTS_FILE),
      ...given('allowedSigners', environment.GATES_GIT_ALLOWED_SIGNERS_FILE),
      ...given('keyring', environment.GATES_GIT_KEYRING_FILE),
    },
    listen: environment.GATES_LISTEN || '127.0.0.1:8420',
    hooksListen: environment.GATES_HOOKS_LISTEN || '127.0.0.1:8421',
    statusHosts: (environment.GATES_STATUS_HOSTS ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
    statusPage: oneOf(environment, 'GATES_STATUS_PAGE', pageModes),
    webhookSecret: secrets.get('GATES_WEBHOOK_SECRET'),
    forgeToken: secrets.get('GATES_FORGE_TOKEN'),
    forge: oneOf(environment, 'GATES_FORGE', forges),
    forgeUrl: environment.GATES_FORGE_URL || undefined,
    secretVariables,
    logLevel: oneOf(environment, 'GATES_LOG_LEVEL', logLevels) ?? 'info',
    logFormat: oneOf(environment, 'GATES_LOG_FORMAT', ['json', 'pretty'] as const),
  };
}

function given(name: keyof GitFiles, file: string | undefined): GitFiles {
  return file === undefined || file === '' ? {} : { [name]: file };
}

function readSecret(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${name}_FILE cannot be read`, {
      hint: `Check that ${file} exists and is readable`,
      cause,
    });
  }
}

function baseUrl(
  environment: NodeJS.ProcessEnv,
  name: 'CLOUDFLARE_BASE_URL' | 'AUTHENTIK_URL' | 'GATES_PROBE_EDGE',
  hint: string,
): string | undefined {
  const variables = Object.keys(environment).filter((each) => each === name || each.startsWith(`${name}_`));
  for (const variable of variables) {
    const text = environment[variable];
    if (text && (!/^https?:\/\//.test(text) || !URL.canParse(text))) {
      throw new ConfigError(`${variable} is not an address`, { hint });
    }
  }
  return environment[name] || undefined;
}

function readEdgeLag({ GATES_EDGE_LAG: text }: NodeJS.ProcessEnv): number {
  if (text === undefined || text === '') return longestLag;
  if (!/^\d+$/.test(text)) {
    throw new ConfigError('GATES_EDGE_LAG is no number', { hint: 'It is milliseconds, as in 0' });
  }
  return Number(text);
}

/**
 * Only for an edge that is played on this machine may somebody set a shorter lag than the real one.
 * @throws ConfigError for the real edge, or one elsewhere.
 */
export function requireOwnEdge({ edgeLag, cloudflareBaseUrl: api }: Settings): void {
  if (edgeLag === longestLag) return;
  if (!api || !/^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(api).hostname)) {
    throw new ConfigError('GATES_EDGE_LAG is for a sandbox on this machine, and Cloudflare is meant', {
      hint: 'Unset it: gates would not wait until what it wrote has reached the edge',
    });
  }
}

function oneOf<Value extends string>(
  environment: NodeJS.ProcessEnv,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const value = values.find((candidate) => candidate === text);
  if (value === undefined)
    throw new ConfigError(`${name} is not understood`, { hint: `It is one of ${values.join(', ')}` });
  return value;
}

function defaultStateDir(environment: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return '/var/lib/gates';
  return path.join(environment.XDG_STATE_HOME || path.join(homedir(), '.local', 'state'), 'gates');
}
