import type { Oauth2ProviderSpec } from '../../../reconcilers/authentik/provider/oauth2-provider.ts';
import { specByFile } from '../terms/explaining-file.ts';
import type { FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject, providerName } from '../terms/subjects.ts';

/** The clients whose redirect addresses are not those of one program. */
export const looseRedirects: FindingQuestion = {
  rules: ['loose-redirect'],
  reads: ['authentik/oauth2-provider'],
  ask: (ground) =>
    ground.live.of('authentik/oauth2-provider').flatMap((have): readonly FoundFault[] => {
      const { redirectUris: wanted = [] } = (specByFile(ground, have) ?? {}) as Partial<Oauth2ProviderSpec>;
      const asked = new Set(wanted.map(({ uri }) => uri));
      const loose = have.spec.redirectUris.find(
        ({ match, uri }) => match === 'regex' && !asked.has(uri) && !namesHost(uri),
      );
      if (loose === undefined) return [];
      const name = providerName(have, ground.live.scope);
      const says = `The OAuth2 provider "${name}" redirects to every address that matches \`${loose.uri}\``;
      return [{ rule: 'loose-redirect', subject: namedSubject('OAuth2 provider', name), says }];
    }),
};

/** True if each address that an expression matches has one known host: no operator stands before the path. */
function namesHost(expression: string): boolean {
  return /^\^?https?:\/\/(?:[a-z0-9-]|\\\.)+(?::\d+)?(?:\/|$|\\\/)/.test(expression);
}
