import type { ProgramEnd } from './process.ts';

/** The signature of a commit, and the signed text. */
export interface CommitSignature {
  readonly kind: 'ssh' | 'gpg' | 'unknown';
  /** Armored, as the signer's program wrote it. */
  readonly text: string;
  /** The commit without the signature, byte for byte. */
  readonly payload: Buffer;
  /** The commit's own time, chosen by its author, in seconds since 1970. NaN if it has none. */
  readonly committed: number;
}

/** The facts with which one signature is checked. */
export interface SignatureCheck {
  /** The time when the commit was first read here. */
  readonly read: Date;
  /** True if that time is earlier than now. */
  readonly isPast: boolean;
  /** A directory for this one check. */
  readonly scratch: string;
  readonly run: (program: string, args: readonly string[], input?: Uint8Array) => Promise<ProgramEnd>;
}

const KINDS: readonly (readonly [CommitSignature['kind'], string])[] = [
  ['ssh', '-----BEGIN SSH SIGNATURE-----'],
  ['gpg', '-----BEGIN PGP SIGNATURE-----'],
];

/**
 * Takes a commit apart as git does: the header `gpgsig` with its continued lines is the signature, everything else was
 * signed. `raw` is the output of `git cat-file commit`. Undefined if there is no signature.
 */
export function signatureOf(raw: Buffer, revision: string): CommitSignature | undefined {
  const end = raw.indexOf('\n\n');
  const header = raw.subarray(0, end === -1 ? raw.length : end).toString('latin1');
  const own = revision.length === 64 ? 'gpgsig-sha256' : 'gpgsig';
  const signed: string[] = [];
  const signature: string[] = [];
  let field = '';
  for (const line of header.split('\n')) {
    const continued = line.startsWith(' ');
    if (!continued) field = line.slice(0, line.indexOf(' '));
    // A signature for the other sort of object names is not part of the signed text either.
    if (!field.startsWith('gpgsig')) signed.push(line);
    else if (field === own) signature.push(continued ? line.slice(1) : line.slice(own.length + 1));
  }
  if (signature.length === 0) return undefined;
  const text = `${signature.join('\n')}\n`;
  const rest = end === -1 ? Buffer.alloc(0) : raw.subarray(end);
  return {
    kind: KINDS.find(([, first]) => text.startsWith(first))?.[0] ?? 'unknown',
    text,
    payload: Buffer.concat([Buffer.from(signed.join('\n'), 'latin1'), rest]),
    committed: Number(/^committer .*> (\d+) [+-]\d+$/m.exec(signed.join('\n'))?.[1]),
  };
}
