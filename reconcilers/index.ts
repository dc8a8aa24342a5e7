import type { AnyReconciler, Reconciler } from '../src/core/reconciler.ts';
import { admission } from './authentik/application/admission.ts';
import { application } from './authentik/application/application.ts';
import { binding } from './authentik/application/binding.ts';
import { group } from './authentik/application/group.ts';
import { groupParent } from './authentik/application/group-parent.ts';
import { policy } from './authentik/application/policy.ts';
import { providerLink } from './authentik/application/provider-link.ts';
import { user } from './authentik/application/user.ts';
import { ldapProvider } from './authentik/ldap/ldap-provider.ts';
import { ldapEntry } from './authentik/outpost/ldap-entry.ts';
import { ldapOutpost } from './authentik/outpost/ldap-outpost.ts';
import { outpostEntry } from './authentik/outpost/outpost-entry.ts';
import { outpostHost } from './authentik/outpost/outpost-host.ts';
import { oauth2Provider } from './authentik/provider/oauth2-provider.ts';
import { proxyProvider } from './authentik/provider/proxy-provider.ts';
import { scopeMapping } from './authentik/provider/scope-mapping.ts';
import { flow } from './authentik/reading/flow.ts';
import { version } from './authentik/reading/version.ts';
import { samlMapping } from './authentik/saml/saml-mapping.ts';
import { samlProvider } from './authentik/saml/saml-provider.ts';
import { certificate } from './authentik/signing-key/certificate.ts';
import { certificateKeyPair } from './authentik/signing-key/certificate-key-pair.ts';
import { accessApplication } from './cloudflare/access/access-application.ts';
import { accessIdentityProvider } from './cloudflare/access/access-identity-provider.ts';
import { accessPolicy } from './cloudflare/access/access-policy.ts';
import { accessSession } from './cloudflare/access/access-session.ts';
import { accessTag } from './cloudflare/access/access-tag.ts';
import { account } from './cloudflare/account/account.ts';
import { organization } from './cloudflare/account/organization.ts';
import { postureCheck } from './cloudflare/account/posture-check.ts';
import { tunnel } from './cloudflare/account/tunnel.ts';
import { zone } from './cloudflare/account/zone.ts';
import { apiOperation } from './cloudflare/api-shield/api-operation.ts';
import { apiShield } from './cloudflare/api-shield/api-shield.ts';
import { tokenConfiguration } from './cloudflare/api-shield/token-configuration.ts';
import { tokenRule } from './cloudflare/api-shield/token-rule.ts';
import { cacheRule } from './cloudflare/cache/cache-rule.ts';
import { cachedCopies } from './cloudflare/cache/cached-copies.ts';
import { certificateAuthority } from './cloudflare/certificate/certificate-authority.ts';
import { certificateHost } from './cloudflare/certificate/certificate-host.ts';
import { dnsRecord } from './cloudflare/dns/dns-record.ts';
import { ingressRule } from './cloudflare/ingress/ingress-rule.ts';
import { loginProtection } from './cloudflare/rules/login-protection.ts';
import { serviceToken } from './cloudflare/service-token/service-token.ts';
import { wafRule } from './cloudflare/waf/waf-rule.ts';
import { worker } from './cloudflare/worker/worker.ts';
import { workerRoute } from './cloudflare/worker/worker-route.ts';
import { edgeCheck } from './edge/edge-check.ts';
import { keySet } from './shared/key-set.ts';

/** Every kind, one on each line. The plan uses this order if nothing else decides. */
export const reconcilers: readonly AnyReconciler[] = [
  erase(account),
  erase(zone),
  erase(organization),
  erase(loginProtection),
  erase(tunnel),
  erase(version),
  erase(flow),
  erase(certificate),
  erase(certificateKeyPair),
  erase(scopeMapping),
  erase(samlMapping),
  erase(group),
  erase(groupParent),
  erase(user),
  erase(policy),
  erase(proxyProvider),
  erase(oauth2Provider),
  erase(samlProvider),
  erase(ldapProvider),
  erase(application),
  // Before bindings: if both are removed, the login has to be removed first.
  erase(providerLink),
  erase(binding),
  erase(outpostHost),
  erase(outpostEntry),
  erase(ldapOutpost),
  erase(ldapEntry),
  erase(accessTag),
  erase(serviceToken),
  erase(accessIdentityProvider),
  erase(postureCheck),
  erase(certificateAuthority),
  erase(accessPolicy),
  erase(accessApplication),
  erase(certificateHost),
  erase(accessSession),
  erase(worker),
  erase(workerRoute),
  erase(apiShield),
  erase(keySet),
  erase(tokenConfiguration),
  erase(tokenRule),
  erase(wafRule),
  erase(cacheRule),
  erase(cachedCopies),
  erase(apiOperation),
  erase(ingressRule),
  erase(dnsRecord),
  erase(admission),
  erase(edgeCheck),
];

/** Drops the spec's type. Safe because the engine gives a reconciler only specs of its own kind. */
function erase<Spec>(reconciler: Reconciler<Spec>): AnyReconciler {
  return reconciler as AnyReconciler;
}
