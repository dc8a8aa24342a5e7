/** The name of an object by its id in a state: `app.example.dev` of `cloudflare/access-application:app.example.dev`. */
export function shortName(id: string): string {
  return id.replace(/^(cloudflare|authentik|edge)\/[a-z0-9-]+:/, '');
}

/** The text with the short name of every id within it. */
export function withShortNames(text: string): string {
  return text.replace(/\b(cloudflare|authentik|edge)\/[a-z0-9-]+:/g, '');
}
