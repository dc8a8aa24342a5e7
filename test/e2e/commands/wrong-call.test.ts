import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gates } from '../support/processes.ts';

const example = path.resolve(import.meta.dirname, '../../../gates.yaml');
const token = { CLOUDFLARE_API_TOKEN: 'any' };

describe('a command with contradictory or unknown arguments', () => {
  it.each([
    {
      args: ['plan', '--file', 'absent.yaml'],
      env: token,
      says: 'absent.yaml does not exist. Name another with --file',
    },
    { args: ['validate', '--file', '/'], env: {}, says: '/ is a folder. Name another with --file' },
    {
      args: ['plan', '--file', example, '--service', 'dcos'],
      env: token,
      says: 'has no service "dcos". It has: auth, auth-api, grafana, vault, proxmox, docs',
    },
    {
      args: ['apply', '--yes', '--file', example, '--service', 'dcos'],
      env: token,
      says: 'has no service "dcos". It has: auth, auth-api, grafana, vault, proxmox, docs',
    },
    { args: ['apply', '--file', example], env: token, says: 'run `gates apply --yes`' },
    {
      args: ['rotate', 'cii', '--file', example],
      env: token,
      says: 'no service token and no client "cii". It has service tokens: ci',
    },
    { args: ['plan', '--file', example], env: {}, says: 'Set CLOUDFLARE_API_TOKEN' },
    {
      args: ['plan', '--file', example],
      env: { ...token, CLOUDFLARE_BASE_URL: 'localhost' },
      says: 'CLOUDFLARE_BASE_URL is not an address',
    },
    {
      args: ['plan', '--file', example],
      env: { ...token, GATES_EDGE_LAG: '0' },
      says: 'GATES_EDGE_LAG is for a sandbox on this machine',
    },
    {
      args: ['plan', '--file', example],
      env: { ...token, CLOUDFLARE_BASE_URL: 'https://127.0.0.1.example.net/client/v4', GATES_EDGE_LAG: '0' },
      says: 'GATES_EDGE_LAG is for a sandbox on this machine',
    },
    {
      args: ['plan', '--file', example],
      env: { ...token, GATES_EDGE_LAG: '5s' },
      says: 'GATES_EDGE_LAG is no number',
    },
    { args: ['run'], env: token, says: 'Set GATES_REPOSITORY' },
    { args: ['run'], env: { ...token, GATES_REPOSITORY: '' }, says: 'Set GATES_REPOSITORY' },
    { args: ['status'], env: { GATES_STATE_DIR: '/nowhere' }, says: 'set GATES_STATE_DIR (now /nowhere)' },
  ])('gates $args: $says', async ({ args, env, says }) => {
    const ran = await gates(args, env);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(says);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    { args: [], says: 'Usage: gates' },
    { args: ['plna'], says: "unknown command 'plna'" },
    { args: ['plan', '--frobnicate'], says: "unknown option '--frobnicate'" },
    { args: ['plan', '--file'], says: 'argument missing' },
    { args: ['plan', '--output', 'xml'], says: 'Allowed choices are text, json, markdown' },
    { args: ['validate', '--output', 'junit'], says: 'Allowed choices are text, json, github, sarif' },
    { args: ['validate', 'gates.yaml'], says: 'too many arguments' },
    { args: ['rotate'], says: "missing required argument 'name'" },
    { args: ['comment'], says: "required option '--pull <n>' not specified" },
    { args: ['comment', '--pull', 'twelve'], says: 'It is a whole number' },
    { args: ['apply', '--plan', 'a', '--adopt'], says: "cannot be used with option '--adopt'" },
    { args: ['plan', '--seed', '1'], says: '--seed says how to rehearse' },
    { args: ['history', '--since', 'yesterday'], says: '--since is not a time' },
    { args: ['sandbox', '--lag', 'soon'], says: '--lag soon' },
    { args: ['vault', 'docs'], says: 'not built in version' },
    { args: ['init', 'docs'], says: 'too many arguments' },
    { args: ['import', 'docs'], says: 'too many arguments' },
    { args: ['export'], says: "missing required argument 'folder'" },
    { args: ['plan', '--against', 'home', '--rehearse'], says: "cannot be used with option '--rehearse'" },
    { args: ['plan', '--against', 'home', '-o', 'markdown'], says: '--against has no output as Markdown' },
    {
      args: ['sandbox', '--from', 'home', '--zone', 'a.dev'],
      says: "cannot be used with option '--zone <name>'",
    },
    { args: ['why'], says: "missing required argument 'url'" },
    { args: ['why', 'docs'], says: '"docs" is no address of a host' },
    { args: ['why', 'docs.example.dev', '--from', 'plan'], says: '--from plan is no state' },
  ])('gates $args: a wrong command line ends with 64', async ({ args, says }) => {
    const ran = await gates(args, token);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain(says);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([[['--help']], [['plan', '--help']], [['help', 'plan']]])(
    'gates %j explains the code and ends with 0',
    async (args) => {
      const ran = await gates(args, {});
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toContain('Exit code 64: the command line is wrong, and nothing was done.');
    },
  );
});
