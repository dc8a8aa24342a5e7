import type { AnyReconciler, Reconciler } from '../src/core/reconciler.ts';
import { admission } from './authentik/admission.ts';
import { application } from './authentik/application.ts';
import { binding } from './authentik/binding.ts';
import { certificate } from './authentik/certificate.ts';
import { certificateKeyPair } from './authentik/certificate-key-pair.ts';
import { flow } from './authentik/flow.ts';
import { group } from './authentik/group.ts';
import { oauth2Provider } from './authentik/oauth2-provider.ts';
import { outpostEntry } from './authentik/outpost-entry.ts';
import { outpostHost } from './authentik/outpost-host.ts';
import { providerLink } from './authentik/provider-link.ts';
import { proxyProvider } from './authentik/proxy-provider.ts';
import { scopeMapping } from './authentik/scope-mapping.ts';
import { version } from './authentik/version.ts';
import { accessApplication } from './cloudflare/access-application.ts';
import { accessIdentityProvider } from './cloudflare/access-identity-provider.ts';
import { accessPolicy } from './cloudflare/access-policy.ts';
import { accessSession } from './cloudflare/access-session.ts';
import { accessTag } from './cloudflare/access-tag.ts';
import { account } from './cloudflare/account.ts';
import { apiOperation } from './cloudflare/api-operation.ts';
import { apiShield } from './cloudflare/api-shield.ts';
import { cacheRule } from './cloudflare/cache-rule.ts';
import { cachedCopies } from './cloudflare/cached-copies.ts';
import { dnsRecord } from './cloudflare/dns-record.ts';
import { ingressRule } from './cloudflare/ingress-rule.ts';
import { loginProtection } from './cloudflare/login-protection.ts';
import { organization } from './cloudflare/organization.ts';
import { serviceToken } from './cloudflare/service-token.ts';
import { tokenConfiguration } from './cloudflare/token-configuration.ts';
import { tokenRule } from './cloudflare/token-rule.ts';
import { tunnel } from './cloudflare/tunnel.ts';
import { wafRule } from './cloudflare/waf-rule.ts';
import { zone } from './cloudflare/zone.ts';
import { keySet } from './edge/key-set.ts';
import { proof } from './edge/proof.ts';

/** Every kind, one line each; the order is that of the plan where nothing else decides. */
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
  erase(group),
  erase(proxyProvider),
  erase(oauth2Provider),
  erase(application),
  // Before bindings: where both go, the login has to go first.
  erase(providerLink),
  erase(binding),
  erase(outpostHost),
  erase(outpostEntry),
  erase(accessTag),
  erase(serviceToken),
  erase(accessIdentityProvider),
  erase(accessPolicy),
  erase(accessApplication),
  erase(accessSession),
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
  erase(proof),
];

/** Safe because the engine hands a reconciler only specs of its own kind. */
function erase<Spec>(reconciler: Reconciler<Spec>): AnyReconciler {
  return reconciler as AnyReconciler;
}
