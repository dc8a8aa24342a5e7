const REPLACEMENT = '[redacted]';

/** Shorter values would blank out ordinary words. */
const SHORTEST_SECRET = 4;

/**
 * Secrets by their form, for those that nobody has registered. A bare run of 64 hex digits is not among them,
 * though older client secrets look like that: so do Access audience tags, which are public and which people
 * have to see; such a secret is known by its value, or by the name it stands behind. What looks like the name of a
 * variable behind such a name, as in the `deliver` of a plan, is one.
 */
const forms: readonly RegExp[] = [
  /\bcf[a-z]{2,5}_[A-Za-z0-9]{40,}/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]+/g,
  /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g,
  /\beyJhIjoi[A-Za-z0-9+/=_-]{40,}/g,
  /(?<=\bBearer\s+)[^\s"',]+/gi,
  /(?<=\b(?:client_?secret|cf[-_]access[-_]client[-_]secret|tunnel_?secret|x-auth-key)["']?\s*[:=]\s*["']?)(?!["']?[a-z]+(?:_[a-z]+)+\b)[^\s"',}]+/gi,
];

/** Keeps secrets out of logs, errors and reports. */
export interface Redactor {
  /** From now on this value is replaced wherever it appears, also JSON- or URL-encoded. */
  register(secret: string): void;
  redact(text: string): string;
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  // Sorted when it is next needed: a list of providers registers a thousand secrets in a row.
  let longestFirst: readonly string[] | undefined;
  return {
    register(secret) {
      if (secret.length < SHORTEST_SECRET || known.has(secret)) return;
      for (const written of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
        known.add(written);
      }
      longestFirst = undefined;
    },
    redact(text) {
      longestFirst ??= [...known].sort((left, right) => right.length - left.length);
      let clean = text;
      for (const secret of longestFirst) clean = clean.replaceAll(secret, REPLACEMENT);
      for (const form of forms) clean = clean.replace(form, REPLACEMENT);
      return clean;
    },
  };
}
