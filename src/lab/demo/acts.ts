import { execFile } from 'node:child_process';
import type { Verb } from '../../core/change.ts';
import { shortRevision } from '../../report/screen/revision-words.ts';
import type { LastRun, Status } from '../../report/status/status.ts';
import { gatesCommand } from './daemon-process.ts';
import type { ApiCall } from './dashboard.ts';
import type { AnswerWords } from './edge-visit.ts';
import { announcePush } from './forge.ts';
import type { Narrator } from './narrator.ts';
import type { DemoStage } from './stage.ts';
import type { AdmittedVisitor, DemoDoor } from './story.ts';
import { notAsTold } from './told.ts';

/** The numbers of the summary. */
export interface DemoTally {
  pushes: number;
  refused: number;
  /** Openings by hand, until the demo found and ended them. */
  readonly byHand: Opening[];
}

/** A host that a person opened: every exposure there after call `from`, up to call `to`, is that person's. */
export interface Opening {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** A push that the daemon applies without errors; prints its counts. */
export async function pushed(
  stage: DemoStage,
  narrator: Narrator,
  tally: DemoTally,
  subject: string,
): Promise<readonly ApiCall[]> {
  const since = await stage.dashboard.lastCall();
  const start = performance.now();
  const { revision, status } = await pushedAnyhow(stage, narrator, tally, subject);
  const run = finished(status);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const writes = await stage.dashboard.writes(since);
  const { length } = writes;
  await narrator.say(
    `gates: ${shortRevision(revision)} applied in ${seconds} s: ${changesOf(run)}, in ${counted(length, 'write')}.`,
  );
  return writes;
}

/** A push, and the run that it started, whatever its result. */
export async function pushedAnyhow(
  stage: DemoStage,
  narrator: Narrator,
  tally: DemoTally,
  subject: string,
): Promise<{ readonly revision: string; readonly status: Status }> {
  const before = (await stage.daemon.status()).lastRun?.id;
  await typeCommit(narrator, subject);
  const revision = await push(stage, tally, subject);
  return { revision, status: await stage.daemon.ran(before, (last) => last.revision === revision) };
}

export function typeCommit(narrator: Narrator, subject: string): Promise<void> {
  return narrator.typed(`git commit -qam '${subject}' && git push`);
}

export async function push(stage: DemoStage, tally: DemoTally, subject: string): Promise<string> {
  const before = await stage.repository.head();
  return announce(stage, tally, before, await stage.repository.push(subject));
}

/** The forge's part of a push: the signed webhook. */
export async function announce(
  stage: DemoStage,
  tally: DemoTally,
  before: string,
  after: string,
): Promise<string> {
  const status = await announcePush(stage.daemon.hooksUrl, stage.webhookSecret, { before, after });
  if (status !== 202) throw notAsTold(`the webhook of a push was answered with ${status}`);
  tally.pushes += 1;
  return after;
}

/** The daemon checks, finds the change by hand, and repairs it. */
export async function repaired(stage: DemoStage, narrator: Narrator): Promise<void> {
  const since = await stage.dashboard.lastCall();
  const before = (await stage.daemon.status()).lastRun?.id;
  stage.daemon.hangUp();
  const run = finished(await stage.daemon.ran(before, ({ triggers }) => triggers.includes('signal')));
  const writes = await stage.dashboard.writes(since);
  if (writes.length === 0) throw notAsTold('what was changed by hand was not found');
  await narrator.say(`gates checks again: ${changesOf(run)}, in ${counted(writes.length, 'write')}.`);
}

/** The exposures that the oracle saw after call `from`, one on each line. */
export async function seenSince(stage: DemoStage, from: number): Promise<readonly string[]> {
  const exposures = (await stage.dashboard.exposures()).filter(({ n }) => n >= from);
  if (exposures.length === 0) throw notAsTold('what was opened by hand was not seen');
  return [...new Set(exposures.map(({ host, principal }) => `exposed: ${host} to ${principal}`))];
}

export function finished({ lastRun }: Status): LastRun {
  if (lastRun?.result === 'done') return lastRun;
  const problems = lastRun?.problems.map(({ status, what, reason }) => `${status} ${what}: ${reason}`) ?? [];
  throw notAsTold([`the run ended as ${lastRun?.result}`, lastRun?.error ?? '', ...problems].join('\n'));
}

/**
 * The output of a separate `gates` process in the clone, for the narrator's columns. Throws if its exit code differs
 * from `expectedExit`.
 */
export function printedBy(
  stage: DemoStage,
  { columns }: Narrator,
  command: readonly string[],
  expectedExit: number,
): Promise<readonly string[]> {
  const options = { cwd: stage.repository.clone, env: { ...stage.environment, COLUMNS: `${columns}` } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, gatesCommand(...command), options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (code === expectedExit) resolve(stdout.trimEnd().split('\n'));
      else reject(notAsTold(`gates ${command.join(' ')}: exit code ${code}, not ${expectedExit}\n${stderr}`));
    });
  });
}

/** Visits every door as a stranger and as an admitted visitor, and shows the edge's answers. */
export async function showDoors(
  stage: DemoStage,
  narrator: Narrator,
  shown: readonly DemoDoor[],
): Promise<void> {
  const rows: (readonly string[])[] = [];
  for (const door of shown) {
    const { answer: anybody } = await stage.visit(door);
    expectAnswer(anybody, door.anybody, `${door.host}${door.path ?? ''}`);
    const name = door.path === undefined ? door.host : `  ${door.path}`;
    rows.push([name, anybody, await admittedCell(stage, door)]);
  }
  await narrator.table(['at the edge', 'anybody', 'admitted people'], rows);
}

async function admittedCell(stage: DemoStage, door: DemoDoor): Promise<string> {
  const { admitted } = door;
  if (admitted === undefined) return '';
  const [who, answer] = await visitAs(stage, door, admitted);
  expectAnswer(answer, '200 the service', `${who} at ${door.host}`);
  return `${answer}: ${who}`;
}

async function visitAs(
  stage: DemoStage,
  door: DemoDoor,
  admitted: AdmittedVisitor,
): Promise<readonly [string, AnswerWords]> {
  if ('person' in admitted) return [admitted.person, await stage.browse(door, admitted.person)];
  const { answer } = await stage.visit(door, await stage.credentials(door, admitted));
  return ['token' in admitted ? `token ${admitted.token}` : admitted.email, answer];
}

export function expectAnswer(answer: AnswerWords, expected: AnswerWords, where: string): void {
  if (answer !== expected) throw notAsTold(`${where}: ${answer}, not ${expected}`);
}

export function expectNoWrites(writes: readonly ApiCall[], what: string): void {
  const [first] = writes;
  if (first !== undefined) throw notAsTold(`${what}: ${first.method} ${first.path}`);
}

/** `tag, token ci, 3 policies, …`: writes in their order, with similar ones counted. */
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
  { part: '/access/apps', one: 'an Access application', many: 'Access applications' },
  { part: '/configurations', one: "the tunnel's rules", many: "writes of the tunnel's rules" },
  { part: '/cfd_tunnel', one: 'a turn at the tunnel', many: 'turns at the tunnel' },
  { part: '/dns_records', one: 'the names', many: 'writes of names' },
  {
    part: '/access/identity_providers',
    one: 'the identity provider of Access',
    many: 'writes of the identity provider of Access',
  },
  { part: '/rulesets/', one: 'a cache rule', many: 'cache rules' },
  { part: '/purge_cache', one: 'a purge of the cache', many: 'purges of the cache' },
  { part: '/propertymappings/', one: 'a scope', many: 'scopes' },
  { part: '/organizations/revoke', one: 'an end of sessions', many: 'ends of sessions' },
  { part: '/core/groups/', one: 'a group', many: 'groups' },
  { part: '/providers/', one: 'a provider', many: 'writes of the provider' },
  {
    part: '/core/applications/',
    one: 'an Authentik application',
    many: 'writes of the Authentik application',
  },
  { part: '/policies/bindings/', one: 'a binding', many: 'bindings' },
  { part: '/outposts/instances/', one: 'the outpost', many: 'writes of the outpost' },
] as const;

const done: Readonly<Partial<Record<Verb, string>>> = {
  create: 'created',
  update: 'updated',
  replace: 'replaced',
  prune: 'removed',
};

/** `2 created, 1 updated`; `nothing` if the run changed nothing. */
export function changesOf({ counts }: LastRun): string {
  const verbs = Object.keys(done) as (keyof typeof done)[];
  const counted = verbs.flatMap((verb) => (counts[verb] ? [`${counts[verb]} ${done[verb]}`] : []));
  return counted.length === 0 ? 'nothing' : counted.join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
