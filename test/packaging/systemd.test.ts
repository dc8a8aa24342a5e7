import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/programs.ts';

const unit = 'docs/install/gates.service';
const text = readFileSync(unit, 'utf8');

/** The allowed exposure by `systemd-analyze`, in tenths: 20 is 2.0. */
const THRESHOLD = 20;

/** A program of Debian's package systemd; no systemd has to run. */
const program = 'systemd-analyze';

function analyze(...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' });
}

describe('the systemd unit', () => {
  it('is accepted by systemd, without a warning', needs(program), () => {
    // The two programs that the unit starts may be missing on this machine.
    const ran = analyze('verify', unit);
    const said = ran.stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'));
    expect(said).toEqual([]);
  });

  it('leaves the process few ways to do harm', needs(program), () => {
    const ran = analyze('security', '--offline=true', `--threshold=${THRESHOLD}`, unit);
    expect(ran.stdout).toMatch(/Overall exposure level for gates\.service: [01]\.\d OK/);
    expect(ran.status).toBe(0);
  });

  it('puts each credential where the daemon reads it, and no secret into the environment', () => {
    const credentials = [...text.matchAll(/^#?LoadCredential=([\w-]+):\/etc\/gates\/([\w-]+)$/gm)];
    const variables = [...text.matchAll(/^#?Environment=(\w+)_FILE=%d\/([\w-]+)$/gm)];
    expect(credentials.map(([, name]) => name)).toEqual(variables.map(([, , name]) => name));
    expect(credentials.every(([, name, file]) => name === file)).toBe(true);
    expect(credentials.length).toBeGreaterThan(3);
    const page = readFileSync('docs/environment.md', 'utf8');
    for (const [, name] of variables) expect(page).toContain(`\`${name}_FILE\``);
    const plain = [...text.matchAll(/^Environment=(\w+)=/gm)].map(([, name = '']) => name);
    expect(plain.filter((name) => /TOKEN|SECRET|KEY/.test(name) && !name.endsWith('_FILE'))).toEqual([]);
  });

  it('lets the daemon write to its state folder, and to nothing else', () => {
    expect(text).toMatch(/^ProtectSystem=strict$/m);
    expect(text).toMatch(/^StateDirectory=gates$/m);
    expect(text).toMatch(/^Environment=GATES_STATE_DIR=\/var\/lib\/gates$/m);
    expect(text).not.toMatch(/^ReadWritePaths=/m);
  });
});
