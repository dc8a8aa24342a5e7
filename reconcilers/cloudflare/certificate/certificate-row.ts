import { RejectedError } from '../../../src/core/errors.ts';
import { readName } from '../../../src/core/objects/marker.ts';
import type { World } from '../../../src/core/world.ts';
import { listAccess } from '../account/access-list.ts';
import { accountPath } from '../account/account.ts';

/** An authority of client certificates, as `/accounts/{id}/access/certificates` lists it. No reply has its PEM. */
export interface CertificateReply {
  readonly id: string;
  readonly name?: string;
  /** MD5 of the certificate. */
  readonly fingerprint?: string;
  readonly associated_hostnames?: readonly string[] | null;
  readonly created_at?: string;
}

/** Notes under this topic have the names of owners that may have an authority in the account. */
const topic = 'certificate-authority';

/**
 * Every authority of the account; none if neither this file nor an earlier one has any. So a file without authorities
 * saves the call, and the permission.
 */
export async function certificateRows(world: World): Promise<readonly CertificateReply[]> {
  if (world.scope.certificates !== true && !(await areNoted(world))) return [];
  return (await listAccess(world, 'certificates')) as readonly CertificateReply[];
}

export async function areNoted({ notes, scope }: World): Promise<boolean> {
  return (await notes.list(topic)).includes(scope.owner);
}

/** Notes that the owner may have authorities, before the first is made. */
export function noteAuthorities({ notes, scope }: World): Promise<void> {
  return notes.put(topic, scope.owner);
}

export function forgetAuthorities({ notes, scope }: World): Promise<void> {
  return notes.clear(topic, scope.owner);
}

export async function certificatesPath(world: World): Promise<string> {
  return `${await accountPath(world)}/access/certificates`;
}

/** The names of an authority: its key, its owner, and the name that the file gives to it. */
export interface AuthorityNames {
  /** The fingerprint. An authority whose fingerprint gates cannot read is nobody's, and has its name and id. */
  readonly key: string;
  readonly owner: string | undefined;
  readonly name: string | undefined;
}

export function authorityNames({ id, name = '', fingerprint = '' }: CertificateReply): AuthorityNames {
  const { owner, key } = readName(name);
  const digits = digitsOf(fingerprint);
  if (digits === undefined) return { key: `${name} (${id})`, owner: undefined, name: undefined };
  return { key: digits, owner, name: owner === undefined ? undefined : key };
}

/** `1e:80:0f…` and `MD5 Fingerprint=1E:80:0F…` are the same as `1e800f…`; undefined for anything else. */
function digitsOf(fingerprint: string): string | undefined {
  const digits = fingerprint
    .slice(fingerprint.indexOf('=') + 1)
    .replaceAll(':', '')
    .toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

/** Milliseconds between two attempts, and the most attempts. */
const pause = 10_000;
const mostAttempts = 6;

/**
 * Refusals that pass: for some time after a change, Cloudflare accepts no other one, and it does not remove an authority that
 * has just lost its hosts (both seen in Terraform's provider). They change nothing, so gates may try again.
 */
const passing = /still being updated|has_active_associations/;

/** Makes a write, and tries again for a minute while Cloudflare still applies the one before. */
export async function patiently<T>({ clock, signal }: World, write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      const isPassing = error instanceof RejectedError && passing.test(error.facts.detail ?? '');
      if (!isPassing || attempt === mostAttempts) throw error;
      await clock.sleep(pause, signal);
    }
  }
}
