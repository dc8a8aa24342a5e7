import type { ProviderFlow } from '../../../reconcilers/authentik/reading/flow-strictness.ts';
import type { SamlProviderSpec } from '../../../reconcilers/authentik/saml/saml-provider.ts';
import type { FlowUse } from '../../config/model/config.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { applicationOfProvider, servingProviders } from './authentik-login.ts';

/** Slugs of flows. */
type Flows = Readonly<Record<FlowUse, string>>;

/** The values that the file has as defaults. */
const usual: Flows = {
  authorization: 'default-provider-authorization-implicit-consent',
  invalidation: 'default-provider-invalidation-flow',
  bind: 'default-authentication-flow',
  unbind: 'default-invalidation-flow',
};

/** The section `authentik.flows`: the flows that most providers use, as far as they are not the usual ones. */
export function usedFlows(live: LiveObjects): Partial<Flows> {
  const used = live.once(mostUsed);
  const uses = Object.keys(usual) as FlowUse[];
  return Object.fromEntries(uses.flatMap((use) => (used[use] === usual[use] ? [] : [[use, used[use]]])));
}

/** The key `flow` of a login whose provider has another authorization flow than most. */
export function ownFlow({ authorizationFlow }: ProviderFlow, live: LiveObjects): { readonly flow?: string } {
  const slug = flowOf(authorizationFlow, live);
  return slug === live.once(mostUsed).authorization ? {} : { flow: slug };
}

function mostUsed(live: LiveObjects): Flows {
  const named = <Spec>(providers: readonly Observed<Spec>[]) =>
    providers.filter((provider) => applicationOfProvider(provider, live) !== undefined);
  const logins = [
    ...servingProviders(live),
    ...named(live.of('authentik/oauth2-provider')),
    ...named(live.of('authentik/saml-provider')),
  ].map(({ spec }): Pick<SamlProviderSpec, 'authorizationFlow' | 'invalidationFlow'> => spec);
  const binds = named(live.of('authentik/ldap-provider')).map(({ spec }) => spec);
  const most = (ids: readonly string[]) => mostFrequent(ids.map((id) => flowOf(id, live)));
  return {
    authorization: most(logins.map((spec) => spec.authorizationFlow)) ?? usual.authorization,
    invalidation: most(logins.map((spec) => spec.invalidationFlow)) ?? usual.invalidation,
    bind: most(binds.map((spec) => spec.bindFlow)) ?? usual.bind,
    unbind: most(binds.map((spec) => spec.unbindFlow)) ?? usual.unbind,
  };
}

/** The slug of a flow. */
function flowOf(id: string, live: LiveObjects): string {
  return live.withId('authentik/flow', id)?.address.key ?? id;
}

/** The text that occurs most often; of several, the first. */
export function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = [...grouped(texts, (text) => text).entries()];
  return counts.sort(([, left], [, right]) => right.length - left.length)[0]?.[0];
}
