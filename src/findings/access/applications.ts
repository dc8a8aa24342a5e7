import type {
  AccessApplicationReply,
  AccessApplicationSpec,
} from '../../../reconcilers/cloudflare/access/application/application-form.ts';
import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import type { Observed } from '../../core/objects/object.ts';
import { isWildcard } from '../../desired/live/host-pattern.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject } from '../terms/subjects.ts';

type Application = Observed<AccessApplicationSpec>;

/** The settings of an application that let requests past its login. */
const effects: Readonly<Record<string, string>> = {
  allow_authenticate_via_warp: 'a device with WARP gets in without a login',
  options_preflight_bypass: 'requests with the method OPTIONS reach the origin without a login',
  read_service_tokens_from_header: 'a machine may send its token in a header of its own',
};

/** The Access applications that lack something, or let requests past their login. */
export const faultyApplications: FindingQuestion = {
  rules: ['way-around', 'empty-application', 'application-without-host'],
  reads: ['cloudflare/access-application', 'cloudflare/dns-record'],
  ask: (ground) =>
    ground.live
      .of('cloudflare/access-application')
      .filter(({ raw }) => isSelfHosted(raw as AccessApplicationReply))
      .flatMap((application) => [
        ...wayFaults(application),
        ...policyFaults(application),
        ...placeFaults(application, ground),
      ]),
};

function isSelfHosted({ type = 'self_hosted' }: AccessApplicationReply): boolean {
  return type === 'self_hosted';
}

function wayFaults(application: Application): readonly FoundFault[] {
  const { name, waysAround } = application.spec;
  return waysAround.slice(0, 1).map(
    (way): FoundFault => ({
      rule: 'way-around',
      subject: subjectOf(application),
      says: `The Access application "${name}" has \`${way}\` on: ${effects[way] ?? 'requests get past its login'}`,
    }),
  );
}

function policyFaults(application: Application): readonly FoundFault[] {
  const { name, policies } = application.spec;
  if (policies.length > 0) return [];
  const says = `The Access application "${name}" has no policy, so it admits nobody`;
  return [{ rule: 'empty-application', subject: subjectOf(application), says }];
}

function placeFaults(application: Application, { names }: FindingGround): readonly FoundFault[] {
  const { name, destinations } = application.spec;
  const hosts = [...new Set(destinations.map(hostIn))];
  const isNowhere = hosts.every(
    (host) =>
      host !== undefined && !isWildcard(host) && names.isRead(host) && names.recordsOf(host).length === 0,
  );
  if (!isNowhere || hosts.length === 0) return [];
  return [
    {
      rule: 'application-without-host',
      subject: subjectOf(application),
      says: `The Access application "${name}" guards ${hosts.join(', ')}, and no DNS record has that name`,
    },
  ];
}

function subjectOf({ spec: { name, destinations } }: Application) {
  return namedSubject('Access application', name || destinations.join(', '));
}
