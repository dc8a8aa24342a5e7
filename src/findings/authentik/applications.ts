import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject } from '../terms/subjects.ts';

type Application = Observed<ApplicationSpec>;

/** The parts of a reply that say what an application has beside its provider. */
interface Reply {
  readonly meta_launch_url?: string;
  readonly backchannel_providers?: readonly number[];
}

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
    const { meta_launch_url: launch = '', backchannel_providers: others = [] } = raw as Reply;
    if (launch !== '' || others.length > 0) return [];
    return [
      {
        rule: 'application-without-provider',
        subject,
        says: `The application ${spec.name} (${address.key}) has neither a provider nor an address`,
      },
    ];
  }
  if (isUnbound(application, ground))
    return [
      {
        rule: 'unbound-application',
        subject,
        says: `No binding of the application ${spec.name} (${address.key}) is in effect: everybody with an account gets in`,
      },
    ];
  const negated = bindingsOf(application, ground).find((binding) => binding.spec.negated);
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

/** True if an application admits everybody with an account, and no file says why. */
export function isUnbound(application: Application, ground: FindingGround): boolean {
  return bindingsOf(application, ground).length === 0 && !isOpenByFile(application, ground);
}

/** The bindings that are in effect. */
function bindingsOf({ id }: Application, { live }: FindingGround): readonly Observed<BindingSpec>[] {
  return live
    .of('authentik/binding')
    .filter((binding) => binding.spec.application === id && binding.spec.enabled);
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
