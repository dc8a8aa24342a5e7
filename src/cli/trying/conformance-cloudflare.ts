import path from 'node:path';
import { createEdge } from '../../clients/edge.ts';
import { ReplyWatch } from '../../clients/http/reply-watch.ts';
import { createNotes } from '../../clients/state/notes.ts';
import { findGround, findZone, type Ground, scopeOf } from '../../conformance/ground.ts';
import { groupsOf } from '../../conformance/groups/index.ts';
import { inTurnOfTunnel } from '../../conformance/in-turn.ts';
import { Lab } from '../../conformance/lab.ts';
import { passingDisk } from '../../conformance/passing-disk.ts';
import { announcement } from '../../conformance/report.ts';
import { askAll } from '../../conformance/run.ts';
import { newScratchOwner, scratchHost } from '../../conformance/scratch-owner.ts';
import { leftovers } from '../../conformance/sweep.ts';
import type { TurnTaker } from '../../core/turn-taker.ts';
import type { Notes, World } from '../../core/world.ts';
import type { Turn } from '../../daemon/lease/lease-turn.ts';
import { createWorld } from '../../observed/world.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import type { Settings } from '../surroundings/settings.ts';
import { tell } from '../surroundings/terminal.ts';
import type { ConformancePart } from './conformance-part.ts';
import { removeAll } from './scratch-removal.ts';

interface Zone {
  readonly zone: string;
  readonly tunnel: string;
}

/** Notes under this topic name the owners of runs whose objects may still exist, each with zone and tunnel. */
const topic = 'conformance';

/** Bytes of a page: cloudflared's own shows the headers of a request at its end. */
const wholePage = 65_536;

/** The beliefs about Cloudflare, tested in one zone and one tunnel. */
export async function cloudflarePart(
  options: Zone & { readonly full: boolean },
  settings: Settings,
  turn: Turn,
): Promise<ConformancePart> {
  const { ground, notes, watch, turns, enter, enterLate } = await findPlace(options, settings, turn);
  const owner = newScratchOwner(Math.random);
  const groups = groupsOf(options);
  return {
    place: { ground },
    announcement: announcement(groups, ground, scratchHost(owner, ground.zone.name)),
    ask: (onAnswer) => {
      return inTurnOfTunnel(turns, enter(owner), ground, async (world) => {
        await notes.put(topic, owner, JSON.stringify({ zone: options.zone, tunnel: options.tunnel }));
        try {
          return await askAll(groups, new Lab(world, ground, () => watch.headers), onAnswer);
        } finally {
          await removeAll((await leftovers(enterLate, ground, owner)).found);
          await notes.clear(topic, owner);
        }
      });
    },
    leftovers: () => leftovers(enter, ground),
    swept: () => clearNotes(notes, ground),
  };
}

interface Place {
  readonly ground: Ground;
  readonly notes: Notes;
  readonly watch: ReplyWatch;
  readonly turns: TurnTaker;
  /** A world of that owner whose secrets and notes end with the process. */
  enter(owner: string): World;
  /** The same world, which works even after the person has stopped the run: to remove what the run made. */
  enterLate(owner: string): World;
}

async function findPlace({ zone, tunnel }: Zone, settings: Settings, turn: Turn): Promise<Place> {
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
    // Released even after the run was stopped.
    turns: make(turn.signal, turn).turns,
    enter,
    enterLate: (owner) => worldOf(found.accountId, owner, new AbortController().signal),
  };
}

/** Clears the notes of runs at this zone and tunnel, and reports those at others. */
async function clearNotes(notes: Notes, ground: Ground): Promise<void> {
  for (const owner of await notes.list(topic)) {
    const { zone, tunnel } = JSON.parse((await notes.text(topic, owner)) ?? '{}') as Partial<Zone>;
    if (zone === ground.zone.name && tunnel === ground.tunnel.name) await notes.clear(topic, owner);
    else
      tell(`a run of the zone ${zone} and the tunnel ${tunnel} was not ended either: name them with --sweep`);
  }
}
