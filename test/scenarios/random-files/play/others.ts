import { isOurRule, isOurs, type Row, rulesOf, type State } from '../neighbours.ts';

/** The foreign parts of a snapshot, with foreign rules and entries in their order. */
export function othersIn(state: State): string {
  const foreign = (rows: readonly Row[]) => rows.filter((row) => !isOurs(row));
  const { authentik } = state;
  const applications = foreign(authentik.applications);
  const providers = foreign(authentik.providers);
  const targets = new Set([...applications, ...authentik.flows].map(({ pk }) => pk));
  const entries = new Set(providers.map(({ pk }) => pk));
  return JSON.stringify(
    {
      records: foreign(state.records),
      applications: foreign(state.apps),
      policies: foreign(state.policies.filter(({ appId }) => appId === null)),
      tags: foreign(state.tags),
      tokens: foreign(state.serviceTokens),
      rules: state.tunnels
        .filter(({ name }) => name === 'homelab')
        .map((tunnel) => rulesOf(tunnel).filter((rule) => !isOurRule(rule))),
      // A run takes a turn and releases it, so that its objects differ.
      groups: foreign(authentik.groups).filter(({ name }) => !String(name).startsWith('gates-turn-')),
      logins: applications,
      providers,
      bindings: authentik.bindings.filter(({ target }) => targets.has(target)),
      entries: authentik.outposts.map((outpost) => [
        outpost.name,
        (outpost.providers as readonly unknown[]).filter((pk) => entries.has(pk)),
      ]),
      scopeMappings: foreign(authentik.scopeMappings),
      keyPairs: foreign(authentik.keyPairs),
      flows: authentik.flows,
      expressionPolicies: authentik.expressionPolicies,
      brands: authentik.brands,
    },
    undefined,
    1,
  );
}
