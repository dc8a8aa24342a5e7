import { isOurs, type Row } from '../neighbours.ts';
import { applicationsOf, type Calls, inAuthentik, policy } from './calls.ts';

const posted =
  (kind: 'policies' | 'serviceTokens', body: (row: Row) => Row): Calls =>
  ({ state, account }) =>
    state[kind].filter(isOurs).map((row) => ({
      ...{ system: 'cloudflare', method: 'POST' },
      path: `${account}/access/${kind === 'serviceTokens' ? 'service_tokens' : kind}`,
      body: body(row),
    }));

/** The ways to make a second object with the name and the mark of one of ours, as a dashboard copies it. */
export const copies = {
  'copy a policy': posted(
    'policies',
    policy(() => ({})),
  ),
  'copy a policy for everybody': posted(
    'policies',
    policy(({ decision }) => ({
      include: decision === 'allow' ? [{ everyone: {} }] : [{ any_valid_service_token: {} }],
    })),
  ),
  'copy a token': posted('serviceTokens', ({ name, duration }) => ({ name, duration })),
  'copy a token rule': ({ state, zone }) =>
    (state.tokenRules ?? []).filter(isOurs).map(({ id: _, ...row }) => ({
      ...{ system: 'cloudflare', method: 'POST', path: `${zone}/token_validation/rules` },
      body: row,
    })),
  'copy a binding': ({ state }) => {
    const ours = new Set(applicationsOf(state).map(({ pk }) => pk));
    return state.authentik.bindings
      .filter(({ target }) => ours.has(target))
      .map(({ pk: _, ...row }) => inAuthentik('POST', '/policies/bindings/', { ...row, order: 90 }));
  },
} satisfies Readonly<Record<string, Calls>>;
