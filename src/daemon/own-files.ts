/** Variables that name files with secrets of gates. */
const OWN_FILE = /^(?:CLOUDFLARE|AUTHENTIK|GATES)_\w+_FILE$/;

/** The files in which gates itself finds its secrets: no gates.yaml may have them read for anything else. */
export function ownFilesOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    OWN_FILE.test(name) && value !== undefined && value !== '' ? [value] : [],
  );
}
