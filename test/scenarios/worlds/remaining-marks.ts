import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Row, type State, stateOf } from '../random-files/neighbours.ts';
import { askAdmin } from '../stage/hand.ts';

interface Rule {
  readonly service: string;
  readonly originRequest?: Row;
}

/**
 * Takes off the marks that `dropMarks` leaves: those of objects that a person never makes, such as the cache rule. The token of gates'
 * own visits goes. Only the tokens of machines that are on keep
 * their marks, because their secrets are in the vault.
 */
export async function dropRemainingMarks(sandbox: Sandbox): Promise<void> {
  const state = stateOf(sandbox);
  const edit = (system: 'cloudflare' | 'authentik', method: string, path: string, body?: unknown) =>
    askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', system, method, path, body });
  const account = `/accounts/${sandbox.accountId}`;
  const disabled = state.serviceTokens.filter(
    ({ enabled, name }) => enabled === false && /^gates:home\/(?!probe$)/.test(String(name)),
  );
  if (state.tags.some(({ name }) => name === 'gates-home'))
    await edit('cloudflare', 'DELETE', `${account}/access/tags/gates-home`);
  for (const { id } of state.serviceTokens.filter(({ name }) => name === 'gates:home/probe')) {
    await dropFromApplications(state, String(id), (method, path, body) =>
      edit('cloudflare', method, `${account}/access${path}`, body),
    );
    await edit('cloudflare', 'DELETE', `${account}/access/service_tokens/${id}`);
  }
  for (const { id, name, duration } of disabled)
    await edit('cloudflare', 'PUT', `${account}/access/service_tokens/${id}`, {
      ...{ duration, enabled: false, name: String(name).replace('gates:home/', 'disabled ') },
    });
  for (const { pk, name } of state.authentik.keyPairs.filter((row) =>
    String(row.name).startsWith('gates:home/'),
  ))
    await edit('authentik', 'PATCH', `/api/v3/crypto/certificatekeypairs/${pk}/`, {
      name: `pair of ${String(name).slice('gates:home/'.length)}`,
    });
  await dropFromRules(state, (id, ingress) =>
    edit('cloudflare', 'PUT', `${account}/cfd_tunnel/${id}/configurations`, { config: { ingress } }),
  );
  const { rulesets = [] } = state as unknown as { readonly rulesets?: readonly Row[] };
  for (const { phase, rules } of rulesets) {
    const all = (rules ?? []) as readonly Row[];
    if (!all.some(({ ref }) => String(ref).startsWith('gates_home_'))) continue;
    const unmarked = all.map(({ id: _, version: __, last_updated: ___, ref, ...rule }) =>
      String(ref).startsWith('gates_home_') ? { ...rule, description: 'by hand' } : { ...rule, ref },
    );
    const path = `/zones/${sandbox.zones[0]?.id}/rulesets/phases/${phase}/entrypoint`;
    await edit('cloudflare', 'PUT', path, { rules: unmarked });
  }
}

/** Takes a token out of the applications, with the policy that admits it: a host under cover then admits nobody. */
async function dropFromApplications(
  { apps, policies }: State,
  token: string,
  write: (method: string, path: string, body?: unknown) => Promise<unknown>,
): Promise<void> {
  const gone = policies.filter(({ include }) => JSON.stringify(include).includes(token)).map(({ id }) => id);
  for (const { id, name, type, tags, destinations, policies: own, sessionDuration } of apps) {
    const listed = own as readonly Row[];
    const left = listed.filter((policy) => !gone.includes(policy.id));
    if (left.length === listed.length) continue;
    const domain = (destinations as readonly Row[])[0]?.uri;
    await write('PUT', `/apps/${id}`, {
      ...{ name, type, tags, domain, destinations, session_duration: sessionDuration },
      policies: left.map((policy, index) => ({ id: policy.id, precedence: index + 1 })),
    });
  }
  for (const id of gone) await write('DELETE', `/policies/${id}`);
}

/** A rule that gates has closed names the owner in the header. */
async function dropFromRules(
  { tunnels }: State,
  write: (id: unknown, ingress: readonly Rule[]) => Promise<unknown>,
): Promise<void> {
  for (const { id, versions } of tunnels) {
    const all = versions as readonly { readonly config: { readonly ingress: readonly Rule[] } }[];
    const rules = all.at(-1)?.config.ingress ?? [];
    const isMarked = ({ originRequest }: Rule) => originRequest?.httpHostHeader === 'gates-home';
    if (!rules.some(isMarked)) continue;
    await write(
      id,
      rules.map((rule) => (isMarked(rule) ? { ...rule, originRequest: {} } : rule)),
    );
  }
}
