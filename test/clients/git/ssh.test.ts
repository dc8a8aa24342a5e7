import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { explainGit, GitFailure } from '../../../src/clients/git/failure.ts';
import { gitSource } from '../../../src/clients/git/git.ts';
import { parseRepository } from '../../../src/clients/git/repository-address.ts';
import { scanHint, sshCommand } from '../../../src/clients/git/ssh.ts';
import {
  ConfigError,
  describeError,
  type GatesError,
  RejectedError,
  UnreachableError,
  UnsafeError,
} from '../../../src/core/errors.ts';
import { createForge } from '../../daemon/forge.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';
import { needs } from '../../support/programs.ts';

const PLACE = { host: 'forge.example', port: '2222' };

function filesIn(directory: string): { readonly sshKey: string; readonly knownHosts: string } {
  const [sshKey, knownHosts] = [path.join(directory, 'key'), path.join(directory, 'known_hosts')];
  writeFileSync(sshKey, 'a key', { mode: 0o600 });
  writeFileSync(knownHosts, '');
  return { sshKey, knownHosts };
}

/** Asks ssh which settings it takes from the command. */
function settingsOf(command: string): readonly string[] {
  const said = execFileSync('sh', ['-c', `${command} -T -G forge.example`], { encoding: 'utf8' });
  return said.split('\n');
}

describe('the address of a repository over ssh', () => {
  it.each([
    { repository: 'git@forge.example:home/gates.git', ssh: { host: 'forge.example' } },
    { repository: 'forge.example:gates.git', ssh: { host: 'forge.example' } },
    { repository: 'git@[2001:db8::1]:gates.git', ssh: { host: '2001:db8::1' } },
    { repository: 'ssh://git@forge.example/home/gates.git', ssh: { host: 'forge.example' } },
    { repository: 'ssh://git@forge.example:2222/gates.git', ssh: PLACE },
    { repository: 'ssh://git@[2001:db8::1]:2222/gates.git', ssh: { host: '2001:db8::1', port: '2222' } },
  ])('$repository is accepted, and git gets it unchanged', ({ repository, ssh }) => {
    expect(parseRepository(repository)).toEqual({ url: repository, protocols: 'ssh', ssh, secrets: [] });
  });

  it.each([
    { repository: 'ssh://-oProxyCommand=id/gates.git', because: 'the host would be an option of ssh' },
    { repository: '-oProxyCommand=id:gates.git', because: 'the host would be an option of ssh' },
    { repository: 'ssh://-x@forge.example/gates.git', because: 'the user would be an option of ssh' },
    { repository: 'ssh://%2Dx@forge.example/gates.git', because: 'so it would, written otherwise' },
    { repository: 'a@forge.example::sh', because: 'it would run a program' },
    { repository: 'ssh://forge.example', because: 'it names no repository' },
    { repository: 'git@forge.example:a\nb', because: 'no repository is called so' },
  ])('$repository is refused: $because', ({ repository }) => {
    expect(() => parseRepository(repository)).toThrow(ConfigError);
  });

  it('with a password is refused, and the error does not show the password', () => {
    const attempt = () => parseRepository('ssh://git:canary-pass@forge.example/gates.git');
    expect(attempt).toThrow(/holds a password/);
    expect(attempt).not.toThrow(/canary/);
  });
});

describe('the command of ssh for a repository', () => {
  it('asks nobody, trusts one file and offers one key, whatever the machine’s settings', needs('ssh'), () => {
    const files = filesIn(temporaryDirectory());
    expect(settingsOf(sshCommand(PLACE, files))).toEqual(
      expect.arrayContaining([
        'batchmode yes',
        'identitiesonly yes',
        'identityagent none',
        `identityfile ${files.sshKey}`,
        'stricthostkeychecking true',
        `userknownhostsfile ${files.knownHosts}`,
        'globalknownhostsfile none',
        'updatehostkeys false',
        'connecttimeout 15',
        'serveraliveinterval 10',
      ]),
    );
  });

  it.each([
    { name: 'with spaces', because: 'ssh would read two files' },
    { name: `it's "quoted"`, because: 'a shell would take it apart' },
    { name: '$(touch hacked) `id` ; & |', because: 'a shell would run it' },
    { name: '100%h', because: 'ssh would put the host in its place' },
    { name: 'back\\slash', because: 'ssh would drop it' },
    { name: '$HOME', because: 'a shell would put a folder in its place' },
  ])('takes a path literally, even with $name: $because', needs('ssh'), ({ name }) => {
    const directory = path.join(temporaryDirectory(), name);
    mkdirSync(directory);
    const { sshKey, knownHosts } = filesIn(directory);
    const said = settingsOf(sshCommand(PLACE, { sshKey, knownHosts }));
    // ssh prints the path of the key before it expands placeholders.
    expect(said).toContain(`identityfile ${sshKey.replaceAll('%', '%%')}`);
    expect(said).toContain(`userknownhostsfile ${knownHosts}`);
  });

  it.each([
    { files: {}, says: /No key .*ssh-keygen -t ed25519.*GATES_GIT_SSH_KEY_FILE/ },
    {
      files: { sshKey: '/nonexistent/key' },
      says: /No known hosts .*ssh-keyscan -p 2222 forge\.example > known_hosts.*GATES_GIT_KNOWN_HOSTS_FILE/,
    },
    {
      files: { sshKey: '/nonexistent/key', knownHosts: '/dev/null' },
      says: /file of GATES_GIT_SSH_KEY_FILE cannot be read.*\/nonexistent\/key/,
    },
    {
      files: { sshKey: '/dev/null', knownHosts: '/nonexistent/hosts' },
      says: /file of GATES_GIT_KNOWN_HOSTS_FILE cannot be read.*\/nonexistent\/hosts/,
    },
    { files: { sshKey: `/a/\${b}`, knownHosts: '/dev/null' }, says: /a path that ssh cannot be given/ },
    { files: { sshKey: '/a/b\nc', knownHosts: '/dev/null' }, says: /a path that ssh cannot be given/ },
  ])('is not built without its files: $files', ({ files, says }) => {
    let error: unknown;
    try {
      sshCommand(PLACE, files);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(says);
  });

  it('is checked before anything is fetched', () => {
    const directory = temporaryDirectory();
    const options = { repository: 'git@forge.example:gates.git', branch: 'main', file: 'gates.yaml' };
    expect(() => gitSource({ ...options, directory, environment: {} })).toThrow(/No key for the repository/);
    expect(scanHint({ host: 'forge.example' })).toContain('Run ssh-keyscan forge.example > known_hosts');
  });
});

describe('a repository over ssh', () => {
  it('is read by that command, with none of the settings of the machine', async () => {
    const forge = createForge();
    const revision = forge.push({ 'gates.yaml': 'over ssh' });
    const directory = temporaryDirectory();
    const log = path.join(directory, 'log');
    const bin = path.join(directory, 'bin');
    mkdirSync(bin);
    // This program also plays the server: it runs the command that it was asked to run there.
    const script = `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >> '${log}'\nfor last; do :; done\nexec sh -c "$last"\n`;
    writeFileSync(path.join(bin, 'ssh'), script);
    chmodSync(path.join(bin, 'ssh'), 0o755);
    const environment = {
      PATH: `${bin}:${process.env.PATH}`,
      SSH_AUTH_SOCK: '/run/agent',
      GIT_SSH: '/bin/false',
      GIT_SSH_COMMAND: 'false',
      GATES_GIT_TOKEN: 'canary-token',
    };
    const files = filesIn(directory);
    const git = gitSource({
      repository: `ssh://git@forge.example:2222${forge.bare}`,
      branch: 'main',
      file: 'gates.yaml',
      token: 'canary-token',
      files,
      directory: path.join(directory, 'copy'),
      environment,
    });
    expect(await git.read()).toMatchObject({ revision, file: { bytes: Buffer.from('over ssh') } });
    const told = readFileSync(log, 'utf8');
    expect(told).toContain(`IdentityFile="${files.sshKey}"`);
    expect(told).toMatch(/^-p\n2222\n(.*\n)*?git@forge\.example$/m);
    expect(told).not.toMatch(/SSH_AUTH_SOCK|canary|bin\/false/);
  });

  it('is abandoned when the daemon is stopped, and ssh ends with git', async () => {
    const directory = temporaryDirectory();
    const bin = path.join(directory, 'bin');
    mkdirSync(bin);
    const { port, connected, closed } = await listener();
    const script = `#!${process.execPath}\nrequire('node:net').connect(${port}, '127.0.0.1');\n`;
    writeFileSync(path.join(bin, 'ssh'), script, { mode: 0o755 });
    const git = gitSource({
      repository: 'git@forge.example:gates.git',
      branch: 'main',
      file: 'gates.yaml',
      files: filesIn(directory),
      directory: path.join(directory, 'copy'),
      environment: { PATH: `${bin}:${process.env.PATH}` },
    });
    const stop = new AbortController();
    const reading = git.read(stop.signal).catch(String);
    await connected;
    stop.abort(new Error('stopped by SIGTERM'));
    expect(await reading).toContain('stopped by SIGTERM');
    // The connection stays silent, and never ends by itself.
    await closed;
  });
});

/** Accepts one connection, and reports when it opened and when it closed. */
async function listener() {
  const server = createServer();
  const connected = once(server, 'connection');
  const closed = connected.then(([socket]) => {
    socket.on('error', () => {}).resume();
    return once(socket, 'close');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connected, closed };
}

describe('an error of ssh or of a forge', () => {
  const asked = {
    branch: 'main',
    address: parseRepository('ssh://git@forge.example:2222/gates.git'),
    sshKey: '/etc/gates/deploy-key',
    limit: '256 MiB',
  };
  const rows: readonly {
    readonly said: string;
    readonly error: new (...args: never[]) => GatesError;
    readonly says: RegExp;
  }[] = [
    {
      said: 'No ED25519 host key is known for [forge.example]:2222 and you have requested strict checking.\r\nHost key verification failed.\r\nfatal: Could not read from remote repository.',
      error: ConfigError,
      says: /not among the known hosts .*ssh-keyscan -p 2222 forge\.example/,
    },
    {
      said: '@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@@\nHost key verification failed.\nfatal: Could not read from remote repository.',
      error: UnsafeError,
      says: /another key than the one that is known \(WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\)\. Nothing was sent/,
    },
    {
      said: '@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\nPermissions 0644 for \'/etc/gates/deploy-key\' are too open.\nLoad key "/etc/gates/deploy-key": bad permissions\ngit@forge.example: Permission denied (publickey).',
      error: ConfigError,
      says: /Others may read the ssh key.*Run chmod 600 \/etc\/gates\/deploy-key$/,
    },
    {
      said: 'git@forge.example: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.',
      error: RejectedError,
      says: /refused the ssh key \(git@forge\.example: Permission denied \(publickey\)\)\. .*ssh-keygen -y -f \/etc\/gates\/deploy-key/,
    },
    {
      said: 'ERROR: Repository not found.\nfatal: Could not read from remote repository.',
      error: ConfigError,
      says: /no repository at this address, or gates may not see it.*deploy key/,
    },
    {
      said: "remote: \nremote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\nfatal: Could not read from remote repository.",
      error: ConfigError,
      says: /no repository at this address/,
    },
    {
      said: 'Gitea: Cannot find repository: me/gates\nfatal: Could not read from remote repository.',
      error: ConfigError,
      says: /no repository at this address/,
    },
    {
      said: 'ssh: connect to host forge.example port 2222: No route to host\nfatal: Could not read from remote repository.',
      error: UnreachableError,
      says: /cannot be reached \(ssh: connect to host/,
    },
    {
      said: 'kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from remote repository.',
      error: UnreachableError,
      says: /cannot be reached/,
    },
    {
      said: 'No user exists for uid 4711\nfatal: Could not read from remote repository.',
      error: ConfigError,
      says: /user of \/etc\/passwd/,
    },
    {
      said: 'sh: 1: ssh: not found\nfatal: Could not read from remote repository.',
      error: ConfigError,
      says: /The program ssh is not there/,
    },
  ];
  it.each(rows)('is reported with what to do: $said', ({ said, error, says }) => {
    const explained = explainGit(new GitFailure('failed', said, undefined), asked, (text) => text);
    expect(explained).toBeInstanceOf(error);
    expect(describeError(explained)).toMatch(says);
  });
});
