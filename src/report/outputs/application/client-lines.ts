import type { ClientTerms } from './application-terms.ts';

/** The first line: the client, and the place of its secret. */
export function clientHeading({ name, secret, type }: ClientTerms): string {
  const where =
    type === 'public'
      ? 'The client is public and has no secret.'
      : secret === undefined
        ? 'gates delivers the secret to no file.'
        : `The secret is ${secret.variable} in ${secret.file}.`;
  return `# clients.${name}: the application logs people in at Authentik. ${where}\n`;
}

/** A line for each value that gates knows. */
export function settingLines(values: readonly (readonly [name: string, value: string | null])[]): string {
  return values.flatMap(([name, value]) => (value === null ? [] : [`${name} = ${value}\n`])).join('');
}

/** The address of the application, from the address to which its logins return. */
export function rootOf({ redirectUris }: ClientTerms, callback: string): string | undefined {
  return redirectUris.find((uri) => uri.endsWith(callback))?.slice(0, -callback.length);
}

/** The advice if no login returns to the application. */
export function notReturning(terms: ClientTerms, callback: string): readonly string[] {
  if (rootOf(terms, callback) !== undefined) return [];
  return [
    `clients.${terms.name}.redirectUris: add https://HOST${callback}, to which the application returns`,
  ];
}

/** The advice if the application gets no secret. */
export function undelivered({ name, secret, type }: ClientTerms): readonly string[] {
  if (type === 'public' || secret !== undefined) return [];
  return [`clients.${name}.deliver: name a file for the secret, which the application needs`];
}
