import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { createSecretReader } from '../../../src/clients/state/secret-source.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

function reader() {
  const root = temporaryDirectory();
  const redactor = createRedactor();
  const stateDir = path.join(root, 'state');
  mkdirSync(path.join(stateDir, 'vault'), { recursive: true });
  const own = path.join(root, 'cloudflare-token');
  const write = (name: string, text: string) => {
    writeFileSync(path.join(root, name), text);
    return path.join(root, name);
  };
  write('state/vault/ci', 'canary');
  write('cloudflare-token', 'canary');
  const environment = { HOOK: 'from-env', EMPTY: '' };
  const read = createSecretReader({ environment, own: [stateDir, own, '/nowhere/at-all'], redactor });
  return { root, read, redactor, write, own, stateDir };
}

describe('a secret that gates.yaml refers to', () => {
  it('comes from the environment or from a file, without its last line break, and is kept out of every output', async () => {
    const { read, write, redactor } = reader();
    expect(await read({ env: 'HOOK' })).toBe('from-env');
    expect(await read({ file: write('secret', 'from-file\n') })).toBe('from-file');
    expect(redactor.redact('from-env from-file')).toBe('[redacted] [redacted]');
  });

  it('is read again each time', async () => {
    const { read, write } = reader();
    const file = write('secret', 'one-one');
    await read({ file });
    write('secret', 'two-two');
    expect(await read({ file })).toBe('two-two');
  });

  it('is refused if it does not exist', async () => {
    const { read, write, root } = reader();
    const places = [
      { env: 'MISSING' },
      { env: 'EMPTY' },
      { file: path.join(root, 'missing') },
      { file: write('empty', '\n') },
      { file: write('lines', 'a\nb') },
      { file: write('zero', 'A=1\0B=2\0') },
      { file: write('long', 'x'.repeat(5_000)) },
      { file: root },
    ];
    for (const place of places) await expect(read(place)).rejects.toBeInstanceOf(ConfigError);
  });

  it('is never a file of gates itself, by whatever path', async () => {
    const { read, root, own, stateDir } = reader();
    symlinkSync(own, path.join(root, 'link'));
    symlinkSync(stateDir, path.join(root, 'links'));
    const files = [
      own,
      path.join(root, 'link'),
      path.join(stateDir, 'vault', 'ci'),
      `${root}/state/../state/vault/ci`,
      path.join(root, 'links', 'vault', 'ci'),
    ];
    for (const file of files) await expect(read({ file })).rejects.toThrow('A file of gates itself');
  });
});
