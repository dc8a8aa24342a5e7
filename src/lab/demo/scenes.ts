import { shortRevision } from '../../report/screen/revision-words.ts';
import {
  announce,
  type DemoTally,
  expectAnswer,
  expectNoWrites,
  finished,
  orderOf,
  printedBy,
  push,
  pushed,
  repaired,
  seenSince,
  showDoors,
  typeCommit,
} from './acts.ts';
import type { Narrator } from './narrator.ts';
import type { DemoStage } from './stage.ts';
import {
  docsForMe,
  docsGuard,
  docsGuarded,
  docsPublic,
  doors,
  fiveServices,
  guards,
  people,
  photosForTwo,
  photosMistaken,
  swapLine,
} from './story.ts';
import { notAsTold } from './told.ts';

export type Scene = (stage: DemoStage, narrator: Narrator, tally: DemoTally) => Promise<void>;

const all = Object.values(doors);

export const openFive: Scene = async (stage, narrator, tally) => {
  await narrator.scene('A push opens five services');
  await expectClosed(stage);
  await narrator.say(
    'example.dev has a tunnel and no names. The file now says for each host which one gate guards it:',
  );
  await stage.repository.write(fiveServices(stage.delivered));
  await narrator.typed('git diff');
  narrator.quote(await stage.repository.diff(0));
  await stage.dashboard.guard(guards);
  const writes = await pushed(stage, narrator, tally, 'Open five services');
  await narrator.say(
    `In this order: ${orderOf(writes)}. No route before its gate, no name before its route, exceptions last. A turn keeps other runs of gates from writing the same rules.`,
  );
  await showDoors(stage, narrator, all);
};

export const changeGate: Scene = async (stage, narrator, tally) => {
  await narrator.scene('A push changes a gate');
  const { repository } = stage;
  await repository.write(swapLine(await repository.read(), docsPublic, docsForMe));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  await narrator.typed('gates plan');
  narrator.quote(await printedBy(stage, narrator, ['plan'], 2));
  await pushed(stage, narrator, tally, 'Keep the docs to myself');
  await stage.dashboard.guard([docsGuard]);
  await showDoors(stage, narrator, [docsGuarded]);
};

export const makeMistakes: Scene = async (stage, narrator, tally) => {
  await narrator.scene('A push with mistakes changes nothing, and says where');
  const { repository, dashboard, daemon } = stage;
  await repository.write(swapLine(await repository.read(), photosForTwo, photosMistaken));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  const subject = 'Show the photos';
  const since = await dashboard.lastCall();
  const before = (await daemon.status()).lastRun?.id;
  await typeCommit(narrator, subject);
  const revision = await push(stage, tally, subject);
  const status = await daemon.ran(before, (_, { rejected }) => rejected?.revision === revision);
  tally.refused += 1;
  expectNoWrites(await dashboard.writes(since), 'the push with mistakes');
  await narrator.typed('gates status');
  narrator.quote(mistakesIn(await printedBy(stage, narrator, ['status'], 0)));
  await narrator.typed('git revert --no-edit HEAD && git push');
  const from = status.lastRun?.id;
  const back = await announce(stage, tally, await repository.head(), await repository.revert());
  finished(await daemon.ran(from, (run) => run.revision === back));
  expectNoWrites(await dashboard.writes(since), 'taking the mistakes back');
  await narrator.say(`gates: ${shortRevision(back)} applied. Neither push wrote anything.`);
  await showDoors(stage, narrator, [doors.photos]);
};

export const deleteByHand: Scene = async (stage, narrator, tally) => {
  await narrator.scene('Somebody deletes a login in the dashboard');
  const { dashboard, line } = stage;
  const apps = `/accounts/${line.cloudflare.accountId}/access/apps`;
  const app = (await dashboard.list(apps)).find(({ domain }) => domain === doors.photos.host);
  if (app === undefined) throw notAsTold(`no application guards ${doors.photos.host}`);
  const from = await dashboard.lastCall();
  await dashboard.edit('DELETE', `${apps}/${app.id}`);
  await narrator.say(
    `The Access application of ${doors.photos.host} is gone. That host does not stand open: the tunnel itself asks for a login of that application.`,
  );
  await showDoors(stage, narrator, [{ host: doors.photos.host, anybody: '403 by the tunnel' }]);
  await narrator.say(
    'What Cloudflare keeps a copy of never comes to the tunnel, though, such as a style sheet that somebody had loaded. The sandbox tries every door after every write, and saw it:',
  );
  narrator.quote(['', ...(await seenSince(stage, from))]);
  await repaired(stage, narrator);
  await showDoors(stage, narrator, [doors.photos]);
  tally.byHand.push({ host: doors.photos.host, from, to: await dashboard.lastCall() });
};

export const letInByHand: Scene = async (stage, narrator, tally) => {
  await narrator.scene('Somebody lets a stranger in by hand');
  const { dashboard, line } = stage;
  const policies = `/accounts/${line.cloudflare.accountId}/access/policies`;
  const policy = (await dashboard.list(policies)).find(({ name }) => name.endsWith(`/${doors.proxmox.host}`));
  if (policy === undefined) throw notAsTold(`no policy is for ${doors.proxmox.host}`);
  const { name, decision, include } = policy;
  const wider = [...(include as readonly unknown[]), { email: { email: people.stranger } }];
  const from = await dashboard.lastCall();
  await dashboard.edit('PUT', `${policies}/${policy.id}`, { name, decision, include: wider });
  const stranger = await stage.credentials(doors.proxmox, { email: people.stranger });
  const { answer: inside } = await stage.visit(doors.proxmox, stranger);
  expectAnswer(inside, '200 the service', `the stranger at ${doors.proxmox.host}`);
  await narrator.say(
    `The policy of ${doors.proxmox.host} has one more address. ${people.stranger} logs in and gets: ${inside}. The sandbox saw it:`,
  );
  narrator.quote(['', ...(await seenSince(stage, from))]);
  await repaired(stage, narrator);
  const { answer: outside } = await stage.visit(doors.proxmox, stranger);
  expectAnswer(outside, '302 Access login', `the stranger's old session at ${doors.proxmox.host}`);
  await narrator.say(`The address is gone, and so is the session: the stranger now gets: ${outside}.`);
  tally.byHand.push({ host: doors.proxmox.host, from, to: await dashboard.lastCall() });
};

/** The headline of a status, and its lines about the revision with mistakes. */
function mistakesIn(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => line.endsWith('has mistakes'));
  return [...lines.slice(0, 1), '', ...lines.slice(from)];
}

async function expectClosed(stage: DemoStage): Promise<void> {
  for (const door of all) expectAnswer((await stage.visit(door)).answer, 'no such name', door.host);
}
