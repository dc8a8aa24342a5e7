import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The Dockerfile is played without images: each stage is a folder, COPY copies into it, and RUN runs in it with the
 * Node of this machine. This list has the instructions that need Alpine.
 */
const NOT_RUN_HERE: Readonly<Record<string, string>> = {
  'apk add --no-cache bash coreutils curl git gpg gpg-agent jq openssh-client openssh-keygen':
    'Alpine packages',
  'apk add --no-cache git gpg openssh-client openssh-keygen': 'Alpine packages',
  "npx vitest run --project quick --project end-to-end --exclude 'test/packaging/**' --exclude test/e2e/commands/read-only.test.ts":
    'this very suite',
  'rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*':
    'what it removes is this machine’s',
  'install -d -o node -g node -m 0700 /var/lib/gates': 'the user of the image',
};

const stages = stagesOf(readFileSync('Dockerfile', 'utf8'));
const root = mkdtempSync(path.join(tmpdir(), 'gates-image-'));
const allowed = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

const stage = (name: string): Stage => {
  const found = stages.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no stage ${name}`);
  return found;
};
const inStage = (name: string, where: string) => path.join(root, name, where);

/** Plays `COPY a b dir` and `COPY --from=stage /a /b`, for files that .dockerignore admits. */
function copy(name: string, workdir: string, text: string): void {
  const words = text.split(/ +/);
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  const target = words.pop() ?? '';
  for (const source of words) {
    if (from === undefined) expect(allowed).toContain(source);
    const file = from === undefined ? source : inStage(from, source);
    const place = inStage(name, path.resolve(workdir, target));
    const isFolderOfMany = words.length > 1 || target === './' || target.endsWith('/');
    cpSync(file, isFolderOfMany ? path.join(place, path.basename(source)) : place, { recursive: true });
  }
}

/** Plays RUN: writes to `/usr/local/bin` go into the stage, and packages come from npm's cache if possible. */
function run(name: string, workdir: string, text: string): void {
  const cwd = inStage(name, workdir);
  const env = { ...process.env, CI: 'true', npm_config_prefer_offline: 'true' };
  const place = inStage(name, '/usr/local/bin');
  const script = text.replaceAll('/usr/local/bin', place);
  execFileSync('mkdir', ['-p', cwd, place]);
  execFileSync('/bin/sh', ['-ec', script], { cwd, env, stdio: 'pipe' });
}

function build(name: string): readonly string[] {
  let workdir = '/';
  const remaining: string[] = [];
  for (const { name: instruction, text } of stage(name).instructions) {
    if (instruction === 'WORKDIR') workdir = text;
    if (instruction === 'COPY') copy(name, workdir, text);
    if (instruction === 'RUN' && text in NOT_RUN_HERE) remaining.push(text);
    else if (instruction === 'RUN') run(name, workdir, text);
  }
  return remaining;
}

/** The ENV of the product stage, such as `A=1 B=2`. */
const environment = Object.fromEntries(
  [
    ...(stage('product').instructions.find(({ name }) => name === 'ENV')?.text ?? '').matchAll(
      /(\w+)=(\S+)/g,
    ),
  ].map(([, name = '', value = '']) => [name, value]),
);
const words = (name: string, of = /.*/): readonly string[] =>
  JSON.parse(
    of.exec(stage('product').instructions.find((each) => each.name === name)?.text ?? '')?.[0] ?? '[]',
  );

let left: readonly string[];

beforeAll(() => {
  left = [...build('build'), ...build('product')];
});

afterAll(() => rmSync(root, { recursive: true, force: true }), 900_000);

describe('the Dockerfile', () => {
  it('has three stages, based on the current long-term release', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'test', 'product']);
    expect(stages.filter(({ from }) => from !== 'build').map(({ from }) => from)).toEqual([
      'node:24-alpine',
      'node:24-alpine',
    ]);
  });

  it('lists exactly the instructions that were not run here', () => {
    const tests = stage('test').instructions.filter(({ name }) => name === 'RUN');
    expect([...left, ...tests.map(({ text }) => text)].sort()).toEqual(Object.keys(NOT_RUN_HERE).sort());
  });

  it('results in the bundle, its licenses and its start script, without sources and packages', () => {
    const program = inStage('product', '/opt/gates/dist/gates.js');
    expect(execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8', cwd: '/' })).toBe(
      `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`,
    );
    expect(readFileSync(inStage('product', '/usr/local/bin/gates'), 'utf8')).toBe(
      '#!/bin/sh\nexec node /opt/gates/dist/gates.js "$@"\n',
    );
    expect(existsSync(inStage('product', '/opt/gates/LICENSE'))).toBe(true);
    expect(existsSync(inStage('product', '/opt/gates/dist/THIRD_PARTY_LICENSES.txt'))).toBe(true);
    expect(existsSync(inStage('product', '/src'))).toBe(false);
    expect(existsSync(inStage('product', '/opt/gates/node_modules'))).toBe(false);
  });

  it('starts the daemon by default, which reports what it lacks', () => {
    const command = [...words('ENTRYPOINT'), ...words('CMD')];
    expect(command).toEqual(['node', '/opt/gates/dist/gates.js', 'run']);
    const [, program = '', ...rest] = command;
    const ran = spawnSync(process.execPath, [inStage('product', program), ...rest], {
      env: { ...environment, GATES_STATE_DIR: root },
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain('Set GATES_REPOSITORY');
  });

  it('runs as an unprivileged user, and writes to one place', () => {
    const said = (name: string) =>
      stage('product')
        .instructions.filter((each) => each.name === name)
        .map(({ text }) => text);
    expect(said('USER')).toEqual(['1000:1000']);
    expect(said('VOLUME')).toEqual([environment.GATES_STATE_DIR]);
  });

  it.each([
    { status: 200, code: 0, because: 'it answers' },
    { status: 503, code: 1, because: 'it answers with an error' },
    { status: undefined, code: 1, because: 'nobody answers' },
  ])('has a health check that follows /healthz: $because', async ({ status, code }) => {
    const requests: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url);
      response.writeHead(status ?? 500).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (status === undefined) server.close();
    const [, ...args] = words('HEALTHCHECK', /\[.*\]$/);
    const env = { ...environment, GATES_LISTEN: `0.0.0.0:${port}` };
    const check = spawn(process.execPath, args, { env, stdio: 'ignore' });
    expect(await once(check, 'exit')).toEqual([code, null]);
    server.close();
    expect(requests).toEqual(status === undefined ? [] : ['/healthz']);
  });
});

/** One instruction of a Dockerfile, with continued lines joined. */
interface Instruction {
  readonly name: string;
  readonly text: string;
}

interface Stage {
  readonly name: string;
  /** The base: an image, or an earlier stage. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile. Throws if a stage has no name, or an instruction precedes the first stage. */
function stagesOf(dockerfile: string): readonly Stage[] {
  const lines = dockerfile
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    const begins = /^(\S+) AS (\S+)$/.exec(text);
    if (name === 'FROM' && begins !== null) {
      stages.push({ from: begins[1] ?? '', name: begins[2] ?? '', instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined || name === '' || name === 'FROM') throw new Error(`not understood: ${line}`);
    stage.instructions.push({ name, text });
  }
  return stages;
}
