import { shortRevision } from '../../report/screen/revision-words.ts';
import {
  expectAnswer,
  orderOf,
  printedBy,
  pushed,
  pushedAnyhow,
  repaired,
  seenSince,
  showDoors,
} from './acts.ts';
import type { AuthentikObject } from './dashboard.ts';
import type { Narrator } from './narrator.ts';
import type { Scene } from './scenes.ts';
import type { DemoStage } from './stage.ts';
import {
  grafanaCovered,
  grafanaGuards,
  grafanaOpen,
  people,
  photosAtAuthentik,
  photosGuard,
  withAuthentik,
  withGrafana,
} from './story.ts';
import { notAsTold } from './told.ts';

const photos = photosAtAuthentik.host;
const traefik = 'http://traefik.lan';

export const moveToAuthentik: Scene = async (stage, narrator, tally) => {
  await narrator.scene('A push moves a host from Cloudflare to Authentik');
  const { repository, dashboard } = stage;
  await narrator.say(`Traefik is told to ask Authentik about every request to ${photos}. The file says:`);
  await dashboard.setTraefik({ url: traefik, forwardAuth: [photos] });
  await repository.write(withAuthentik(await repository.read()));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  await rehearsed(stage, narrator);
  const writes = await pushed(stage, narrator, tally, 'Photos are for the family');
  await narrator.say(
    `In this order: ${orderOf(writes)}. The second group is the turn at the outpost, and the last thing removed but one.`,
  );
  await narrator.say(
    'The login of Access stayed until the new gate was seen: gates let its own probe in beside the people, looked through the edge, and took the old login away last.',
  );
  await dashboard.guard([photosGuard]);
  await addPerson(stage, 'ann', people.ann, 'family');
  await narrator.say('gates made the group. Who is in it stays with Authentik: somebody puts Ann there.');
  await showDoors(stage, narrator, [photosAtAuthentik]);
  await showClient(stage, narrator);
};

/** Tries the plan before the push, on a copy of the world that the sandbox plays. */
async function rehearsed(stage: DemoStage, narrator: Narrator): Promise<void> {
  await narrator.typed('gates plan --rehearse --seed 1');
  const lines = await printedBy(stage, narrator, ['plan', '--rehearse', '--seed', '1'], 2);
  const verdict = lines.findIndex((line) => line.startsWith('Rehearsed'));
  if (verdict === -1) throw notAsTold('nothing was rehearsed');
  narrator.quote(['…', ...lines.slice(verdict)]);
}

export const waitUnderCover: Scene = async (stage, narrator, tally) => {
  await narrator.scene('A host whose login does not work stays closed');
  const { repository, dashboard, daemon } = stage;
  await repository.write(withGrafana(await repository.read()));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  await dashboard.guard(grafanaGuards);
  const { revision, status } = await pushedAnyhow(stage, narrator, tally, 'Show the graphs');
  const problems = status.lastRun?.problems ?? [];
  const unseen = problems.find(({ what }) => what.includes(grafanaHost));
  if (unseen === undefined) throw notAsTold('the origin that does not ask was not found');
  await narrator.say(`gates: ${shortRevision(revision)} was applied, except for one host:`);
  await narrator.say(unseen.reason);
  await showDoors(stage, narrator, grafanaCovered);
  await narrator.say(
    "Traefik does not ask Authentik about this host, so it would have been open. gates hides it: only gates' own probe can reach it. Now Traefik gets its middleware:",
  );
  await dashboard.setTraefik({ url: traefik, forwardAuth: [photos, grafanaHost] });
  await addPerson(stage, 'me', people.me, 'admins');
  await repaired(stage, narrator);
  if ((await daemon.status()).inForce?.applied !== true) throw notAsTold('the push is still not applied');
  await narrator.say('gates removed the cover, because the gate now works.');
  await showDoors(stage, narrator, grafanaOpen);
};

export const claimAnotherPath: Scene = async (stage, narrator) => {
  await narrator.scene('A visitor lies about the path');
  const claim = { 'X-Forwarded-Uri': '/api/health' };
  await narrator.typed(`curl -I https://${grafanaHost}/admin -H 'X-Forwarded-Uri: /api/health'`);
  const { answer } = await stage.visit({ host: grafanaHost, path: '/admin', anybody: '' }, claim);
  expectAnswer(answer, '302 Authentik login', 'a visitor who lies about the path');
  await narrator.say(
    `${answer}. /api/health is open to all, but this asks for /admin. A Traefik that believed the header would have let it by; gates tries that too before it opens a host.`,
  );
};

export const deleteGroup: Scene = async (stage, narrator, tally) => {
  await narrator.scene('Somebody deletes a group in Authentik');
  const { dashboard } = stage;
  const family = await groupCalled(stage, 'family');
  const from = await dashboard.lastCall();
  await dashboard.editAuthentik('DELETE', `/core/groups/${family.pk}/`);
  const inside = await stage.browse(photosAtAuthentik, people.jo);
  expectAnswer(inside, '200 the service', `${people.jo} at ${photos}`);
  await narrator.say(
    `Authentik takes the group's bindings with it, and an application without bindings admits everybody who has an account. ${people.jo}, in no group, gets: ${inside}.`,
  );
  narrator.quote(['', ...(await seenSince(stage, from))]);
  await repaired(stage, narrator);
  const outside = await stage.browse(photosAtAuthentik, people.jo);
  expectAnswer(outside, 'refused by Authentik', `${people.jo} at ${photos} afterwards`);
  await narrator.say(
    `Group and binding are back, and ${people.jo} gets: ${outside}. Its members went with the group: a person puts them back. And whoever got in stays in until that session ends, since an outpost ends none.`,
  );
  tally.byHand.push({ host: photos, from, to: await dashboard.lastCall() });
};

const grafanaHost = 'grafana.example.dev';

/** Shows the login to which a visitor is sent, and that its client belongs to the host's own provider. */
async function showClient(stage: DemoStage, narrator: Narrator): Promise<void> {
  const { location = '' } = await stage.visit(photosAtAuthentik);
  const login = URL.canParse(location) ? new URL(location) : undefined;
  const client = login?.searchParams.get('client_id') ?? '';
  const providers = await stage.dashboard.listOfAuthentik('/providers/proxy/');
  const owner = providers.find(({ client_id: id }) => id === client);
  if (login === undefined || owner === undefined) throw notAsTold(`${photos} leads to ${location}`);
  await narrator.typed(`curl -sI https://${photos} | grep -i location`);
  narrator.quote([`location: ${login.origin}${login.pathname}?client_id=${client.slice(0, 4)}…`]);
  await narrator.say(
    `That is the client of "${owner.name}", the provider that gates made for this host. Any other would not have opened it.`,
  );
}

async function addPerson(stage: DemoStage, username: string, email: string, group: string): Promise<void> {
  const { pk } = await groupCalled(stage, group);
  const person = { username, name: username, email, groups: [pk], type: 'internal' };
  await stage.dashboard.editAuthentik('POST', '/core/users/', person);
}

async function groupCalled(stage: DemoStage, name: string): Promise<AuthentikObject> {
  const groups = await stage.dashboard.listOfAuthentik('/core/groups/');
  const group = groups.find((one) => one.name === name);
  if (group === undefined) throw notAsTold(`there is no group ${name} at Authentik`);
  return group;
}
