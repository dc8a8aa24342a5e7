import type { ProviderFlow } from '../../../reconcilers/authentik/reading/flow-strictness.ts';
import type { AuthentikConfig, Config } from '../../config/model/config.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { flowId } from '../terms/addresses.ts';

/** The authorization flow of a provider: one of its own, or that of all providers. */
export function providerFlow(
  own: string | undefined,
  { authorization }: AuthentikConfig['flows'],
): Linked<ProviderFlow> {
  return { authorizationFlow: flowId(own ?? authorization), usualFlow: flowId(authorization) };
}

/** The flows that single logins have in place of that of all providers, with the keys of the file: `clients.grafana.flow`. */
export function ownFlows({ authentik, clients, services }: Config): readonly OwnFlow[] {
  return [
    ...[...services.values()].map(({ name, gate }) => ofLogin(`services.${name}.gate.authentik`, gate)),
    ...[...(authentik?.domains.values() ?? [])].map((each) =>
      ofLogin(`authentik.domains.${each.name}`, each),
    ),
    ...[...clients.values()].map((client) => ofLogin(`clients.${client.name}`, client)),
  ].flat();
}

interface OwnFlow {
  readonly slug: string;
  readonly key: string;
}

function ofLogin(place: string, { flow }: { readonly flow: string | undefined }): readonly OwnFlow[] {
  return flow === undefined ? [] : [{ slug: flow, key: `${place}.flow` }];
}
