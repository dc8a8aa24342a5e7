import type { Kind } from '../../src/core/objects/address.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { Part } from '../../src/core/objects/part.ts';
import type { AccessPolicyPart, Selector } from '../../src/core/objects/parts/access-parts.ts';
import type { AccessApplicationSpec } from '../cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../cloudflare/access/access-policy.ts';
import { approvalWords, demandsOf, type PolicyDemands } from '../cloudflare/access/policy/policy-demands.ts';
import type { OrganizationSpec } from '../cloudflare/account/organization.ts';
import type { TunnelSpec } from '../cloudflare/account/tunnel.ts';
import type { ZoneSpec } from '../cloudflare/account/zone.ts';
import type { ApiOperationSpec } from '../cloudflare/api-shield/api-operation.ts';
import type { TokenRuleSpec } from '../cloudflare/api-shield/token-rule.ts';
import type { CacheRuleSpec } from '../cloudflare/cache/cache-rule.ts';
import type { CertificateHostSpec } from '../cloudflare/certificate/certificate-host.ts';
import type { DnsRecordSpec } from '../cloudflare/dns/record-spec.ts';
import type { IngressRuleSpec } from '../cloudflare/ingress/ingress-rule.ts';
import type { ServiceTokenSpec } from '../cloudflare/service-token/service-token.ts';
import type { WafRuleSpec } from '../cloudflare/waf/rule-spec.ts';
import { identityCode, type WorkerSpec } from '../cloudflare/worker/worker.ts';
import type { WorkerRouteSpec } from '../cloudflare/worker/worker-route.ts';
import type { PartSurroundings } from './part-surroundings.ts';

type Parts<Spec> = (have: Observed<Spec>, among: PartSurroundings) => readonly Part[];

const zone: Parts<ZoneSpec> = ({ address, spec }) => [
  { part: 'zone', name: address.key, active: spec.status === 'active' },
];

const record: Parts<DnsRecordSpec> = ({ spec }) => [
  {
    part: 'record',
    zone: spec.zone,
    name: spec.name.toLowerCase(),
    type: spec.type,
    content: targetOf(spec.content),
    proxied: spec.proxied,
  },
];

/** The target of a name. Case does not matter; the text before a tunnel's suffix is its id. */
function targetOf(content: string | undefined): string | undefined {
  return content?.toLowerCase().endsWith('.cfargotunnel.com') ? content : content?.toLowerCase();
}

const wafRule: Parts<WafRuleSpec> = ({ spec }) => {
  const { zone: name, enabled, shadowed, purpose, host, action, intact, audience, configuration } = spec;
  const own = { part: 'edge-rule', zone: name, enabled, shadowed } as const;
  const blocks = intact && action === 'block';
  if (purpose === 'skip' && intact && action === 'skip')
    return [{ ...own, rule: { blocks: 'nothing', host } }];
  if (purpose === 'fallthrough' && blocks) return [{ ...own, rule: { blocks: 'other-operations', host } }];
  if (purpose === 'audience' && blocks && audience !== undefined && configuration !== undefined)
    return [{ ...own, rule: { blocks: 'other-audiences', host, configuration, audience } }];
  return [{ ...own, rule: { blocks: 'unknown', action } }];
};

const operation: Parts<ApiOperationSpec> = ({ id, spec: { zone: name, host, method, endpoint } }) => [
  { part: 'operation', id, zone: name, host, method, endpoint },
];

const tokenRule: Parts<TokenRuleSpec> = ({ uses, spec }) => {
  const { zone: name, enabled, action, hosts, excluded, configuration } = spec;
  // A rule uses the configuration that its expression names; with any other expression it uses none.
  const known = uses.includes(configuration) ? configuration : undefined;
  return [{ part: 'token-rule', zone: name, enabled, action, hosts, excluded, configuration: known }];
};

const organization: Parts<OrganizationSpec> = ({ spec: { requiresAccess, exemptedZones = [] } }) => [
  { part: 'organization', requiresAccess, exemptedZones },
];

const application: Parts<AccessApplicationSpec> = ({ id, attributes, spec, raw }, among) => {
  const destinations = spec.destinations.filter((uri) => !uri.startsWith('{'));
  const { policies = [], allow_authenticate_via_warp: device } = (raw ?? {}) as ApplicationReply;
  const inherits =
    raw !== undefined && device == null && among.admitsDevices && !spec.waysAround.includes(byDevice);
  return [
    {
      part: 'access-application',
      id,
      audience: attributes.aud ?? id,
      destinations,
      policies: spec.policies,
      logins: spec.allowedProviders,
      waysAround: inherits ? [...spec.waysAround, byDevice] : spec.waysAround,
    },
    // Policies that belong only to the application are in no list of policies.
    ...policies
      .filter(({ id: policy }) => !among.policies.has(policy) && spec.policies.includes(policy))
      .map(inlinePolicy),
  ];
};

const byDevice = 'allow_authenticate_via_warp';

interface ApplicationReply {
  readonly policies?: readonly InlinePolicy[];
  readonly allow_authenticate_via_warp?: boolean | null;
}

interface InlinePolicy extends Partial<Pick<AccessPolicyPart, 'include' | 'require' | 'exclude'>> {
  readonly id: string;
  readonly decision: AccessPolicyPart['decision'];
}

function inlinePolicy(reply: InlinePolicy): Part {
  const { id, decision, include = [], require = [], exclude = [] } = reply;
  return { part: 'access-policy', id, decision, include, require, exclude, ...approvalOf(demandsOf(reply)) };
}

const policy: Parts<AccessPolicySpec> = ({ id, spec }) => {
  const { decision, include, require, exclude } = spec;
  return [
    {
      part: 'access-policy',
      id,
      decision,
      include: include as readonly Selector[],
      require: require as readonly Selector[],
      exclude: exclude as readonly Selector[],
      ...approvalOf(spec),
    },
  ];
};

function approvalOf({ approval = [] }: PolicyDemands): Pick<AccessPolicyPart, 'approval'> {
  return approval.length === 0 ? {} : { approval: approvalWords(approval) };
}

const serviceToken: Parts<ServiceTokenSpec> = ({ id, expiresAt, spec: { enabled } }, { now }) => [
  {
    part: 'service-token',
    id,
    valid: enabled && (expiresAt === undefined || Date.parse(expiresAt) > now.getTime()),
  },
];

const certificateHost: Parts<CertificateHostSpec> = ({ spec: { authority, host } }) => [
  { part: 'certificate-host', authority, host },
];

/** A Worker that somebody changed may do anything. */
const worker: Parts<WorkerSpec> = ({ address: { key: id }, owner, spec: { code, audience } }) => {
  if (owner === undefined) return [];
  return [{ part: 'worker', id, audience: code === identityCode ? audience : undefined }];
};

const workerRoute: Parts<WorkerRouteSpec> = ({ address, spec: { zone: name, script, failsOpen } }) => [
  { part: 'worker-route', zone: name, pattern: address.key, script, failsOpen },
];

const cacheRule: Parts<CacheRuleSpec> = ({ spec }) => {
  const { zone: name, host, action, enabled, intact, overruled } = spec;
  if (host === '')
    return enabled ? [{ part: 'cache-rule', zone: name, host: undefined, keepsOut: false }] : [];
  const keepsOut = enabled && intact && !overruled && action === 'set_cache_settings';
  return [{ part: 'cache-rule', zone: name, host, keepsOut }];
};

const tunnel: Parts<TunnelSpec> = ({ id, spec: { configSource } }, { ruledTunnels }) => [
  {
    part: 'tunnel',
    id,
    configuration: configSource === 'local' ? 'local' : ruledTunnels.has(id) ? 'remote' : 'unread',
  },
];

const ingressRule: Parts<IngressRuleSpec> = ({ spec }) => {
  const { tunnelId, hostname, path, service, originRequest } = spec;
  const { access, httpHostHeader } = originRequest;
  return [
    {
      part: 'tunnel-rule',
      tunnel: tunnelId,
      hostname,
      path,
      service,
      audiences: access?.audTag,
      hostHeader: httpHostHeader?.toLowerCase(),
    },
  ];
};

/** The contribution of an object to the layers, by kind. */
export const cloudflareParts: Readonly<Record<Kind, Parts<never>>> = {
  'cloudflare/zone': zone,
  'cloudflare/dns-record': record,
  'cloudflare/waf-rule': wafRule,
  'cloudflare/api-operation': operation,
  'cloudflare/token-rule': tokenRule,
  'cloudflare/organization': organization,
  'cloudflare/access-application': application,
  'cloudflare/access-policy': policy,
  'cloudflare/service-token': serviceToken,
  'cloudflare/certificate-host': certificateHost,
  'cloudflare/worker': worker,
  'cloudflare/worker-route': workerRoute,
  'cloudflare/cache-rule': cacheRule,
  'cloudflare/tunnel': tunnel,
  'cloudflare/ingress-rule': ingressRule,
};
