import type { MistakeRow, PlantedMistake } from './planted.ts';
import { inSandbox } from './sandbox-mistakes.ts';

const doors = 'src/doors/layers';

const inModel: readonly MistakeRow[] = [
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

const planted = (side: PlantedMistake['side'], rows: readonly MistakeRow[]) =>
  rows.map(([because, file, from, to, seed = 1]) => ({ side, because, file, from, to, seed }));

/** Bugs in the sandbox, and as many in the model. */
export const plantedMistakes: readonly (PlantedMistake & {
  readonly because: string;
  /** The world to look at first. */
  readonly seed: number;
})[] = [...planted('sandbox', inSandbox), ...planted('model', inModel)];
