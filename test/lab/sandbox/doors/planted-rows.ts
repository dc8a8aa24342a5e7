import type { PlantedMistake } from './planted.ts';

/** `seed`: a world in which the bug shows, if none of the first few does. */
type Row = readonly [because: string, file: string, from: string, to: string, seed?: number];

const edge = 'src/lab/sandbox/edge';
const outpost = 'src/lab/sandbox/authentik/outpost/outpost-decision.ts';

const inSandbox: readonly Row[] = [
  [
    'a broader path of Access wins',
    `${edge}/view/access-door.ts`,
    '(literalHost * 10_000 + literalPath)',
    '(literalHost * 10_000 - literalPath)',
  ],
  [
    'a destination does not cover what lies below it',
    `${edge}/view/access-door.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the file.
    'asked === path || asked.startsWith(`${path}/`)',
    'asked === path',
  ],
  [
    'an exclude list is not looked at',
    `${edge}/view/policy-decision.ts`,
    '!exclude.some((rule) => ruleMatches(rule, principal, !unknown))',
    'true',
  ],
  [
    'a Block policy admits',
    `${edge}/view/policy-decision.ts`,
    "return policy.decision === 'allow' ? policy : null;",
    'return policy;',
    13,
  ],
  [
    'a Bypass policy is passed over',
    `${edge}/access/access.ts`,
    "if (policy.decision === 'bypass' && policyMatches(policy, { context })) return { kind: 'open' };",
    '',
  ],
  [
    'a disabled service token opens',
    `${edge}/access/access.ts`,
    'if (!token?.enabled || isOver(view, token.expiresAt)) return undefined;',
    'if (token === undefined) return undefined;',
    30,
  ],
  ['the last rule of a tunnel decides', `${edge}/view/ingress.ts`, 'rules.find(', 'rules.findLast('],
  [
    'expressions of a tunnel match nothing',
    `${edge}/view/ingress.ts`,
    'goExpression(expression)?.test(path)',
    "goExpression(expression)?.test('')",
  ],
  [
    'a rule of a tunnel is for every path of its host',
    `${edge}/view/ingress.ts`,
    "hostMatches(rule.hostname ?? '', host) && pathMatches(rule.path ?? '', path)",
    "hostMatches(rule.hostname ?? '', host)",
  ],
  [
    'the tunnel demands no JWT',
    `${edge}/routing/tunnel.ts`,
    'if (access?.required === true) {',
    'if (access === null) {',
  ],
  [
    'the tunnel takes the JWT of any application',
    `${edge}/routing/tunnel.ts`,
    'claims.aud.some((aud) => audTags.includes(aud))',
    'audTags.length > 0',
  ],
  [
    'a name of a tunnel needs no proxy',
    `${edge}/view/resolution.ts`,
    'if (!throughEdge) return UNRESOLVED;',
    '',
    139,
  ],
  [
    'an unproxied name leads through the edge',
    `${edge}/routing/route.ts`,
    "resolution.kind === 'address' && !resolution.proxied",
    'resolution === null',
  ],
  [
    'custom rules do not block',
    `${edge}/rules/rule-verdict.ts`,
    "if (rule.action === 'block') return",
    "if (rule.action === 'none') return",
  ],
  [
    'Service Auth admits nobody',
    `${edge}/access/access.ts`,
    "policy.decision === 'non_identity' &&",
    'policy === null &&',
  ],
  [
    'Access takes away the JWT that a visitor sends',
    `${edge}/routing/route.ts`,
    "passage.kind === 'admitted' ? passage.assertion : sent",
    "passage.kind === 'admitted' ? passage.assertion : null",
  ],
  [
    'no preflight passes Access',
    `${edge}/access/access.ts`,
    'app.settings.options_preflight_bypass === true && isPreflight(visit)',
    'app.settings.options_preflight_bypass === null',
  ],
  [
    'Require Access Protection blocks nobody',
    `${edge}/access/require-access.ts`,
    '!== true) return null;',
    '!== undefined) return null;',
    9,
  ],
  [
    'a domain provider is for its own name alone',
    outpost,
    'host.endsWith(cookieDomain(app))',
    'host === cookieDomain(app)',
  ],
  [
    'every path is skipped where some are',
    outpost,
    'return read !== null && matchesSkipped(app, read, url);',
    'return read !== null;',
  ],
  [
    'Traefik asks about the other hosts',
    `${edge}/origin/traefik-origin.ts`,
    'origin.forwardAuth.includes(host);',
    '!origin.forwardAuth.includes(host);',
  ],
  [
    'a disabled binding counts',
    'src/lab/sandbox/authentik/api/access.ts',
    'target === application.pk && enabled &&',
    'target === application.pk &&',
  ],
  [
    'the least specific Workers route decides',
    `${edge}/worker/worker-match.ts`,
    'specificity(right.pattern) - specificity(left.pattern)',
    'specificity(left.pattern) - specificity(right.pattern)',
  ],
  [
    'a Worker runs at no path below its route',
    `${edge}/worker/worker-match.ts`,
    "path.endsWith('*') ? at.startsWith(path.slice(0, -1)) : at === path",
    "at === path.replace('*', '')",
  ],
  [
    'no Worker runs',
    `${edge}/worker/worker-match.ts`,
    'if (routes.length === 0 ||',
    'if (routes.length >= 0 ||',
  ],
];

const doors = 'src/doors/layers';

const inModel: readonly Row[] = [
  [
    'a broader destination of Access wins',
    `${doors}/access.ts`,
    'isNarrower(other.destination, claim.destination)',
    'isNarrower(claim.destination, other.destination)',
  ],
  [
    'a destination does not cover what lies below it',
    `${doors}/destination.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the file.
    'path === covered || path.startsWith(`${covered}/`)',
    'path === covered',
  ],
  [
    'an exclude list is not looked at',
    `${doors}/access-policy.ts`,
    ", negated(anyOf(...list('exclude'))));",
    ');',
  ],
  [
    'a Block policy is passed over',
    `${doors}/access-policy.ts`,
    "if (policy.decision === 'deny') return allOf(negated(matchOf(policy, of, false)), rest);",
    "if (policy.decision === 'deny') return rest;",
    14,
  ],
  [
    'a Bypass policy admits nobody',
    `${doors}/access-policy.ts`,
    "decide(policy.decision === 'bypass' ? bypassed : issued, match);",
    "decide(policy.decision === 'bypass' ? [] : issued, match);",
  ],
  [
    'a service token that is not valid admits',
    `${doors}/access-policy.ts`,
    "view.parts('service-token', id, ({ valid }) => valid).length > 0 ? holder : nobody",
    'holder',
    30,
  ],
  [
    'a session admits nobody',
    `${doors}/access-policy.ts`,
    "const session: Admission = { has: 'session', audience };",
    'const session: Admission = nobody;',
  ],
  [
    'every login admits',
    `${doors}/access-policy.ts`,
    "return email ? { has: 'email', address: email.toLowerCase() } : nobody;",
    "return { has: 'identity' };",
  ],
  [
    'Require Access Protection blocks nobody',
    `${doors}/access.ts`,
    'return blocks ? nobody : everybody;',
    'return everybody;',
    9,
  ],
  [
    'no preflight passes Access',
    `${doors}/access.ts`,
    "if (method === 'OPTIONS' && waysAround",
    "if (method === 'NONE' && waysAround",
  ],
  [
    'the tunnel demands no JWT',
    'src/doors/courses.ts',
    'if (audiences === undefined) return everybody;',
    'if (audiences !== null) return everybody;',
  ],
  [
    'the tunnel takes the JWT of any application',
    'src/doors/courses.ts',
    'return audiences.includes(audience) ? everybody : nobody;',
    'return everybody;',
  ],
  [
    'the tunnel takes no JWT that a visitor sends',
    'src/doors/courses.ts',
    '(view) => holdersOf(view, each)',
    '() => nobody',
  ],
  [
    'rules of a tunnel are for every path of their host',
    `${doors}/tunnel.ts`,
    'if (expression !== undefined && !expression.matches(path)) continue;',
    '',
  ],
  [
    'a name of a tunnel needs no proxy',
    `${doors}/names.ts`,
    "if (end.at === 'tunnel' && !proxied) return [];",
    '',
    28,
  ],
  [
    'an unproxied name leads through the edge',
    `${doors}/names.ts`,
    "through: proxied ? 'edge' : 'nothing'",
    "through: 'edge'",
  ],
  [
    'a wildcard record answers for no name',
    `${doors}/names.ts`,
    'if (found.length > 0) return found;',
    'if (found.length > 0) return [];',
  ],
  ['what is no saved operation is let through', `${doors}/edge-rules.ts`, '(saved ? when : nobody)', 'when'],
  [
    'Service Auth admits nobody',
    `${doors}/access-policy.ts`,
    "decide(policy.decision === 'bypass' ? bypassed : issued, match);",
    "decide(policy.decision === 'bypass' ? bypassed : [], match);",
  ],
  [
    'a disabled binding counts',
    `${doors}/authentik.ts`,
    "view.parts('binding', application, ({ enabled }) => enabled)",
    "view.parts('binding', application)",
    74,
  ],
  [
    'a domain provider is for its own name alone',
    `${doors}/authentik.ts`,
    'host.endsWith(domain)',
    'host === domain',
  ],
  [
    'no Worker runs',
    `${doors}/worker.ts`,
    "routes.every(({ script }) => script === '')",
    'routes.length >= 0',
  ],
  [
    'the Worker of gates passes everybody on',
    'src/doors/courses.ts',
    'return allOf(when, admittedByToken(inquiry, [worker.audience], audience));',
    'return when;',
  ],
  [
    'a less specific Workers route decides',
    `${doors}/worker.ts`,
    'isMoreSpecificRoute(route, other.route)',
    'isMoreSpecificRoute(other.route, route)',
  ],
];

const planted = (side: PlantedMistake['side'], rows: readonly Row[]) =>
  rows.map(([because, file, from, to, seed = 1]) => ({ side, because, file, from, to, seed }));

/** Bugs in the sandbox, and as many in the model. */
export const plantedMistakes: readonly (PlantedMistake & {
  readonly because: string;
  /** The world to look at first. */
  readonly seed: number;
})[] = [...planted('sandbox', inSandbox), ...planted('model', inModel)];
