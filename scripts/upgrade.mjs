// Applies random files with an older gates, then plans and applies them with this one, with the same tokens and state:
// `npm run upgrade -- --from COMMIT [--files 30] [--seed 1]`. It prints each write of the upgrade, and exits with 1 if
// a host closes, a session ends, a secret changes, or the second plan is not empty.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import fc from 'fast-check';

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    files: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
});
const { from } = values;
if (from === undefined) {
  process.stderr.write('usage: npm run upgrade -- --from COMMIT [--files N] [--seed S]\n');
  process.exit(2);
}

const scratch = mkdtempSync(path.join(tmpdir(), 'gates-upgrade-'));
const here = path.resolve('dist/gates.js');

/** The older commit, built next to the packages of this one. */
function older() {
  const tree = path.join(scratch, 'tree');
  execFileSync('git', ['worktree', 'add', '--detach', '--quiet', tree, String(from)]);
  try {
    const install = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    execFileSync('npm', install, { cwd: tree, stdio: 'ignore' });
    execFileSync('node', ['scripts/build.mjs'], { cwd: tree });
    const dist = path.join(scratch, 'older');
    execFileSync('cp', ['-R', path.join(tree, 'dist'), dist]);
    return path.join(dist, 'gates.js');
  } finally {
    execFileSync('git', ['worktree', 'remove', '--force', tree]);
  }
}

/**
 * @returns {Promise<typeof import('../test/scenarios/random-files/file.ts')
 *   & typeof import('../test/scenarios/random-files/file-text.ts')>}
 */
async function files() {
  const outfile = path.resolve(`node_modules/.cache/gates-upgrade-${process.pid}.mjs`);
  const contents = "export * from './file.ts'; export { textOf } from './file-text.ts';";
  const stdin = { contents, resolveDir: path.resolve('test/scenarios/random-files') };
  await build({ stdin, outfile, bundle: true, packages: 'external', format: 'esm', platform: 'node' });
  const module = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return module;
}

/**
 * @param {string} program @param {string[]} args
 * @param {Record<string, string>} env @param {string} cwd
 */
async function run(program, args, env, cwd) {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}

async function startSandbox() {
  const child = spawn(process.execPath, [
    here,
    'sandbox',
    '--json',
    '--zone',
    'example.dev',
    '--plan',
    'pro',
  ]);
  const [text] = await once(createInterface({ input: child.stdout }), 'line');
  const { env, admin, edge } = JSON.parse(String(text));
  /** @param {string} method @param {string} where @param {object} [body] */
  const ask = async (method, where, body) => {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const answer = await (await fetch(`${admin.url}${where}`, init)).text();
    return answer === '' ? undefined : JSON.parse(answer);
  };
  return { env, ask, edge: edge.url, stop: () => child.kill('SIGTERM') };
}

/** The answer to a stranger at each host, with its status. @param {string} edge @param {readonly string[]} hosts */
async function doorsOf(edge, hosts) {
  const { hostname, port } = new URL(edge);
  /** @type {Record<string, string>} */
  const seen = {};
  for (const host of hosts) {
    seen[host] = await new Promise((resolve) => {
      const request = http.get({ hostname, port, headers: { host } }, (reply) => {
        reply.resume();
        resolve(`${reply.statusCode} ${reply.headers['x-sandbox-served-by']}`);
      });
      request.on('error', () => resolve('none'));
    });
  }
  return seen;
}

/** The content of the vault, which is every secret that gates made. @param {string} state */
function secretsIn(state) {
  const vault = path.join(state, 'vault');
  const names = readdirSync(vault, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(path.join(entry.parentPath, entry.name), 'utf8')]),
  );
}

const program = older();
const { emptyFile, hosts, revised, revision, textOf } = await files();
const drawn = fc.sample(revision, { numRuns: Number(values.files), seed: Number(values.seed) });
/** @type {Map<string, number>} */
const migration = new Map();
let faults = 0;
for (const [index, change] of drawn.entries()) {
  const directory = path.join(scratch, String(index));
  const state = path.join(directory, 'state');
  execFileSync('mkdir', ['-p', directory]);
  writeFileSync(path.join(directory, 'gates.yaml'), textOf(revised(emptyFile, change)));
  const sandbox = await startSandbox();
  try {
    const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: 'all' };
    await sandbox.ask('PUT', '/origins', traefik);
    const env = { ...sandbox.env, GATES_STATE_DIR: state };
    const first = await run(
      program,
      ['apply', '--yes', '--allow', 'prune', '--allow', 'change'],
      env,
      directory,
    );
    const before = { doors: await doorsOf(sandbox.edge, hosts), secrets: secretsIn(state) };
    const calls = (await sandbox.ask('GET', '/calls')).calls.length;
    const upgraded = await run(here, ['apply', '--yes'], env, directory);
    /** @type {{ method: string, path: string, write: boolean }[]} */
    const made = (await sandbox.ask('GET', '/calls')).calls.slice(calls);
    const after = { doors: await doorsOf(sandbox.edge, hosts), secrets: secretsIn(state) };
    const second = await run(here, ['plan'], env, directory);
    for (const { method, path: where, write } of made) {
      if (!write) continue;
      const kind = `${method} ${where.replace(/[0-9a-f]{8}-?[0-9a-f-]{24,}|\/\d+(?=\/|$)/g, (/** @type {string} */ id) => (id.startsWith('/') ? '/{id}' : '{id}'))}`;
      migration.set(kind, (migration.get(kind) ?? 0) + 1);
    }
    const revoked = made.filter(({ path: where }) => where.endsWith('/revoke_tokens')).length;
    const complaints = [
      ...(first.code === 0 ? [] : [`the older apply ended with ${first.code}`]),
      ...(upgraded.code === 0 ? [] : [`the apply ended with ${upgraded.code}:\n${upgraded.output}`]),
      ...(second.code === 0 ? [] : [`the second plan is not empty:\n${second.output}`]),
      // A new secret is a write of the upgrade, and listed as one.
      ...Object.entries(before.secrets)
        .filter(([name, secret]) => after.secrets[name] !== secret)
        .map(([name]) => `a secret changed: ${name}`),
      ...(revoked === 0 ? [] : [`${revoked} times sessions were ended`]),
      ...hosts
        .filter((host) => before.doors[host] !== after.doors[host])
        .map((host) => `${host}: ${before.doors[host]} before, ${after.doors[host]} after`),
    ];
    if (complaints.length > 0) faults += 1;
    process.stdout.write(`file ${index + 1}: ${complaints.length === 0 ? 'ok' : complaints.join('\n  ')}\n`);
  } finally {
    sandbox.stop();
  }
}
process.stdout.write('\nWrites of the upgrade, over all files:\n');
for (const [kind, count] of [...migration].sort())
  process.stdout.write(`${String(count).padStart(5)}  ${kind}\n`);
process.stdout.write(`\n${drawn.length} files, ${faults} with faults\n`);
rmSync(scratch, { recursive: true, force: true });
process.exit(faults === 0 ? 0 : 1);
