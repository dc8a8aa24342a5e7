import { namedVariable } from '../../core/named-variable.ts';

/** Variables that an account, a server of Authentik or the token of a zone may have of its own. */
const bases = {
  CLOUDFLARE_API_TOKEN: { of: 'account', isSecret: true },
  CLOUDFLARE_WORKERS_TOKEN: { of: 'account', isSecret: true },
  CLOUDFLARE_ZONE_TOKEN: { of: 'zone', isSecret: true },
  CLOUDFLARE_BASE_URL: { of: 'account', isSecret: false },
  GATES_PROBE_EDGE: { of: 'account', isSecret: false },
  AUTHENTIK_TOKEN: { of: 'server', isSecret: true },
  AUTHENTIK_URL: { of: 'server', isSecret: false },
} as const;

type Base = keyof typeof bases;

const NAMED = new RegExp(`^(${Object.keys(bases).join('|')})_([A-Z][A-Z0-9_]*)$`);

/** The variable of an account, a server or the token of a zone: `CLOUDFLARE_API_TOKEN_WORK`. */
export function variableOf(base: Base, name: string): string {
  return namedVariable(base, name);
}

/** All variables that an account, a server or the token of a zone may have of its own. */
export function variablesOf(of: 'account' | 'server' | 'zone', name: string): readonly string[] {
  const own = (Object.keys(bases) as Base[]).filter((base) => bases[base].of === of);
  return own.map((base) => variableOf(base, name));
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
    const { isSecret } = bases[base as Base];
    const holder = isSecret ? variable.replace(/_FILE$/, '') : variable;
    if (isSecret && !secrets.includes(holder)) secrets.push(holder);
    const value = isSecret ? secret(holder) : environment[variable];
    if (value) values.set(holder, value);
  }
  return { values, secrets };
}

/** True if a variable holds the token of an account with a name. */
export function hasNamedAccount(named: ReadonlyMap<string, string>): boolean {
  return [...named.keys()].some((variable) => variable.startsWith('CLOUDFLARE_API_TOKEN_'));
}

/** The tokens of zones, by their variables. */
export function zoneTokensIn(named: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...named].filter(([variable]) => variable.startsWith('CLOUDFLARE_ZONE_TOKEN_')));
}
