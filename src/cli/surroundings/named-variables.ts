/** Variables that an account or a server may have of its own, and whether they hold a secret. */
const bases = {
  CLOUDFLARE_API_TOKEN: true,
  CLOUDFLARE_WORKERS_TOKEN: true,
  AUTHENTIK_TOKEN: true,
  CLOUDFLARE_BASE_URL: false,
  AUTHENTIK_URL: false,
  GATES_PROBE_EDGE: false,
} as const;

type Base = keyof typeof bases;

const NAMED = new RegExp(`^(${Object.keys(bases).join('|')})_([A-Z][A-Z0-9_]*)$`);

/** The variable of an account or a server: `CLOUDFLARE_API_TOKEN_WORK`. */
export function variableOf(base: Base, name: string): string {
  return `${base}_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** All variables with a name at their end. `secret` reads one that holds a secret, or the file that it names. */
export function namedVariables(
  environment: NodeJS.ProcessEnv,
  secret: (variable: string) => string | undefined,
): { readonly values: ReadonlyMap<string, string>; readonly secrets: readonly string[] } {
  const values = new Map<string, string>();
  const secrets: string[] = [];
  for (const variable of Object.keys(environment)) {
    const [, base, name = ''] = NAMED.exec(variable) ?? [];
    if (base === undefined || name === 'FILE') continue;
    const isSecret = bases[base as Base];
    const holder = isSecret ? variable.replace(/_FILE$/, '') : variable;
    if (isSecret && !secrets.includes(holder)) secrets.push(holder);
    const value = isSecret ? secret(holder) : environment[variable];
    if (value) values.set(holder, value);
  }
  return { values, secrets };
}
