import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gates } from './processes.ts';

const example = path.resolve(import.meta.dirname, '../../gates.yaml');
const token = { CLOUDFLARE_API_TOKEN: 'any' };

describe('a call that cannot be what was meant', () => {
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
    { args: ['plan', '--seed', '1'], env: token, says: '--seed says how to rehearse' },
    { args: ['run'], env: token, says: 'Set GATES_REPOSITORY' },
    { args: ['run'], env: { ...token, GATES_REPOSITORY: '' }, says: 'Set GATES_REPOSITORY' },
    { args: ['status'], env: { GATES_STATE_DIR: '/nowhere' }, says: 'set GATES_STATE_DIR (now /nowhere)' },
    { args: ['why', 'docs'], env: {}, says: 'not built in version' },
  ])('gates $args: $says', async ({ args, env, says }) => {
    const ran = await gates(args, env);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(says);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  });
});
