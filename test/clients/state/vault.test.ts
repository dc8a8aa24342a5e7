import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateIdentity } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { createVault } from '../../../src/clients/state/vault.ts';
import { describeError, UnsafeError } from '../../../src/core/errors.ts';

const secret = { id: 'f174', clientId: 'abc.access', clientSecret: 'canary-4711' };
let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'vault-'));
  directory = path.join(parent, 'vault');
});
afterEach(() => rm(parent, { recursive: true }));

function vault(key?: string, redactor = createRedactor()) {
  return createVault({ directory, redactor, ...(key !== undefined && { key }) });
}

async function mode(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o777).toString(8);
}

describe('the vault', () => {
  it('keeps each secret in a private file of a private directory', async () => {
    await vault().put('service-token-ci', secret);
    expect(await vault().get('service-token-ci')).toEqual(secret);
    expect(await mode(directory)).toBe('700');
    expect(await readdir(directory)).toEqual(['service-token-ci']);
    expect(await mode(path.join(directory, 'service-token-ci'))).toBe('600');
  });

  it('narrows the mode of an entry that others could read', async () => {
    await vault().put('a', secret);
    await writeFile(path.join(directory, 'b'), '{}', { mode: 0o644 });
    await vault().put('b', secret);
    expect(await mode(path.join(directory, 'b'))).toBe('600');
  });

  it('has nothing under a name that was never put, and forgets a removed entry', async () => {
    expect(await vault().get('a')).toBeUndefined();
    expect(await vault().list()).toEqual([]);
    await vault().put('a', secret);
    await vault().remove('a');
    await vault().remove('a');
    expect(await vault().get('a')).toBeUndefined();
  });

  it('keeps a name from leaving its directory, and lists it unchanged', async () => {
    const names = ['../escape', '.hidden', 'tunnel-my lab', 'ä/ö', 'a.123456'];
    for (const name of names) await vault().put(name, { ...secret, id: name });
    expect(await readdir(parent)).toEqual(['vault']);
    expect([...(await vault().list())].sort()).toEqual([...names].sort());
    for (const name of names) expect((await vault().get(name))?.id).toBe(name);
  });

  it('does not mistake the remains of a killed write for an entry', async () => {
    await vault().put('a', secret);
    await writeFile(path.join(directory, 'a.3141592653'), 'half');
    expect(await vault().list()).toEqual(['a']);
  });

  it('has its secrets kept out of all output from the first moment, and leaves ids readable', async () => {
    await vault().put('a', secret);
    const redactor = createRedactor();
    await vault(undefined, redactor).get('a');
    expect(redactor.redact('f174 abc.access canary-4711')).toBe('f174 abc.access [redacted]');
  });

  it('reports which entry is damaged without repeating its content', async () => {
    await vault().put('a', secret);
    for (const text of ['{"clientSecret":"canary-4711', '["canary-4711"]', '{"a":1}', 'null']) {
      await writeFile(path.join(directory, 'a'), text);
      const error = await vault()
        .get('a')
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UnsafeError);
      expect(`${describeError(error)}${(error as Error).cause}`).not.toContain('canary');
      expect(describeError(error)).toContain('"a"');
    }
  });
});

describe('the vault with a key', () => {
  it('writes nothing that is readable without it', async () => {
    const key = await generateIdentity();
    await vault(key).put('a', secret);
    const data = await readFile(path.join(directory, 'a'), 'latin1');
    expect(data).toMatch(/^age-encryption\.org/);
    expect(data).not.toContain('canary');
    expect(await vault(key).get('a')).toEqual(secret);
    expect(await mode(path.join(directory, 'a'))).toBe('600');
  });

  it('still reads entries from before there was one, and encrypts them at their next write', async () => {
    const key = await generateIdentity();
    await vault().put('a', secret);
    expect(await vault(key).get('a')).toEqual(secret);
    await vault(key).put('a', secret);
    await expect(vault().get('a')).rejects.toThrow('no key is set');
  });

  it.each([
    { because: 'there is none', key: async () => undefined, words: 'GATES_VAULT_KEY' },
    { because: 'it is another', key: generateIdentity, words: 'cannot be decrypted' },
    { because: 'it is no key', key: async () => 'AGE-SECRET-KEY-1NONSENSE', words: 'is not an age identity' },
  ])('reports when $because', async ({ key, words }) => {
    await vault(await generateIdentity()).put('a', secret);
    const error = await vault(await key())
      .get('a')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsafeError);
    expect(describeError(error)).toContain(words);
    expect(describeError(error)).not.toContain('NONSENSE');
  });

  it('writes no plain text when the key is invalid', async () => {
    await expect(vault('nonsense').put('a', secret)).rejects.toThrow('is not an age identity');
    expect(await vault().list()).toEqual([]);
  });
});
