import type { MistakeRow } from './planted.ts';

const edge = 'src/lab/sandbox/edge';
const outpost = 'src/lab/sandbox/authentik/outpost/outpost-decision.ts';

/** Bugs in the sandbox that the comparison with the model has to show. */
export const inSandbox: readonly MistakeRow[] = [
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
