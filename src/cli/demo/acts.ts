import { execFile } from 'node:child_process';
import type { LastRun, Status } from '../../report/status.ts';
import { gatesCommand } from './daemon-process.ts';
import type { ApiCall } from './dashboard.ts';
import type { EdgeAnswer } from './edge-visit.ts';
import { announcePush } from './forge.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';
import type { Door } from './story.ts';
import { notAsTold } from './told.ts';

/** What the summary counts. */
export interface Tally {
  pushes: number;
  refused: number;
  /** Exposures that a person made by hand, as the oracle saw them. */
  byHand: number;
}

export interface Applied {
  readonly status: Status;
  readonly writes: readonly ApiCall[];
}

/** A push that the daemon carries out: told with its counts, checked to the end. */
export async function pushed(
  stage: Stage,
  narrator: Narrator,
  tally: Tally,
  subject: string,
): Promise<Applied> {
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

export async function push(stage: Stage, narrator: Narrator, tally: Tally, subject: string): Promise<string> {
  const before = await stage.repository.head();
  await narrator.typed(`git commit -qam '${subject}' && git push`);
  return announce(stage, tally, before, await stage.repository.push(subject));
}

/** The forge's part of a push: the signed webhook. */
export async function announce(stage: Stage, tally: Tally, before: string, after: string): Promise<string> {
  const status = await announcePush(stage.daemon.hooksUrl, stage.webhookSecret, { before, after });
  if (status !== 202) throw notAsTold(`the webhook of a push was answered with ${status}`);
  tally.pushes += 1;
  return after;
}

/** The daemon looks, finds what was changed by hand, and puts it right. */
export async function repaired(stage: Stage, narrator: Narrator): Promise<void> {
  const since = await stage.dashboard.lastCall();
  const before = (await stage.daemon.status()).lastRun?.id;
  stage.daemon.hangUp();
  const run = finished(await stage.daemon.ran(before, ({ triggers }) => triggers.includes('signal')));
  const writes = await stage.dashboard.writes(since);
  if (writes.length === 0) throw notAsTold('what was changed by hand was not found');
  await narrator.say(`gates looks again: ${countsOf(run)}; ${counted(writes.length, 'write')}`);
}

export function finished({ lastRun }: Status): LastRun {
  if (lastRun?.result === 'done') return lastRun;
  const problems = lastRun?.problems.map(({ status, what, reason }) => `${status} ${what}: ${reason}`) ?? [];
  throw notAsTold([`the run ended as ${lastRun?.result}`, lastRun?.error ?? '', ...problems].join('\n'));
}

/** `gates plan` on the clone, as its own process; exit code 2 says that there is something to do. */
export function planned(stage: Stage): Promise<readonly string[]> {
  const { file } = stage.repository;
  return new Promise((resolve, reject) => {
    const command = gatesCommand('plan', '--file', file);
    execFile(process.execPath, command, { env: stage.environment }, (error, stdout, stderr) => {
      if (error?.code !== 2) reject(notAsTold(`gates plan: exit code ${error?.code ?? 0}\n${stderr}`));
      else resolve(stdout.trimEnd().split('\n'));
    });
  });
}

export function mistakeLines({ rejected }: Status): readonly string[] {
  return (rejected?.mistakes ?? []).flatMap(({ place, severity, code, message, hint }) => [
    `${place} ${severity}${code === undefined ? '' : ` ${code}`}: ${message}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ]);
}

/** Visits every door, as anybody and as one whom it admits, and shows what the edge answers. */
export async function showDoors(stage: Stage, narrator: Narrator, shown: readonly Door[]): Promise<void> {
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

export function expectAnswer(answer: EdgeAnswer, told: EdgeAnswer, where: string): void {
  if (answer !== told) throw notAsTold(`${where}: ${answer}, not ${told}`);
}

export function expectNoWrites(writes: readonly ApiCall[], what: string): void {
  const [first] = writes;
  if (first !== undefined) throw notAsTold(`${what}: ${first.method} ${first.path}`);
}

/** `tag, token ci, 3 policies, …`: runs of like writes, in the order in which they were made. */
export function orderOf(writes: readonly ApiCall[]): string {
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

export function short(revision = ''): string {
  return revision.slice(0, 8);
}
