const normalized = new Map<string, string>();

/**
 * A URL for comparisons: scheme and host in lower case, no default port, no trailing slash. Cached, since the oracle
 * visits the same few origins after every write.
 */
export function normalizedUrl(text: string): string {
  const known = normalized.get(text);
  if (known !== undefined) return known;
  const url = normalize(text);
  if (normalized.size > 10_000) normalized.clear();
  normalized.set(text, url);
  return url;
}

function normalize(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`.toLowerCase().replace(/\/+$/, '');
}
