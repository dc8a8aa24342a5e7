import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const file = 'docs/install/compose.yaml';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(readFileSync(file, 'utf8')) as Compose;
const services = Object.entries(compose.services);

/** The errors of a file by dclint's schema, without the linter's style rules. */
function invalid(checked: string): readonly string[] {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  // The package's types do not resolve as Node resolves them; this type states its result.
  const found = linter.lintFiles([checked], false) as readonly {
    readonly messages: readonly { readonly rule: string; readonly message: string }[];
  }[];
  expect(found).toHaveLength(1);
  const messages = found.flatMap((result) => result.messages);
  return messages.filter(({ rule }) => rule.startsWith('invalid')).map(({ message }) => message);
}

describe('the compose file', () => {
  it('follows the schema of the Compose Specification', () => {
    expect(invalid(file)).toEqual([]);
  });

  it('would not follow it with an unknown key', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'gates-compose-'));
    const changed = path.join(directory, 'compose.yaml');
    writeFileSync(changed, readFileSync(file, 'utf8').replace('read_only:', 'readonly:'));
    const found = invalid(changed);
    rmSync(directory, { recursive: true });
    expect(found).toEqual([expect.stringContaining('/services/gates')]);
  });

  it.each(services)(
    'gives %s no root, no capability, a read-only file system, and a pinned version',
    (_, service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        image: expect.stringMatching(/^[\w/-]+:v?\d+\.\d+\.\d+$/),
        user: expect.stringMatching(/^[1-9]\d+:[1-9]\d+$/),
      });
    },
  );

  it('publishes only status and health, and only to this machine', () => {
    expect(services.flatMap(([, { ports = [] }]) => ports)).toEqual(['127.0.0.1:8420:8420']);
  });

  it('has only Traefik between the tunnel and the applications', () => {
    const members = services.map(([name, { networks = [] }]) => [name, networks]);
    expect(Object.fromEntries(members)).toEqual({
      gates: ['tunnel'],
      cloudflared: ['tunnel'],
      traefik: ['tunnel', 'applications'],
    });
  });

  it.each(services)('passes every secret to %s as a file, and declares each one', (_, service) => {
    const variables = Object.entries(service.environment ?? {});
    expect(variables.filter(([name]) => /TOKEN|SECRET|KEY/.test(name) && !name.endsWith('_FILE'))).toEqual(
      [],
    );
    const named = variables.filter(([name]) => name.endsWith('_FILE')).map(([, value]) => value);
    expect(named).toEqual((service.secrets ?? []).map((name) => `/run/secrets/${name}`));
    for (const name of service.secrets ?? []) expect(compose.secrets).toHaveProperty([name, 'file']);
  });

  it('sets only variables that the documentation lists', () => {
    const page = readFileSync('docs/environment.md', 'utf8');
    for (const name of Object.keys(compose.services.gates?.environment ?? {})) {
      expect(page).toContain(`\`${name}\``);
    }
  });
});
