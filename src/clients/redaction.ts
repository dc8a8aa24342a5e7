const REPLACEMENT = '[redacted]';

/** Shorter values would blank out ordinary words. */
const SHORTEST_SECRET = 4;

/**
 * Secrets by their form, for those that nobody has registered. A bare run of 64 hex digits is not among them, although
 * older client secrets look like that: so do Access audience tags, which are public and which people must see. Such a
 * secret is recognized by its value, or by the name before it. Text after such a name that looks like the name of a
 * variable, as in the `deliver` of a plan, counts as one.
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
  /** From now on, replaces this value wherever it appears, even JSON- or URL-encoded. */
  register(secret: string): void;
  redact(text: string): string;
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  // Sorted only when needed: a list of providers registers a thousand secrets in a row.
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
