import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject } from '../terms/subjects.ts';

type Application = Observed<ApplicationSpec>;

/** The applications of Authentik that admit too many people, and those that do nothing. */
export const faultyLogins: FindingQuestion = {
  rules: ['unbound-application', 'negated-binding', 'application-without-provider'],
  reads: ['authentik/application', 'authentik/provider-link', 'authentik/binding', 'authentik/group'],
  needsEveryApplication: true,
  ask: (ground) => ground.live.of('authentik/application').flatMap((each) => faultOf(each, ground)),
};

function faultOf(application: Application, ground: FindingGround): readonly FoundFault[] {
  const { live } = ground;
  const { spec, raw, address, id } = application;
  const subject = namedSubject('Authentik application', address.key);
  const isLinked = live.of('authentik/provider-link').some((link) => link.spec.application === id);
  if (!isLinked) {
    const { meta_launch_url: launch = '' } = raw as { readonly meta_launch_url?: string };
    if (launch !== '') return [];
    return [
      {
        rule: 'application-without-provider',
        subject,
        says: `The application ${spec.name} (${address.key}) has neither a provider nor an address`,
      },
    ];
  }
  const bindings = live
    .of('authentik/binding')
    .filter((binding) => binding.spec.application === id && binding.spec.enabled);
  if (bindings.length === 0) {
    if (isOpenByFile(application, ground)) return [];
    return [
      {
        rule: 'unbound-application',
        subject,
        says: `No binding of the application ${spec.name} (${address.key}) is in effect: everybody with an account gets in`,
      },
    ];
  }
  const negated = bindings.find((binding) => binding.spec.negated);
  if (negated === undefined) return [];
  const group = live.of('authentik/group').find((each) => each.id === negated.spec.group)?.address.key;
  return [
    {
      rule: 'negated-binding',
      subject,
      says: `The application ${spec.name} (${address.key}) admits everybody except ${group === undefined ? 'whom one binding names' : `the group ${group}`}`,
    },
  ];
}

/** True if the file asks for this application without a binding: then it says why everybody may use it. */
function isOpenByFile({ address, owner }: Application, { file, live }: FindingGround): boolean {
  if (file === undefined || owner !== live.scope.owner) return false;
  const { objects } = file.desired;
  const isAsked = objects.some(
    (each) => each.address.kind === 'authentik/application' && each.address.key === address.key,
  );
  const isBound = objects.some(
    (each) => each.address.kind === 'authentik/binding' && each.address.key.startsWith(`${address.key}/`),
  );
  return isAsked && !isBound;
}
