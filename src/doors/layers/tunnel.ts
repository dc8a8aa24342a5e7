import type { TunnelRulePart } from '../../core/objects/parts/tunnel-parts.ts';
import { type Alternative, alternatives, everybody } from '../admission/admission.ts';
import { ruleKeys } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { expressionOf } from './expression.ts';
import { decodedReadingsOf } from './path-reading.ts';

/**
 * The rule that answers; `unread`: gates could not read it; `unknown`: nobody can know which, such as one in a file of the server;
 * undefined: no rule reaches a service.
 */
export type TunnelAnswer = TunnelRulePart | 'unread' | 'unknown' | undefined;

/**
 * The answers of a tunnel to a request: the first rule that matches host and path decides. A tunnel of another account
 * leads nowhere, and so does one without rules, for which cloudflared answers 503.
 */
export function answersOf(
  view: View,
  tunnel: string,
  { host, path }: { readonly host: string; readonly path: string },
): readonly Alternative<TunnelAnswer>[] {
  if (view.unread('tunnel') || view.unread('tunnel-rule')) return [{ when: everybody, item: 'unread' }];
  const [known] = view.parts('tunnel', tunnel);
  if (known === undefined) return [{ when: everybody, item: undefined }];
  if (known.configuration !== 'remote') return [{ when: everybody, item: 'unknown' }];
  const rules = view.parts('tunnel-rule', ruleKeys(tunnel, host));
  // All connectors read a path alike.
  const about = `cloudflared, ${host}${path}`;
  return alternatives(
    'path spelling',
    about,
    decodedReadingsOf(path).map((reading) => [reading, firstRule(rules, reading)] as const),
  ).map(({ when, item: rule }) => {
    if (typeof rule === 'object') view.weigh?.({ layer: 'tunnel rule', part: rule, admits: when });
    if (typeof rule === 'object' && rule.service.startsWith('http_status:')) return { when, item: undefined };
    return { when, item: rule === nowhere ? undefined : rule };
  });
}

/** A placeholder for no rule, as a value that JSON has. */
const nowhere = 'nowhere';

/** The API refuses an expression that Go does not compile, so nobody knows what a tunnel would do with one. */
function firstRule(
  rules: readonly TunnelRulePart[],
  path: string,
): TunnelRulePart | 'unknown' | typeof nowhere {
  for (const rule of rules) {
    const expression = rule.path ? expressionOf(rule.path) : undefined;
    if (rule.path && expression === undefined) return 'unknown';
    if (expression !== undefined && !expression.matches(path)) continue;
    return rule;
  }
  return nowhere;
}
