import { stringify } from 'yaml';
import type { ApplicationText, ClientTerms } from './application-terms.ts';
import { clientHeading, notReturning, rootOf, undelivered } from './client-lines.ts';

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/#existing-oidc-provider */
export function argoCd(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const url = rootOf(terms, '/auth/callback');
  const oidc = {
    name: 'Authentik',
    ...(live.issuer !== null && { issuer: live.issuer }),
    ...(live.clientId !== null && { clientID: live.clientId }),
    ...(secret !== undefined && { clientSecret: '$oidc.authentik.clientSecret' }),
    requestedScopes: scopes,
  };
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace: 'argocd', labels: { 'app.kubernetes.io/part-of': 'argocd' } },
    data: { ...(url !== undefined && { url }), 'oidc.config': stringify(oidc, { lineWidth: 0 }) },
  };
  const key =
    secret === undefined
      ? ''
      : '# It belongs into the Secret argocd-secret, key oidc.authentik.clientSecret.\n';
  return {
    text: `${clientHeading(terms)}${key}${stringify(config, { lineWidth: 0 })}`,
    missing: [...undelivered(terms), ...notReturning(terms, '/auth/callback')],
  };
}
