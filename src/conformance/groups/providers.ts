import { randomUUID } from 'node:crypto';
import { clientVaultName } from '../../../reconcilers/authentik/provider/client-secret.ts';
import { accessIdentityProvider } from '../../../reconcilers/cloudflare/access/access-identity-provider.ts';
import { identityProviderRow } from '../../../reconcilers/cloudflare/access/identity-provider/identity-provider-row.ts';
import { notAsked } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { readsBack } from '../read-back.ts';

const beliefs = named('providers', {
  name: {
    says: 'An identity provider may be called gates:OWNER/NAME, and reads back as gates wrote it',
    where: 'reconcilers/cloudflare/access/access-identity-provider.ts',
  },
});

/** Nobody is there: visitors who choose it on a login page reach no page. */
const nowhere = 'https://gates-conformance.invalid';
const key = 'names';

/**
 * Not in the quick set, because people see a scratch provider for some seconds on the login pages of applications that
 * allow every provider.
 */
export const providers: Group = {
  name: 'providers',
  set: 'full',
  seconds: 5,
  makes: [
    '1 identity provider of Access, for some seconds, where the account has one already; login pages that offer every provider show it meanwhile',
  ],
  needs: ['token/providers'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await answers.ask(beliefs.name, async () => {
      const { vault } = lab.world;
      if ((await lab.world.read(identityProviderRow)).length === 0)
        return notAsked('the account has no identity provider, and a first one may end its logins by code');
      await vault.put(clientVaultName(key), { clientId: lab.owner, clientSecret: randomUUID() });
      return readsBack(lab, accessIdentityProvider, key, {
        ...{ type: 'oidc', authUrl: `${nowhere}/authorize`, tokenUrl: `${nowhere}/token` },
        ...{ certsUrl: `${nowhere}/keys`, scopes: ['openid', 'email', 'profile'], claims: ['gates_groups'] },
        ...{ emailClaim: 'email', pkce: true, client: 'kept' },
      });
    });
  },
};
