import { rm } from 'node:fs/promises';
import path from 'node:path';
import { UnsafeError } from '../../core/errors.ts';
import type { Secret, Vault } from '../../core/world.ts';
import type { Redactor } from '../redaction.ts';
import { fileNameOf, namesOfFiles } from './file-name.ts';
import { listDirectory, readOptionalFile, writePrivateFile } from './private-file.ts';

/** The beginning of every file encrypted with age (age-encryption.org/v1, section "Header"). */
const AGE_HEADER = 'age-encryption.org/';

/** Fields of an entry that people may see; every other value is kept out of all output. */
const PUBLIC_FIELDS: ReadonlySet<string> = new Set(['id', 'clientId', 'sinks', 'state']);

export interface VaultOptions {
  readonly directory: string;
  /** An age identity, `AGE-SECRET-KEY-1…`: entries are written encrypted to it. Without it they are plain. */
  readonly key?: string;
  readonly redactor: Redactor;
}

/**
 * One file for each secret, mode 0600, as JSON, encrypted with age if there is a key. Entries that were written without
 * a key stay readable once one is set, and are encrypted at their next write.
 * @throws UnsafeError for an entry that cannot be read with the key that is set.
 */
export function createVault({ directory, key, redactor }: VaultOptions): Vault {
  const place = (name: string) => path.join(directory, fileNameOf(name));
  const register = (secret: Secret) => {
    for (const [field, value] of Object.entries(secret)) {
      if (!PUBLIC_FIELDS.has(field)) redactor.register(value);
    }
  };
  if (key !== undefined) redactor.register(key);
  return {
    async get(name) {
      const data = await readOptionalFile(place(name));
      if (data === undefined) return undefined;
      const secret = parseEntry(await decrypt(data, key, name), name);
      register(secret);
      return secret;
    },
    async put(name, secret) {
      register(secret);
      const text = `${JSON.stringify(secret, undefined, 2)}\n`;
      await writePrivateFile(place(name), key === undefined ? text : await encrypt(text, key));
    },
    remove: (name) => rm(place(name), { force: true }),
    list: async () => namesOfFiles(await listDirectory(directory)),
  };
}

function parseEntry(text: string, name: string): Secret {
  try {
    const entry: unknown = JSON.parse(text);
    if (isSecret(entry)) return entry;
  } catch {
    // JSON.parse quotes the text at its error, which here is a secret.
  }
  throw new UnsafeError('An entry of the vault is damaged', {
    hint: `Restore the entry "${name}" from a backup, or remove it and rotate the secret`,
  });
}

function isSecret(entry: unknown): entry is Secret {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    !Array.isArray(entry) &&
    Object.values(entry).every((value) => typeof value === 'string')
  );
}

async function encrypt(text: string, key: string): Promise<Uint8Array> {
  const { Encrypter, identityToRecipient } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(key).catch(refuseKey));
  return encrypter.encrypt(text);
}

async function decrypt(data: Buffer, key: string | undefined, name: string): Promise<string> {
  if (!data.subarray(0, AGE_HEADER.length).equals(Buffer.from(AGE_HEADER))) return data.toString('utf8');
  if (key === undefined) {
    throw new UnsafeError('The vault is encrypted and no key is set', {
      hint: 'Set GATES_VAULT_KEY, or GATES_VAULT_KEY_FILE, to the age identity it was written with',
    });
  }
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(key);
  } catch {
    refuseKey();
  }
  return decrypter.decrypt(data, 'text').catch((cause) => {
    throw new UnsafeError('An entry of the vault cannot be decrypted', {
      hint: `Set GATES_VAULT_KEY to the age identity that the entry "${name}" was written with`,
      cause,
    });
  });
}

/** Without the cause, which might quote the key. */
function refuseKey(): never {
  throw new UnsafeError('GATES_VAULT_KEY is not an age identity', {
    hint: 'It looks like AGE-SECRET-KEY-1…; `age-keygen` makes one',
  });
}
