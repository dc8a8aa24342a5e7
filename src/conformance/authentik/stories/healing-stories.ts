import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject } from '../../../core/objects/object.ts';
import { claim, same } from '../claims.ts';
import * as gate from '../gate.ts';
import { listedRow, outpostOf } from '../hands.ts';
import type { Names } from '../names.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { ofGates } from './gate-story.ts';
import { openedBy } from './openings.ts';

const tell = ofGates('src/plan/plan.ts');

/**
 * A person removes a part of a gate. The story claims the repairs of the next run, in order, and a good end.
 * `stillOpen` are writes after which the opening by that person is not closed yet.
 */
function removedByHand(
  what: string,
  wantsOf: (names: Names) => readonly DesiredObject[],
  remove: (stage: Stage) => Promise<unknown>,
  due: (names: Names) => readonly string[],
  stillOpen: readonly string[] = [],
): Story {
  return tell(`${what.replaceAll(' ', '-')}-gone-by-hand`, `a run makes the ${what} again`, async (stage) => {
    const wants = wantsOf(stage.names);
    await stage.make(wants);
    await remove(stage);
    const opened = openedBy(stage);
    same('what a run would do', await stage.due(wants), due(stage.names));
    await stage.make(wants);
    same('what a second run would do', await stage.due(wants), []);
    same('writes after which the application was open', opened, stillOpen);
  });
}

/** A client that was removed by hand gets the delivered id and secret again, and no output shows them. */
async function keepsItsSecret(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const wants = gate.clientOf(names);
  const row = () => listedRow(person, '/providers/oauth2/', `gates:${names.owner}/client`);
  await stage.make(wants);
  const first = await row();
  await person.remove(`/providers/oauth2/${first.pk}/`);
  await stage.make(wants);
  const second = await row();
  claim(second.pk !== first.pk, 'it is the same object');
  claim(second.client_id === first.client_id, 'it has another client id');
  claim(second.client_secret === first.client_secret, 'it has another secret');
  const secret = String(first.client_secret);
  claim(secret.length > 20, 'its secret is short');
  claim(!stage.said.some((text) => text.includes(secret)), 'a plan or an outcome has the secret');
}

const gateOf = (names: Names) => gate.gateFor(names, 'admins');
const bindingId = (names: Names) => `authentik/binding:${names.application}/${names.own('admins')}`;

/** A person removes a part of a gate in Authentik. */
export const healingStories: readonly Story[] = [
  removedByHand(
    'group',
    gateOf,
    async ({ person, names }) => {
      const { pk } = await listedRow(person, '/core/groups/', names.own('admins'));
      return person.remove(`/core/groups/${pk}/`);
    },
    (names) => [`create authentik/group:${names.own('admins')}`, `create ${bindingId(names)}`],
    // Removing the group opened the gate; until it is made again, there is nothing to bind.
    ['POST /core/groups/'],
  ),
  removedByHand(
    'binding',
    gateOf,
    async ({ person, names }) => {
      const { pk } = await person.get(`/core/applications/${names.application}/`);
      for (const one of await person.list(`/policies/bindings/?target=${pk}`)) {
        await person.remove(`/policies/bindings/${one.pk}/`);
      }
    },
    (names) => [`create ${bindingId(names)}`],
  ),
  removedByHand(
    'application',
    gateOf,
    ({ person, names }) => person.remove(`/core/applications/${names.application}/`),
    (names) => [
      `create authentik/application:${names.application}`,
      `create ${bindingId(names)}`,
      `create authentik/provider-link:${names.application}`,
    ],
  ),
  removedByHand(
    'proxy provider',
    gateOf,
    async ({ person, names }) => {
      const { pk } = await listedRow(person, '/providers/proxy/', `gates:${names.owner}/app`);
      return person.remove(`/providers/proxy/${pk}/`);
    },
    (names) => [
      'create authentik/proxy-provider:app',
      `create authentik/provider-link:${names.application}`,
      'create authentik/outpost-entry:app',
    ],
  ),
  removedByHand(
    'outpost entry',
    gateOf,
    async (stage) => {
      const { pk, providers } = await outpostOf(stage);
      const ours = await listedRow(stage.person, '/providers/proxy/', `gates:${stage.names.owner}/app`);
      const otherProviders = providers.filter((id) => id !== ours.pk);
      return stage.person.patch(`/outposts/instances/${pk}/`, { providers: otherProviders });
    },
    () => ['create authentik/outpost-entry:app'],
  ),
  removedByHand(
    'key pair',
    gate.clientOf,
    async (stage) => {
      const pairs = await stage.read(certificateKeyPair);
      const ours = pairs.find(({ owner }) => owner === stage.names.owner);
      return stage.person.remove(`/crypto/certificatekeypairs/${ours?.id}/`);
    },
    () => ['create authentik/certificate-key-pair:signing', 'update authentik/oauth2-provider:client'],
  ),
  tell('client-keeps-its-secret', 'a client that is made again has its id and its secret', keepsItsSecret),
];
