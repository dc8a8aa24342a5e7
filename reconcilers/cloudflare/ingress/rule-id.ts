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

/** An id for a rule, since rules have none. */
export function entryId(tunnelId: string, { hostname, path }: Match): string {
  return `${tunnelId} ${hostname} ${path ?? ''}`;
}
