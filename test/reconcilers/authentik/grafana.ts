export { authentikKinds } from '../../../src/conformance/authentik/all-kinds.ts';

import type { DesiredObject } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { TestWorld } from '../../support/world.ts';

export const host = 'grafana.example.dev';
export const outpostName = 'authentik Embedded Outpost';
const because = 'services.grafana';
const authorization = 'default-provider-authorization-implicit-consent';
const invalidation = 'default-provider-invalidation-flow';

/** The flows that every provider needs. */
export const flows: readonly DesiredObject[] = [
  lookedUpFlow(authorization, 'authorization'),
  lookedUpFlow(invalidation, 'invalidation'),
];

function lookedUpFlow(key: string, designation: string): DesiredObject {
  const mustExist = 'there is no such flow';
  return { address: { kind: 'authentik/flow', key }, spec: { designation }, mustExist, because };
}

export const flowIds = {
  authorizationFlow: ref(`authentik/flow:${authorization}`),
  invalidationFlow: ref(`authentik/flow:${invalidation}`),
};

export function groupNamed(key: string): DesiredObject {
  return { address: { kind: 'authentik/group', key }, spec: { name: key }, because };
}

export const proxySpec = {
  mode: 'forward_single',
  externalHost: `https://${host}`,
  internalHost: '',
  internalHostTls: true,
  cookieDomain: '',
  skipPathRegex: '^/api/health$',
  ...flowIds,
  propertyMappings: [],
  grantTypes: ['authorization_code', 'refresh_token'],
  trustedProviders: [],
  hosts: [host],
};

export const provider: DesiredObject = {
  address: { kind: 'authentik/proxy-provider', key: 'grafana' },
  spec: proxySpec,
  because,
};

export const app: DesiredObject = {
  address: { kind: 'authentik/application', key: 'grafana' },
  spec: { name: 'grafana', launchUrl: `https://${host}/`, engine: 'any', hosts: [host] },
  because,
};

export function bindingOf(name: string): DesiredObject {
  return {
    address: { kind: 'authentik/binding', key: `grafana/${name}` },
    spec: {
      application: ref('authentik/application:grafana'),
      group: ref(`authentik/group:${name}`),
      enabled: true,
      user: '',
      negated: false,
      hosts: [host],
    },
    because,
  };
}

export function linkTo(
  groups: readonly string[],
  to = ref('authentik/proxy-provider:grafana'),
): DesiredObject {
  return {
    address: { kind: 'authentik/provider-link', key: 'grafana' },
    spec: {
      application: ref('authentik/application:grafana'),
      provider: to,
      admits: groups.length > 0 ? 'named' : 'everyone',
      hosts: [host],
    },
    needs: groups.map((name) => `authentik/binding:grafana/${name}` as const),
    because,
  };
}

export const outpostAddress: DesiredObject = {
  address: { kind: 'authentik/outpost-host', key: outpostName },
  spec: { host: 'https://auth.example.dev' },
  mustExist: 'there is no such outpost',
  because: 'authentik.outpost',
};

export const entry: DesiredObject = {
  address: { kind: 'authentik/outpost-entry', key: 'grafana' },
  spec: {
    outpost: ref(`authentik/outpost-host:${outpostName}`),
    provider: ref('authentik/proxy-provider:grafana'),
    hosts: [host],
  },
  needs: ['authentik/provider-link:grafana'],
  because,
};

/** The objects of a complete forward-auth gate for these groups. */
export function gateFor(...groups: readonly string[]): readonly DesiredObject[] {
  return [
    ...flows,
    ...groups.map(groupNamed),
    provider,
    app,
    ...groups.map(bindingOf),
    linkTo(groups),
    outpostAddress,
    entry,
  ];
}

/** The row with this name in a list of the API. */
export async function listed(test: TestWorld, path: string): Promise<readonly Row[]> {
  return ((await test.editAuthentik('GET', path)) as { readonly results: readonly Row[] }).results;
}

export interface Row {
  readonly pk: string | number;
  readonly [field: string]: unknown;
}

/** The id of a stock flow, for foreign providers. */
export async function flowPk(test: TestWorld, slug = authorization): Promise<string> {
  return String(((await test.editAuthentik('GET', `/flows/instances/${slug}/`)) as Row).pk);
}

/** Makes a foreign proxy provider. */
export async function foreignProxy(test: TestWorld, name: string): Promise<Row> {
  return (await test.editAuthentik('POST', '/providers/proxy/', {
    name,
    mode: 'forward_single',
    external_host: `https://${name}.example.dev`,
    authorization_flow: await flowPk(test),
    invalidation_flow: await flowPk(test, invalidation),
  })) as Row;
}
