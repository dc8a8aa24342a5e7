import path from 'node:path';
import { createEdge } from '../clients/edge.ts';
import { ReplyWatch } from '../clients/reply-watch.ts';
import { createNotes } from '../clients/state/notes.ts';
import { findGround, findZone, type Ground, scopeOf } from '../conformance/ground.ts';
import { groupsOf } from '../conformance/groups/index.ts';
import { Lab } from '../conformance/lab.ts';
import { passingDisk } from '../conformance/passing-disk.ts';
import { announcement, documentOf, exitCodeOf, lineOf, summaryOf } from '../conformance/report.ts';
import { askAll } from '../conformance/run.ts';
import { newScratchOwner, scratchHost } from '../conformance/scratch-owner.ts';
import { type Leftover, leftovers } from '../conformance/sweep.ts';
import { ConfigError, describeError, UnsafeError } from '../core/errors.ts';
import type { Notes, World } from '../core/world.ts';
import type { Turn } from '../daemon/lease-turn.ts';
import { createWorld } from '../observed/world.ts';
import { effectsMaker } from './effects.ts';
import { exclusively } from './exclusive.ts';
import { readSettings, type Settings } from './settings.ts';
import { ask, print, printJson, tell } from './terminal.ts';

export interface ConformanceOptions {
  readonly zone: string;
  readonly tunnel: string;
  readonly full: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly sweep: boolean;
}

/** Notes under this topic name the owners of runs whose objects are not known to be removed, each with zone and tunnel. */
const topic = 'conformance';

/** Bytes of a page: cloudflared's own shows the headers of a request at its end. */
const wholePage = 65_536;

/** 0: all as believed, or swept; 2: something differs; 1: it could not be asked, or not be removed. */
export async function conformance(options: ConformanceOptions): Promise<number> {
  if (!options.yes && process.stdin.isTTY !== true) {
    throw new ConfigError('Nobody is there to agree to what it makes', {
      hint: 'Run it on a terminal, or give --yes',
    });
  }
  const settings = readSettings(process.env);
  return exclusively(settings.stateDir, 'gates conformance', async (turn) => {
    const place = await findPlace(options, settings, turn);
    return options.sweep ? sweep(options, place, turn) : run(options, place, turn);
  });
}

interface Place {
  readonly ground: Ground;
  readonly notes: Notes;
  readonly watch: ReplyWatch;
  /** A world of that owner whose secrets and notes end with the process. */
  enter(owner: string): World;
  /** The same, which works on after the person has stopped the run: to remove what it made. */
  enterLate(owner: string): World;
}

async function findPlace(
  { zone, tunnel }: ConformanceOptions,
  settings: Settings,
  turn: Turn,
): Promise<Place> {
  const watch = new ReplyWatch();
  const make = effectsMaker(settings, watch);
  const edge = createEdge(settings.probeEdge, { mostBody: wholePage });
  const worldOf = (accountId: string, owner: string, signal: AbortSignal): World => {
    const { roster: _, ...parts } = make(signal, turn).world(scopeOf(zone, tunnel, accountId, owner));
    return createWorld({ ...parts, ...passingDisk(), edge, sideBySide: 1 });
  };
  const found = await findZone(worldOf('', 'conformance', turn.signal).cloudflare, zone);
  const enter = (owner: string) => worldOf(found.accountId, owner, turn.signal);
  return {
    ground: await findGround(enter('conformance'), found, tunnel),
    notes: createNotes(path.join(settings.stateDir, 'notes')),
    watch,
    enter,
    enterLate: (owner) => worldOf(found.accountId, owner, new AbortController().signal),
  };
}

async function run(options: ConformanceOptions, place: Place, turn: Turn): Promise<number> {
  const { ground, notes, watch } = place;
  const owner = newScratchOwner(Math.random);
  const groups = groupsOf(options);
  tell(announcement(groups, ground, scratchHost(owner, ground.zone.name)));
  if (!options.yes && (await ask('Begin? [y/N] ', turn.signal)) !== true) return 1;
  await notes.put(topic, owner, JSON.stringify({ zone: options.zone, tunnel: options.tunnel }));
  try {
    const lab = new Lab(place.enter(owner), ground, () => watch.headers);
    const conclusion = await askAll(groups, lab, (answered) => {
      if (!options.json) print(`${lineOf(answered)}\n`);
    });
    const document = documentOf(conclusion, ground, options.full ? 'full' : 'quick');
    if (options.json) printJson(document);
    else print(`${summaryOf(document)}\n`);
    for (const [name, why] of Object.entries(document.failures)) tell(`${name}: ${why}`);
    return exitCodeOf(document);
  } finally {
    await removeAll((await leftovers(place.enterLate, ground, owner)).found);
    await notes.clear(topic, owner);
  }
}

async function sweep({ yes }: ConformanceOptions, place: Place, turn: Turn): Promise<number> {
  const { ground, notes } = place;
  const { found, unread } = await leftovers(place.enter, ground);
  for (const what of unread) tell(`The token may not read ${what}: what is left there stays`);
  if (found.length === 0) tell('Nothing is left of any run here.');
  for (const { what } of found) tell(`  ${what}`);
  if (found.length > 0 && !yes && (await ask('Remove them? [y/N] ', turn.signal)) !== true) return 1;
  await removeAll(found);
  if (unread.length > 0) return 1;
  for (const owner of await notes.list(topic)) {
    const { zone, tunnel } = JSON.parse(
      (await notes.text(topic, owner)) ?? '{}',
    ) as Partial<ConformanceOptions>;
    if (zone === ground.zone.name && tunnel === ground.tunnel.name) await notes.clear(topic, owner);
    else
      tell(`a run of the zone ${zone} and the tunnel ${tunnel} was not ended either: name them with --sweep`);
  }
  return 0;
}

/** @throws UnsafeError where something could not be removed. */
async function removeAll(found: readonly Leftover[]): Promise<void> {
  const left: string[] = [];
  for (const { what, remove } of found) {
    try {
      await remove();
    } catch (error) {
      left.push(`${what}: ${describeError(error)}`);
    }
  }
  if (left.length === 0) return;
  for (const line of left) tell(`not removed: ${line}`);
  throw new UnsafeError('Scratch objects could not be removed', {
    hint: 'Run the same with --sweep; all of them carry a marker that begins with gates:conformance-',
  });
}
