import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { outline, validate } from '../../schema/generated/validate.js';
import { parseConfig } from '../../src/config/parse-config.ts';

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is walked as plain JSON.
type Schema = any;
const schema: Schema = JSON.parse(readFileSync('schema/gates.schema.json', 'utf8'));

/** Every key of the schema, as `path: description`. */
function keysOf(node: Schema, at: string): { at: string; description: unknown }[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = Object.entries<Schema>(node.properties ?? {}).flatMap(([key, value]) => {
    // The conditions by record type restrict keys and declare none.
    return value === false || value.const === false
      ? []
      : [{ at: `${at}.${key}`, description: value.description ?? undefined }];
  });
  const inner = Object.entries<Schema>(node).flatMap(([key, value]) =>
    ['allOf', 'default', 'examples', 'enum'].includes(key)
      ? []
      : keysOf(value, key === 'properties' ? at : `${at}.${key}`),
  );
  const below = Object.entries<Schema>(node.properties ?? {}).flatMap(([key, value]) =>
    keysOf(value, `${at}.${key}`),
  );
  return [...own, ...inner, ...below];
}

describe('the schema', () => {
  it('describes every key', () => {
    const keys = keysOf(schema, '');
    expect(keys.length).toBeGreaterThan(150);
    expect(keys.filter(({ description }) => typeof description !== 'string' || description === '')).toEqual(
      [],
    );
  });

  it('has a message for every pattern, for people who break it', () => {
    const silent = JSON.stringify(schema, (_, value) =>
      value?.pattern !== undefined && value.title === undefined ? { silent: value.pattern } : value,
    );
    expect(silent).not.toContain('"silent"');
    expect(outline.$defs.duration?.title).toBe('a duration such as 90s, 10m, 24h or 7d');
  });

  it('has examples that follow it', () => {
    const example = (key: string) => schema.properties[key].examples[0];
    const file = {
      version: 1,
      owner: example('owner'),
      cloudflare: { account: 'a', zones: schema.$defs.cloudflare.properties.zones.examples[0] },
      ...Object.fromEntries(
        ['origins', 'groups', 'services', 'serviceTokens', 'actions'].map((key) => [key, example(key)]),
      ),
    };
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  });

  it('has a constant name that claims no domain', () => {
    expect(schema).toMatchObject({ $id: 'urn:gates:schema:gates.yaml:1' });
  });

  it('is named by the example at the top, which has no mistakes and no warnings', () => {
    const text = readFileSync('gates.yaml', 'utf8');
    expect(text).toContain('$schema=./schema/gates.schema.json');
    const result = parseConfig(text);
    expect(result.ok ? result.parsed.warnings : result.mistakes).toEqual([]);
  });
});

describe('code that is generated from the schema', () => {
  it('is fresh', () => {
    expect(execFileSync('node', ['scripts/generate.mjs', '--check'], { encoding: 'utf8' })).toBe('');
  });

  it('is found outdated, by name, when the schema has changed', () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'gates-schema-'));
    try {
      for (const part of ['schema', 'scripts', 'package.json'])
        cpSync(part, path.join(copy, part), { recursive: true });
      cpSync('docs/reference.md', path.join(copy, 'docs/reference.md'));
      symlinkSync(path.resolve('node_modules'), path.join(copy, 'node_modules'));
      const changed = structuredClone(schema);
      changed.properties.owner.description = 'Somebody else.';
      writeFileSync(path.join(copy, 'schema/gates.schema.json'), JSON.stringify(changed));
      const run = spawnSync('node', ['scripts/generate.mjs', '--check'], { cwd: copy, encoding: 'utf8' });
      expect(run.status).toBe(1);
      expect(run.stderr).toContain('docs/reference.md is stale');
      expect(run.stderr).toContain('schema/generated/config.ts is stale');
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('needs no package at run time', () => {
    const alone = mkdtempSync(path.join(tmpdir(), 'gates-validate-'));
    try {
      cpSync('schema/generated/validate.js', path.join(alone, 'validate.mjs'));
      const script =
        'import("./validate.mjs").then(({ validate }) => process.stdout.write(String(validate({}))))';
      expect(execFileSync('node', ['-e', script], { cwd: alone, encoding: 'utf8' })).toBe('false');
    } finally {
      rmSync(alone, { recursive: true });
    }
  });
});
