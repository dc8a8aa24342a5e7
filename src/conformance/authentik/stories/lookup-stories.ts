import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject } from '../../../core/objects/object.ts';
import { each, same } from '../claims.ts';
import { lookedUp, stockMapping, wantedFlows } from '../gate.ts';
import { pending } from '../outcomes.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { all } from '../written-kind.ts';

/** The object is found, nothing is written for it, and another name is reported as missing. */
async function isFound(want: DesiredObject, stage: Stage): Promise<void> {
  same('what a run would do', await stage.due([want]), []);
  await stage.make([want]);
  const mustExist = 'there is none';
  const missing = { ...want, address: { ...want.address, key: stage.names.own('missing') }, mustExist };
  const changes = pending(await stage.plan([missing]));
  const refusals = changes.map(({ verb, reason }) => [verb, reason]);
  same('what a run says of one that is not there', refusals, [['refuse', mustExist]]);
  same('what the run wrote', stage.written, []);
}

async function refusesOtherFlow(stage: Stage): Promise<void> {
  const wants = wantedFlows.slice(0, 1).map((want) => ({ ...want, spec: { designation: 'enrollment' } }));
  const changes = pending(await stage.plan(wants));
  each(
    'what a run says of a flow for something else',
    changes.map(({ verb, reason }) => `${verb}: ${reason}`),
    ['for authorization'],
  );
}

async function findsCertificate(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const body = { common_name: names.own('theirs'), validity_days: 1 };
  await person.post('/crypto/certificatekeypairs/generate/', body);
  await isFound(lookedUp('authentik/certificate', names.own('theirs'), { privateKey: true }), stage);
}

const flowFile = 'reconcilers/authentik/reading/flow.ts';

/** The kinds that are only looked up. */
export const lookupStories: readonly Story[] = [
  {
    id: 'authentik/version-found',
    says: 'The server names its version, and gates knows it',
    where: 'reconcilers/authentik/reading/version.ts',
    reconcilers: all(version),
    act: (stage) => isFound(lookedUp('authentik/version', 'server', { supported: true }), stage),
  },
  ...wantedFlows.map(
    (want, n): Story => ({
      id: `authentik/flow-for-${['authorization', 'invalidation'][n]}`,
      says: `The server has the stock flow ${want.address.key}`,
      where: flowFile,
      reconcilers: all(flow),
      act: (stage) => isFound(want, stage),
    }),
  ),
  {
    id: 'authentik/flow-for-something-else',
    says: 'A flow names what it is for',
    where: flowFile,
    reconcilers: all(flow),
    act: refusesOtherFlow,
  },
  {
    id: 'authentik/scope-mapping-of-authentik',
    says: 'The scopes of Authentik itself keep their names',
    where: 'reconcilers/authentik/provider/scope-mapping.ts',
    reconcilers: all(scopeMapping),
    act: (stage) => isFound(stockMapping, stage),
  },
  {
    id: 'authentik/certificate-of-a-person',
    says: 'A certificate of a person is found by its name',
    where: 'reconcilers/authentik/signing-key/certificate.ts',
    reconcilers: all(certificate, certificateKeyPair),
    act: findsCertificate,
  },
];
