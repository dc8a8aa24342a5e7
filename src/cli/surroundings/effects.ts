import path from 'node:path';
import { reconcilers } from '../../../reconcilers/index.ts';
import { createTurns } from '../../../reconcilers/turns/turns.ts';
import { createAuthentikWire } from '../../clients/authentik/authentik.ts';
import type { Allowance } from '../../clients/cloudflare/budget.ts';
import { REAL_API } from '../../clients/cloudflare/cloudflare.ts';
import { createEdge, createOrigin } from '../../clients/edge.ts';
import { type CallCounter, type CallMeter, createCallCounter } from '../../clients/http/calls.ts';
import { documentReader } from '../../clients/http/document.ts';
import { lateSignal } from '../../clients/http/late-signal.ts';
import type { Recording } from '../../clients/http/recording.ts';
import { createSendWatch, type SendWatch } from '../../clients/http/send-watch.ts';
import { guardedDisk, nobodyWrites, type WriteGuard } from '../../clients/http/write-guard.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { createNotes } from '../../clients/state/notes.ts';
import { ownFilesOf } from '../../clients/state/own-files.ts';
import { createOwnWrites, type OwnWrites } from '../../clients/state/own-writes.ts';
import { fileSinks } from '../../clients/state/sinks.ts';
import { createVault } from '../../clients/state/vault.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Scope } from '../../core/objects/object.ts';
import type { ChangeLogs } from '../../core/record/change-log.ts';
import type { TurnTaker } from '../../core/turn-taker.ts';
import type { Clock, Disk, Vault, World } from '../../core/world.ts';
import { createWorld } from '../../observed/world.ts';
import type { Effects } from '../../run/reconcile.ts';
import { cloudflareMaker } from './cloudflare-wires.ts';
import { requireOwnEdge, type Settings } from './settings.ts';
import { redactor } from './terminal.ts';

/** Effects with the state of this machine. */
export interface LocalEffects extends Effects {
  readonly turns: TurnTaker;
  readonly disk: Disk;
  readonly logs: (world: World) => ChangeLogs;
  /** The requests to the APIs so far. */
  readonly calls: CallCounter['counts'];
}

/** Counts every request, and learns how many more the API allows. */
export interface ApiMeter extends CallMeter {
  budget(system: 'cloudflare', left: () => Allowance | undefined, account?: string): void;
}

/**
 * The effects of a run on this machine: the real clients, the state folder, the system's clock. The budget of calls
 * belongs to the token, so all runs of the process share it. The signal belongs to one run, and so does the guard,
 * which every write asks: without a guard, nothing may be written. A recording remembers the answers of the systems.
 */
export function effectsMaker(
  settings: Settings,
  recording?: Pick<Recording, 'around'>,
  meter?: ApiMeter,
): (signal: AbortSignal, guard?: WriteGuard) => LocalEffects {
  const clock = systemClock;
  const cloudflareWires = cloudflareMaker(settings, clock, ({ left }, name) => {
    if (name !== settings.tokenVariables.workers) meter?.budget('cloudflare', left, settings.account);
  });
  requireOwnEdge(settings);
  const state = (name: string) => path.join(settings.accountDir, name);
  const vault = vaultOf(settings);
  const edge = createEdge(settings.probeEdge);
  const sends = createSendWatch();
  const ownWrites = createOwnWrites(state('own-writes.jsonl'), clock);
  const freeDisk = {
    vault,
    sinks: fileSinks([settings.stateDir, ...ownFilesOf(process.env)], state('secrets')),
    notes: createNotes(state('notes')),
  };
  return (signal, guard = nobodyWrites) => {
    const { cloudflareBaseUrl: baseUrl = REAL_API } = settings;
    const calls = createCallCounter(meter);
    const disk = guardedDisk(freeDisk, guard);
    sends.guard(baseUrl, guard.isUnexpired);
    const wires = (of: Passing, tape: typeof recording | null = recording) => {
      const passing = { ...of, clock, sends, recording: tape ?? undefined, calls, ownWrites };
      const recorded = ownWrites.around('cloudflare', baseUrl, tape?.around('cloudflare', baseUrl));
      const fetch = calls.around('cloudflare', recorded);
      return {
        cloudflare: cloudflareWires({ baseUrl, redactor, fetch, ...of, clock }),
        authentikOf: (scope: Scope) => authentikOf(scope, settings, passing),
      };
    };
    const { isUnexpired } = guard;
    const { cloudflare, authentikOf: reachAuthentik } = wires({
      signal,
      guard: { mayWrite: guard.mayChange, isUnexpired },
    });
    // A turn is released even after the run was stopped, and while gates is paused.
    const late = wires({ signal: lateSignal(signal, LAST_RELEASE), guard: { ...guard, isUnexpired } });
    const document = documentReader({ signal });
    const { edgeLag: longestLag } = settings;
    const outside = { workers: cloudflare.workers, edge, originAt: createOrigin, document, longestLag };
    const parts = { ...outside, ...disk, clock, signal };
    return {
      reconcilers,
      disk,
      calls: calls.counts,
      turns: createTurns((scope) => ({
        cloudflare: late.cloudflare.of(scope),
        authentik: late.authentikOf(scope).authentik,
      })),
      world: (scope: Scope) =>
        createWorld({ ...parts, cloudflare: cloudflare.of(scope), ...reachAuthentik(scope) }),
      logs: ({ scope }: World) => {
        const patient = AbortSignal.any([signal, AbortSignal.timeout(LOG_PATIENCE)]);
        // A rehearsal plays only the readings from which the plan was made, and the logs are none of them.
        const reading = wires({ signal: patient, guard: { mayWrite: guard.mayChange, isUnexpired } }, null);
        const { authentik } = scope.authentik ? reading.authentikOf(scope) : { authentik: undefined };
        const { account: cloudflare } = reading.cloudflare;
        return { page: cloudflare.page, cloudflare, authentik, ownWrites: ownWrites.list };
      },
    };
  };
}

/** The kept secrets of an account. */
export function vaultOf({ accountDir, vaultKey: key }: Settings): Vault {
  return createVault({
    directory: path.join(accountDir, 'vault'),
    redactor,
    ...(key !== undefined && { key }),
  });
}

/** Milliseconds that a run waits for the logs: they only say who changed something. */
const LOG_PATIENCE = 5_000;

/** Milliseconds after a stop in which a turn can still be released. */
const LAST_RELEASE = 5_000;

/** The signal and the guard of a wire. */
interface Passing {
  readonly signal: AbortSignal;
  readonly guard: Pick<WriteGuard, 'mayWrite' | 'isUnexpired'>;
}

/** The Authentik of the file, if it has one: its wire, and a scope with its actual address. */
function authentikOf(
  scope: Scope,
  settings: Settings,
  {
    recording,
    calls,
    sends,
    ownWrites,
    ...passing
  }: Passing & {
    readonly clock: Clock;
    readonly sends: SendWatch;
    readonly recording: Pick<Recording, 'around'> | undefined;
    readonly calls: CallCounter;
    readonly ownWrites: OwnWrites;
  },
): Pick<World, 'scope' | 'authentik'> {
  if (scope.authentik === undefined) return { scope, authentik: undefined };
  const token = settings.authentikToken;
  if (token === undefined && scope.authentik.idle === true) return { scope, authentik: undefined };
  if (token === undefined) {
    throw new ConfigError('No token for Authentik', {
      hint: `Set ${settings.tokenVariables.authentik}, or ${settings.tokenVariables.authentik}_FILE, to an API token that does not expire`,
    });
  }
  const url = settings.authentikUrl ?? scope.authentik.url;
  sends.guard(url, passing.guard.isUnexpired);
  const authentik = createAuthentikWire({
    token,
    variable: settings.tokenVariables.authentik,
    url,
    redactor,
    ...passing,
    fetch: calls.around('authentik', ownWrites.around('authentik', url, recording?.around('authentik', url))),
  });
  return { scope: { ...scope, authentik: { ...scope.authentik, url } }, authentik };
}
