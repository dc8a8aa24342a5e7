import { execFile } from 'node:child_process';
import type { LastRun, Status } from '../../report/status.ts';
import { gatesCommand } from './daemon-process.ts';
import type { ApiCall } from './dashboard.ts';
import type { EdgeAnswer } from './edge-visit.ts';
import { announcePush } from './forge.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';
import {
  type Door,
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

/** What the summary counts. */
export interface Tally {
  pushes: number;
  refused: number;
  /** Exposures that a person made by hand, as the oracle saw them. */
  byHand: number;
}

type Scene = (stage: Stage, narrator: Narrator, tally: Tally) => Promise<void>;

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
  const { writes } = await pushed(stage, narrator, tally, 'Open five services');
  await narrator.say(
    `In this order: ${orderOf(writes)}. No route before its gate, no name before its route.`,
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
  narrator.quote(await planned(stage));
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
  const since = await dashboard.lastCall();
  const before = (await daemon.status()).lastRun?.id;
  const revision = await push(stage, narrator, tally, 'Everybody may see the photos');
  const status = await daemon.ran(before, (_, { rejected }) => rejected?.revision === revision);
  tally.refused += 1;
  expectNoWrites(await dashboard.writes(since), 'the push with mistakes');
  await narrator.typed('gates status');
  narrator.quote(mistakeLines(status));
  await narrator.say(`${short(status.inForce?.revision)} stays in force: 0 writes. Taken back:`);
  await narrator.typed('git revert HEAD && git push');
  const from = status.lastRun?.id;
  const back = await announce(stage, tally, await repository.head(), await repository.revert());
  finished(await daemon.ran(from, (run) => run.revision === back));
  expectNoWrites(await dashboard.writes(since), 'taking the mistakes back');
  await showDoors(stage, narrator, [doors.photos]);
};

export const deleteByHand: Scene = async (stage, narrator) => {
  await narrator.scene('Somebody deletes a login in the dashboard');
  const { dashboard, line } = stage;
  const apps = `/accounts/${line.cloudflare.accountId}/access/apps`;
  const app = (await dashboard.list(apps)).find(({ domain }) => domain === doors.photos.host);
  if (app === undefined) throw notAsTold(`no application guards ${doors.photos.host}`);
  await dashboard.edit('DELETE', `${apps}/${app.id}`);
  await narrator.say(
    `The Access application of ${doors.photos.host} is gone. That host does not stand open: the tunnel itself asks for a login of that application.`,
  );
  await showDoors(stage, narrator, [{ host: doors.photos.host, anybody: '403 by the tunnel' }]);
  await repaired(stage, narrator);
  await showDoors(stage, narrator, [doors.photos]);
};

export const letInByHand: Scene = async (stage, narrator, tally) => {
  await narrator.scene('Somebody lets a stranger in by hand');
  const { dashboard, line } = stage;
  const policies = `/accounts/${line.cloudflare.accountId}/access/policies`;
  const policy = (await dashboard.list(policies)).find(({ name }) => name.endsWith(`/${doors.proxmox.host}`));
  if (policy === undefined) throw notAsTold(`no policy is for ${doors.proxmox.host}`);
  const { name, decision, include } = policy;
  const wider = [...(include as readonly unknown[]), { email: { email: people.stranger } }];
  await dashboard.edit('PUT', `${policies}/${policy.id}`, { name, decision, include: wider });
  const stranger = await stage.credentials(doors.proxmox, { email: people.stranger });
  const inside = await stage.visit(doors.proxmox, stranger);
  expectAnswer(inside, '200 the service', `the stranger at ${doors.proxmox.host}`);
  await narrator.say(
    `The policy of ${doors.proxmox.host} has one more address. ${people.stranger} logs in and gets: ${inside}. The sandbox tries every door after every write, and saw it:`,
  );
  const seen = await dashboard.exposures();
  narrator.quote([...new Set(seen.map(({ host, principal }) => `exposed: ${host} to ${principal}`))]);
  await repaired(stage, narrator);
  const outside = await stage.visit(doors.proxmox, stranger);
  expectAnswer(outside, '302 Access login', `the stranger's old session at ${doors.proxmox.host}`);
  await narrator.say(`The address is gone, and so is the session: the stranger now gets: ${outside}.`);
  tally.byHand = (await dashboard.exposures()).filter(isStrangers).length;
};

/** An exposure that the hand in the last scene made. */
export function isStrangers({ host, principal }: { host: string; principal: string }): boolean {
  return host === doors.proxmox.host && principal === people.stranger;
}

interface Applied {
  readonly status: Status;
  readonly writes: readonly ApiCall[];
}

/** A push that the daemon carries out: told with its counts, checked to the end. */
async function pushed(stage: Stage, narrator: Narrator, tally: Tally, subject: string): Promise<Applied> {
  const since = await stage.dashboard.lastCall();
  const before = (await stage.daemon.status()).lastRun?.id;
  const revision = await push(stage, narrator, tally, subject);
  const status = await stage.daemon.ran(before, (run) => run.revision === revision);
  const run = finished(status);
  const writes = await stage.dashboard.writes(since);
  await narrator.say(
    `gates: ${short(revision)} applied, ${countsOf(run)}; ${counted(writes.length, 'write')}`,
  );
  return { status, writes };
}

async function push(stage: Stage, narrator: Narrator, tally: Tally, subject: string): Promise<string> {
  const before = await stage.repository.head();
  await narrator.typed(`git commit -qam '${subject}' && git push`);
  return announce(stage, tally, before, await stage.repository.push(subject));
}

/** The forge's part of a push: the signed webhook. */
async function announce(stage: Stage, tally: Tally, before: string, after: string): Promise<string> {
  const status = await announcePush(stage.daemon.hooksUrl, stage.webhookSecret, { before, after });
  if (status !== 202) throw notAsTold(`the webhook of a push was answered with ${status}`);
  tally.pushes += 1;
  return after;
}

/** The daemon looks, finds what was changed by hand, and puts it right. */
async function repaired(stage: Stage, narrator: Narrator): Promise<void> {
  const since = await stage.dashboard.lastCall();
  const before = (await stage.daemon.status()).lastRun?.id;
  stage.daemon.hangUp();
  const run = finished(await stage.daemon.ran(before, ({ triggers }) => triggers.includes('signal')));
  const writes = await stage.dashboard.writes(since);
  if (writes.length === 0) throw notAsTold('what was changed by hand was not found');
  await narrator.say(`gates looks again: ${countsOf(run)}; ${counted(writes.length, 'write')}`);
}

function finished({ lastRun }: Status): LastRun {
  if (lastRun?.result === 'done') return lastRun;
  const problems = lastRun?.problems.map(({ status, what, reason }) => `${status} ${what}: ${reason}`) ?? [];
  throw notAsTold([`the run ended as ${lastRun?.result}`, lastRun?.error ?? '', ...problems].join('\n'));
}

/** `gates plan` on the clone, as its own process; exit code 2 says that there is something to do. */
function planned(stage: Stage): Promise<readonly string[]> {
  const { file } = stage.repository;
  return new Promise((resolve, reject) => {
    const command = gatesCommand('plan', '--file', file);
    execFile(process.execPath, command, { env: stage.environment }, (error, stdout, stderr) => {
      if (error?.code !== 2) reject(notAsTold(`gates plan: exit code ${error?.code ?? 0}\n${stderr}`));
      else resolve(stdout.trimEnd().split('\n'));
    });
  });
}

function mistakeLines({ rejected }: Status): readonly string[] {
  return (rejected?.mistakes ?? []).flatMap(({ place, severity, code, message, hint }) => [
    `${place} ${severity}${code === undefined ? '' : ` ${code}`}: ${message}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ]);
}

async function expectClosed(stage: Stage): Promise<void> {
  for (const door of all) expectAnswer(await stage.visit(door), 'no such name', door.host);
}

/** Visits every door, as anybody and as one whom it admits, and shows what the edge answers. */
async function showDoors(stage: Stage, narrator: Narrator, shown: readonly Door[]): Promise<void> {
  const rows: (readonly string[])[] = [];
  for (const door of shown) {
    const anybody = await stage.visit(door);
    expectAnswer(anybody, door.anybody, `${door.host}${door.path ?? ''}`);
    rows.push([`${door.host}${door.path ?? ''}`, anybody, await admittedCell(stage, door)]);
  }
  await narrator.table(['at the edge', 'anybody', 'whom the file admits'], rows);
}

async function admittedCell(stage: Stage, door: Door): Promise<string> {
  const { admitted } = door;
  if (admitted === undefined) return '';
  const answer = await stage.visit(door, await stage.credentials(door, admitted));
  const who = 'token' in admitted ? `token ${admitted.token}` : admitted.email;
  expectAnswer(answer, '200 the service', `${who} at ${door.host}`);
  return `${who}: ${answer}`;
}

function expectAnswer(answer: EdgeAnswer, told: EdgeAnswer, where: string): void {
  if (answer !== told) throw notAsTold(`${where}: ${answer}, not ${told}`);
}

function expectNoWrites(writes: readonly ApiCall[], what: string): void {
  const [first] = writes;
  if (first !== undefined) throw notAsTold(`${what}: ${first.method} ${first.path}`);
}

/** `tag, token ci, 3 policies, …`: runs of like writes, in the order in which they were made. */
function orderOf(writes: readonly ApiCall[]): string {
  const steps: { noun: Noun; count: number }[] = [];
  for (const { path } of writes) {
    const noun = nouns.find(({ part }) => path.includes(part));
    const last = steps.at(-1);
    if (noun === undefined) throw notAsTold(`a write to ${path}`);
    if (last?.noun === noun) last.count += 1;
    else steps.push({ noun, count: 1 });
  }
  return steps.map(({ noun, count }) => (count === 1 ? noun.one : `${count} ${noun.many}`)).join(', ');
}

type Noun = (typeof nouns)[number];

const nouns = [
  { part: '/access/tags', one: 'a tag', many: 'tags' },
  { part: '/access/service_tokens', one: 'a service token', many: 'service tokens' },
  { part: '/access/policies', one: 'a policy', many: 'policies' },
  { part: '/access/apps', one: 'an application', many: 'applications' },
  { part: '/configurations', one: "the tunnel's rules", many: "writes of the tunnel's rules" },
  { part: '/dns_records', one: 'the names', many: 'writes of names' },
] as const;

function countsOf({ counts }: LastRun): string {
  const { keep = 0, ...changes } = counts;
  const done = Object.entries(changes).map(([verb, count]) => `${count} ${verb}`);
  return [...done, `${keep} keep`].join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function short(revision = ''): string {
  return revision.slice(0, 8);
}
