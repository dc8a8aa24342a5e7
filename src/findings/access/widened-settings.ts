import type { Observed } from '../../core/objects/object.ts';
import type { FindingSubject } from '../../report/findings/findings.ts';
import { specByFile } from '../terms/explaining-file.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject, providerName } from '../terms/subjects.ts';

/** The settings beside policies and bindings that admit more people, or for longer. */
export const widenedSettings: FindingQuestion = {
  rules: ['widened-setting'],
  reads: [
    ...['cloudflare/access-application', 'cloudflare/access-policy'],
    ...['authentik/proxy-provider', 'authentik/oauth2-provider'],
  ],
  ask: (ground) => [
    ...ground.live
      .of('cloudflare/access-application')
      .flatMap((have) => faultsOf(have, namedSubject('Access application', have.spec.name), ground)),
    ...ground.live
      .of('cloudflare/access-policy')
      .filter(({ spec }) => spec.inlineOf === undefined)
      .flatMap((have) => faultsOf(have, namedSubject('Access policy', nameOf(have)), ground)),
    ...ground.live
      .of('authentik/proxy-provider')
      .flatMap((have) =>
        faultsOf(have, namedSubject('proxy provider', providerName(have, ground.live.scope)), ground),
      ),
    ...ground.live
      .of('authentik/oauth2-provider')
      .flatMap((have) =>
        faultsOf(have, namedSubject('OAuth2 provider', providerName(have, ground.live.scope)), ground),
      ),
  ],
};

function nameOf({ raw, address }: Observed): string {
  const { name } = raw as { readonly name?: string };
  return name || address.key;
}

/** One finding for each setting. A file decides the settings that it names, also one that was not read. */
function faultsOf(have: Observed, subject: FindingSubject, ground: FindingGround): readonly FoundFault[] {
  const wanted = specByFile(ground, have);
  const isMade = have.owner !== undefined && wanted === undefined;
  return (have.widenings ?? [])
    .filter(({ unless }) => unless === undefined || !(isMade || (wanted !== undefined && unless in wanted)))
    .map(
      ({ field, effect }): FoundFault => ({
        rule: 'widened-setting',
        subject,
        says: `\`${field}\` of the ${subject.kind} "${subject.name}": ${effect}`,
      }),
    );
}
