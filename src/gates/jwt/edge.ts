import type { ApiOperationSpec } from '../../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { normalEndpoint, operationKey } from '../../../reconcilers/cloudflare/api-shield/endpoint.ts';
import type { TokenConfigurationSpec } from '../../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import type { TokenRuleSpec } from '../../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { type WafRuleSpec, wafRuleKey } from '../../../reconcilers/cloudflare/waf/waf-rule.ts';
import type { CheckRequest } from '../../../reconcilers/edge/finding.ts';
import type { Config, Service } from '../../config/model/config.ts';
import type { AddressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { type Linked, ref } from '../../core/objects/reference.ts';
import {
  apiShieldAddress,
  oauth2ProviderAddress,
  providerLinkAddress,
  tokenConfigurationId,
  tokenRuleAddress,
  zoneId,
} from '../../desired/terms/addresses.ts';
import type { Door } from '../../desired/terms/doors.ts';
import type { BuiltGate, GateCheckTerms } from '../shared/built-gate.ts';
import type { TokenPlace } from '../shared/gate-row.ts';
import { clientMeant, type JwtGate } from './normal-form.ts';

/**
 * `jwt` at the edge: API Shield checks the signature of a token at each saved operation. One WAF rule blocks requests
 * that are not saved operations, another requests without a valid token for the audience, because API Shield checks
 * neither.
 */
export const builtAtEdge: BuiltGate<JwtGate> = {
  refuse: ({ gate, path, service }, config) => {
    if (path !== undefined) return 'it is the gate of a whole host, not of a path';
    if (service.paths.length > 0)
      return 'a path with another gate is not built on such a host: give it a host of its own';
    return missingClient(gate, config);
  },
  access: () => undefined,
  objects: (door, config) => [
    configuration(door, config),
    rule(door),
    ...operations(door),
    ...(door.gate.action === 'block' ? wafRules(door) : []),
  ],
  proof: (door) => (door.gate.action === 'block' ? proof(door) : undefined),
  looks: (_service, gate) => looksAt(gate),
};

type JwtDoor = Door<JwtGate>;

function missingClient({ keys }: JwtGate, { clients, authentik }: Config): string | undefined {
  if (!('client' in keys) || (clients.has(keys.client) && authentik !== undefined)) return undefined;
  return `there is no client ${keys.client}, whose keys would sign the tokens`;
}

/** The source of the keys: the client's name, or the address. */
function keySetOf({ keys }: JwtGate): string {
  return 'client' in keys ? keys.client : keys.url;
}

function configuration(
  { host, service, gate }: JwtDoor,
  { clients }: Config,
): DesiredObject<Omit<TokenConfigurationSpec, 'keys' | 'leaving'>> {
  // The client must sign before there is a key to read.
  const signer: readonly AddressId[] =
    'client' in gate.keys && clients.has(gate.keys.client) ? [providerLinkAddress(gate.keys.client)] : [];
  return {
    address: { kind: 'cloudflare/token-configuration', key: host },
    spec: {
      ...placeOf(service.zone),
      title: titleOf(host),
      sources: gate.from.map(sourceOf),
      keySet: keySetOf(gate),
    },
    needs: [apiShieldAddress(service.zone), ...signer],
    because: `services.${service.name}`,
  };
}

function rule({ host, service, gate }: JwtDoor): DesiredObject {
  const spec: Linked<TokenRuleSpec> = {
    ...placeOf(service.zone),
    title: titleOf(host),
    action: gate.action,
    enabled: true,
    configuration: tokenConfigurationId(host),
    hosts: [host],
    excluded: [],
    shadowed: false,
  };
  return { address: { kind: 'cloudflare/token-rule', key: host }, spec, because: `services.${service.name}` };
}

function operations({ host, service, gate }: JwtDoor): readonly DesiredObject[] {
  return gate.operations.map(({ method, path }) => {
    const spec: Linked<ApiOperationSpec> = {
      ...placeOf(service.zone),
      ...{ method, host, endpoint: normalEndpoint(path) },
    };
    return {
      address: { kind: 'cloudflare/api-operation', key: operationKey(spec as ApiOperationSpec) },
      spec,
      needs: [tokenRuleAddress(host)],
      because: `services.${service.name}`,
    };
  });
}

function wafRules({ host, service, gate }: JwtDoor): readonly DesiredObject[] {
  const closing = {
    ...placeOf(service.zone),
    ...{ host, action: 'block', enabled: true, intact: true, shadowed: false },
  };
  const audience = audienceOf(gate);
  const specs: readonly Linked<WafRuleSpec>[] = [
    { ...closing, purpose: 'fallthrough', ahead: true },
    { ...closing, purpose: 'audience', audience, configuration: tokenConfigurationId(host) },
  ];
  return specs.map((spec) => ({
    address: { kind: 'cloudflare/waf-rule', key: wafRuleKey(spec as WafRuleSpec) },
    spec,
    // Without API Shield no request would be a saved operation, and the host would be closed in vain.
    needs: [apiShieldAddress(service.zone)],
    because: `services.${service.name}`,
  }));
}

/** API Shield of each zone where it checks tokens, which gates cannot create. */
export function shieldLookups(built: readonly Service[]): readonly DesiredObject[] {
  const zones = built.flatMap(({ gate, zone }) => (gate.enforcedBy === 'shield' ? [zone] : []));
  return [...new Set(zones)].sort().map((key) => ({
    address: { kind: 'cloudflare/api-shield', key },
    spec: { entitled: true },
    mustExist:
      'the zone is not entitled to API Shield, and nothing checks a token at the edge: write `at: origin` in the gate, or ask Cloudflare for API Shield (Enterprise)',
    because: 'cloudflare.zones',
  }));
}

function audienceOf(gate: JwtGate): Linked<string> {
  const client = clientMeant(gate);
  return client === undefined ? gate.audience : ref(oauth2ProviderAddress(client), '{clientId}');
}

function proof({ host }: JwtDoor): GateCheckTerms {
  return {
    kind: 'edge/proof',
    expect: { type: 'jwt' },
    needs: [
      tokenRuleAddress(host),
      `cloudflare/token-configuration:${host}`,
      ...(['fallthrough', 'audience'] as const).map(
        (purpose): AddressId => `cloudflare/waf-rule:${wafRuleKey({ purpose, host })}`,
      ),
    ],
    covered: true,
  };
}

/** First a path that is not a saved operation, which shows our rules; then no token, and an unsigned token. */
function looksAt({ operations: saved, from }: JwtGate): readonly CheckRequest[] {
  const savedPath = saved.find(({ method }) => method === 'GET')?.path.replace(/\{[^{}]*\}/g, '1');
  const deepest = Math.max(...saved.map(({ path }) => path.split('/').length));
  const unsaved = { path: '/gates-probe'.repeat(deepest), unlisted: true } as const;
  const [place] = from;
  if (savedPath === undefined || place === undefined) return [unsaved];
  const headers: Readonly<Record<string, string>> =
    'header' in place ? { [place.header]: `Bearer ${garbage}` } : { cookie: `${place.cookie}=${garbage}` };
  return [unsaved, { path: savedPath }, { path: savedPath, headers }];
}

/** `{"alg":"none"}.{}.` */
const garbage = 'eyJhbGciOiJub25lIn0.e30.';

function sourceOf(place: TokenPlace): string {
  return 'header' in place
    ? `http.request.headers["${place.header}"][0]`
    : `http.request.cookies["${place.cookie}"][0]`;
}

function placeOf(zone: string): { readonly zone: string; readonly zoneId: string } {
  return { zone, zoneId: zoneId(zone) as unknown as string };
}

/** The longest title in characters. Nothing is found by the title. */
const longestTitle = 50;

function titleOf(host: string): string {
  return `gates ${host}`.slice(0, longestTitle);
}
