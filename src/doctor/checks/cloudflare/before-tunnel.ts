import { cacheMark } from '../../../../reconcilers/cloudflare/cache/rule-spec.ts';
import type { RulesetRule } from '../../../../reconcilers/cloudflare/rules/ruleset.ts';
import { routePattern, workerName } from '../../../../reconcilers/cloudflare/worker/workers-wire.ts';
import { matchesHost, mayMatch } from '../../../desired/live/host-pattern.ts';
import { mustNotBeStored } from '../../../desired/terms/cache.ts';
import {
  type Chart,
  type CheckJudgment,
  check,
  type Need,
  notKnown,
  ok,
  warning,
} from '../../chart/check.ts';
import { ifPermitted, type ZoneReply, zonesOf } from '../../chart/cloudflare.ts';

/** A foreign object that may act on requests before they reach the tunnel. */
interface Foreign {
  /** The noun for people: `redirect`. */
  readonly what: string;
  /** Its name or its expression, for people. */
  readonly name: string;
  /** It makes Cloudflare store answers, and does not answer or lead elsewhere itself. */
  readonly stores: boolean;
  readonly concerns: (host: string) => boolean;
  /** The Worker of a route. */
  readonly script?: string;
}

interface SeenZone {
  readonly zone: string;
  readonly foreign: readonly Foreign[];
  /** Permissions that the token lacks. */
  readonly lacking: readonly string[];
}

interface PageRule {
  readonly status?: string;
  readonly targets?: readonly { readonly constraint?: { readonly value?: string } }[];
  readonly actions?: readonly { readonly id: string; readonly value?: unknown }[];
}

/** A place that lists such rules, with the permission for its list. */
interface Place {
  readonly permission: string;
  readonly path: string;
  readonly read: (reply: unknown) => readonly Foreign[];
}

const places: readonly Place[] = [
  { permission: 'Zone / Cache Rules', path: phasePath('http_request_cache_settings'), read: cacheRulesIn },
  ...(
    [
      ['Zone / Dynamic Redirect', 'http_request_dynamic_redirect', 'redirect'],
      ['Zone / Transform Rules', 'http_request_transform', 'URL rewrite'],
      ['Zone / Origin Rules', 'http_request_origin', 'origin rule'],
    ] as const
  ).map(
    ([permission, phase, what]): Place => ({
      permission,
      path: phasePath(phase),
      read: (reply) => enabledRules(reply).map((rule) => ofExpression(what, rule)),
    }),
  ),
  { permission: 'Zone / Workers Routes', path: 'workers/routes', read: workersRoutesIn },
  { permission: 'Zone / Snippets', path: 'snippets/snippet_rules', read: snippetsIn },
  { permission: 'Zone / Page Rules', path: 'pagerules', read: pageRulesIn },
];

/** Checks for rules that answer, redirect or store before the tunnel is asked, at hosts of the file. */
export const beforeTunnel = check<readonly SeenZone[]>({
  name: 'before-tunnel',
  area: 'edge',
  asks: 'cloudflare',
  ask: async (chart) =>
    Promise.all((await zonesOf(chart)).filter(hasHosts(chart)).map((zone) => seenIn(zone, chart))),
  judge: (zones, need) => zones.flatMap((zone) => judgmentsOf(zone, need)),
});

function hasHosts({ config }: Need) {
  const zones = new Set([...(config?.services.values() ?? [])].map(({ zone }) => zone));
  return ({ name }: ZoneReply) => zones.has(name);
}

async function seenIn({ id, name: zone }: ZoneReply, { cloudflare }: Chart): Promise<SeenZone> {
  const seen = await Promise.all(
    places.map(async ({ permission, path, read }) => {
      const reply = await ifPermitted(cloudflare.get(`/zones/${id}/${path}`));
      return reply.may
        ? { foreign: read(reply.answer), lacking: [] }
        : { foreign: [], lacking: [permission] };
    }),
  );
  return {
    zone,
    foreign: seen.flatMap(({ foreign }) => foreign),
    lacking: seen.flatMap(({ lacking }) => lacking),
  };
}

function judgmentsOf(
  { zone: about, foreign, lacking }: SeenZone,
  { config }: Need,
): readonly CheckJudgment[] {
  const services = [...(config?.services.values() ?? [])].filter(({ zone }) => zone === about);
  const found = foreign.flatMap(({ what, name, stores, concerns, script }): readonly CheckJudgment[] => {
    const isOurs = (host: string) =>
      script !== undefined && script === workerName(config?.owner ?? '', host) && name === routePattern(host);
    const hosts = services
      .filter(
        (service) => concerns(service.host) && !isOurs(service.host) && (!stores || mustNotBeStored(service)),
      )
      .map(({ host }) => host);
    if (hosts.length === 0) return [];
    const text = `The ${what} ${name}, which is not ours, may match ${hosts.join(', ')} and acts before the tunnel`;
    return [
      stores
        ? warning('foreign-cache', {
            about,
            text: `${text}: Cloudflare stores what an admitted person fetches`,
            hint: 'Take these hosts out of it; the cache rule of gates wins only where it stands behind it',
          })
        : warning('before-tunnel', {
            about,
            text,
            hint: 'Take these hosts out of it, or make sure that it gives nobody what the gate keeps',
          }),
    ];
  });
  const blind = notKnown({
    about,
    text: 'The token may not read some of what may act before the tunnel',
    hint: `Give it ${lacking.map((name) => `"${name} / Read"`).join(', ')} to have this looked at`,
  });
  if (found.length + lacking.length === 0) return [ok('Nothing foreign acts before the tunnel', about)];
  return lacking.length > 0 ? [...found, blind] : found;
}

function phasePath(phase: string): string {
  return `rulesets/phases/${phase}/entrypoint`;
}

/** The enabled rules of a phase. A phase that never had a rule has no ruleset. */
function enabledRules(reply: unknown): readonly RulesetRule[] {
  const { rules } = (reply ?? {}) as { readonly rules?: readonly RulesetRule[] | null };
  return (rules ?? []).filter(({ enabled = true }) => enabled);
}

function cacheRulesIn(reply: unknown): readonly Foreign[] {
  return enabledRules(reply)
    .filter((rule) => cacheMark(rule) === undefined && rule.action_parameters?.cache === true)
    .map((rule) => ({ ...ofExpression('cache rule', rule), stores: true }));
}

function ofExpression(
  what: string,
  { expression, description = '' }: Pick<RulesetRule, 'expression' | 'description'>,
): Foreign {
  const name = `"${description === '' ? expression : description}"`;
  return { what, name, stores: false, concerns: (host) => mayMatch(expression, host) };
}

function workersRoutesIn(reply: unknown): readonly Foreign[] {
  const routes = (reply ?? []) as readonly { readonly pattern: string; readonly script?: string }[];
  // On a route without a script, no Worker runs.
  return routes
    .filter(({ script }) => script !== undefined && script !== '')
    .map(({ pattern, script }) => ({
      ...ofPattern('Workers route', pattern, false),
      ...(script !== undefined && { script }),
    }));
}

function snippetsIn(reply: unknown): readonly Foreign[] {
  const rules = (Array.isArray(reply) ? reply : []) as readonly {
    readonly expression: string;
    readonly snippet_name: string;
    readonly enabled?: boolean;
  }[];
  return rules
    .filter(({ enabled }) => enabled !== false)
    .map(({ expression, snippet_name: description }) => ofExpression('Snippet', { expression, description }));
}

function pageRulesIn(reply: unknown): readonly Foreign[] {
  const rules = (reply ?? []) as readonly PageRule[];
  return rules.flatMap(({ status, targets = [], actions = [] }) => {
    const pattern = targets[0]?.constraint?.value;
    if (status === 'disabled' || pattern === undefined) return [];
    const stores = actions.some(({ id, value }) => id === 'cache_level' && value === 'cache_everything');
    const leads = actions.some(({ id }) => id === 'forwarding_url' || id === 'resolve_override');
    return stores || leads ? [ofPattern('page rule', pattern, stores && !leads)] : [];
  });
}

/** `*example.dev/*`, with or without a scheme. */
function ofPattern(what: string, pattern: string, stores: boolean): Foreign {
  const [host = ''] = pattern.replace(/^[a-z*]*:\/\//, '').split('/');
  const concerns = (name: string) => matchesHost(host.toLowerCase(), name);
  return { what, name: pattern, stores, concerns };
}
