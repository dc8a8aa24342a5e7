import type {
  AuthentikState,
  BindingRow,
  ExpressionPolicyRow,
  FlowRow,
} from '../../state/authentik-state.ts';

/**
 * The flows and policies that a visitor passes, by name: `flow mfa`, `policy office`. There are no stages and no Python
 * here, so a visitor states whether they have the second factor, the address or the reputation that is asked for.
 */
export type Passed = readonly string[];

/** The flows that every Authentik makes: one has no stage, the other one asks for a consent, which is assumed. */
const CONSENTS = [
  'default-provider-authorization-implicit-consent',
  'default-provider-authorization-explicit-consent',
];

/** True if an authorization flow lets a visitor through: Authentik's own everybody, any other one those who pass it. */
export function passesFlow(state: AuthentikState, pk: string, passed: Passed): boolean {
  const flow = state.flows.find((row) => row.pk === pk);
  return flow !== undefined && (asksNothing(flow) || passed.includes(flowName(flow)));
}

/** True if the policy of a binding agrees about a visitor. A policy that raises an error has the binding's result. */
export function passesPolicy(state: AuthentikState, binding: BindingRow, passed: Passed): boolean {
  const policy = state.expressionPolicies.find(({ pk }) => pk === binding.policy);
  if (policy === undefined) return binding.failure_result;
  const known = verdictOf(policy);
  if (known === 'error') return binding.failure_result;
  // Nobody can judge any other expression, so it may fail too.
  return known ?? (binding.failure_result || passed.includes(policyName(policy)));
}

/** True if a visitor passes the flow or policy of this name; also if everybody does. */
export function passesByName(state: AuthentikState, name: string, passed: Passed): boolean {
  if (passed.includes(name)) return true;
  if (state.flows.some((flow) => flowName(flow) === name && asksNothing(flow))) return true;
  return state.expressionPolicies.some((policy) => policyName(policy) === name && verdictOf(policy) === true);
}

/** The flows and bound policies that decide about visitors of any provider. */
export function decidingNames(state: AuthentikState): string[] {
  // In an LDAP provider, the field names the flow of a bind, which checks the password.
  const used = new Set(
    state.providers.flatMap((row) => (row.ldap === undefined ? [row.authorization_flow] : [])),
  );
  const bound = new Set(state.bindings.map(({ policy }) => policy));
  return [
    ...state.flows.filter((flow) => used.has(flow.pk) && !asksNothing(flow)).map(flowName),
    ...state.expressionPolicies
      .filter((policy) => bound.has(policy.pk) && verdictOf(policy) === undefined)
      .map(policyName),
  ];
}

function asksNothing({ slug }: FlowRow): boolean {
  return CONSENTS.includes(slug);
}

function flowName({ slug }: FlowRow): string {
  return `flow ${slug}`;
}

function policyName({ name }: ExpressionPolicyRow): string {
  return `policy ${name}`;
}

/** The verdict of the simplest expressions; undefined: it depends on the visitor. */
function verdictOf({ expression }: ExpressionPolicyRow): boolean | 'error' | undefined {
  const text = expression.trim();
  if (text === 'return True') return true;
  if (text === 'return False') return false;
  return text.startsWith('raise ') ? 'error' : undefined;
}
