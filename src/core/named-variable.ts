/** The variable of a name in the file: `CLOUDFLARE_API_TOKEN_WORK` for the account `work`. */
export function namedVariable(base: string, name: string): string {
  return `${base}_${name.toUpperCase().replaceAll('-', '_')}`;
}
