import type { Match } from './entry.ts';

/** `homelab/app.example.dev`; if the rule has a path, its expression follows after a space. */
export function ingressRuleKey(rule: {
  tunnel: string;
  hostname: string;
  path?: string | undefined;
}): string {
  const door = `${rule.tunnel}/${rule.hostname}`;
  return rule.path === undefined ? door : `${door} ${rule.path}`;
}

/** The number of earlier entries for the same requests. */
export function ordinalOf(matches: readonly Match[], index: number): number {
  const own = matches[index];
  return matches
    .slice(0, index)
    .filter((match) => match.hostname === own?.hostname && match.path === own.path).length;
}

/** An id for a rule, since rules have none: its ordinal distinguishes entries for the same requests. */
export function entryId(tunnelId: string, { hostname, path }: Match, ordinal: number): string {
  return [tunnelId, hostname, path ?? '', ...(ordinal === 0 ? [] : [`#${ordinal}`])].join(' ');
}
