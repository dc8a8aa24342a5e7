import path from 'node:path';
import { createHistory } from '../clients/state/history.ts';
import { createNotes } from '../clients/state/notes.ts';
import type { FileDoor } from '../config/model/file-door.ts';
import type { Clock } from '../core/world.ts';
import type { Status } from '../report/status/status.ts';
import type { Actions } from './actions/open-actions.ts';
import { createHooks } from './hooks/hooks.ts';
import { isLoopback, type ListenAddress, listen } from './http/listener.ts';
import { replayFile } from './http/replay.ts';
import { createHttp } from './http.ts';
import type { Log } from './log/log.ts';
import type { Observer } from './observer.ts';
import { createStatusPage, type StatusPage } from './page/status-page.ts';
import { type LastGoodFile, lastGoodFile } from './run/last-good.ts';
import type { Metrics } from './status/metrics.ts';
import type { StatusFile } from './status/status-file.ts';
import type { Triggers } from './triggers/triggers.ts';
import { type BearerDoor, type Bearers, createBearers, type ReadClientId } from './verify/bearers.ts';
import { createExpectations, type ExpectedReading } from './verify/expected.ts';
import { createKeySets, type ReadDocument } from './verify/key-sets.ts';
import { createVerifier, type Verifier } from './verify/verifier.ts';

export interface ListenerSettings {
  readonly stateDir: string;
  readonly branch: string;
  readonly listen: ListenAddress;
  readonly hooksListen: ListenAddress;
  /** Names under which people may request the status. */
  readonly statusHosts?: readonly string[];
  /** Absent: the page is served if the listener is on loopback. `addresses`: on, with email addresses. */
  readonly statusPage?: 'on' | 'off' | 'addresses';
  readonly webhookSecret?: string;
}

export interface ListenerParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds in which a client of either listener must send its complete request. */
  readonly requestTimeout?: number;
  /** The input with which `/verify` checks tokens. */
  readonly verifying: {
    /** Every door of a file whose visitors have a token of Access. */
    readonly expected: (text: Uint8Array) => Promise<ExpectedReading>;
    /** Every host of a file whose callers have tokens of their own. */
    readonly bearers: (text: Uint8Array) => readonly BearerDoor[];
    /** Reads the id of a client of Authentik. */
    readonly clientId: ReadClientId;
    readonly keys: ReadDocument;
  };
  readonly metrics: Pick<Metrics, 'keysChanged'>;
  /** Called once both listeners are bound. */
  readonly onListening?: (listening: NonNullable<Status['listening']>) => void;
}

/** The parts behind the listeners. */
interface Behind {
  readonly status: StatusFile;
  readonly triggers: Triggers;
  readonly observer: Observer;
  readonly actions: Actions;
  /** The doors of the applied file; undefined until a file has been read. */
  readonly doors: () => readonly FileDoor[] | undefined;
}

/**
 * Opens both listeners, writes their addresses into the status, and returns a function that closes them.
 * @throws ConfigError for an address that cannot be bound.
 */
export async function openListeners(
  settings: ListenerSettings,
  parts: ListenerParts,
  behind: Behind,
): Promise<() => Promise<void>> {
  const { log, clock } = parts;
  const { webhookSecret, branch } = settings;
  const { status, triggers, observer, actions } = behind;
  const replays = await replayFile(settings.stateDir);
  const hooks = createHooks({
    ...(webhookSecret === undefined ? {} : { secret: webhookSecret }),
    branch,
    replays,
    clock,
    log,
    actions,
    onPush: (revision) => triggers.request({ type: 'push', ...(revision === undefined ? {} : { revision }) }),
  });
  const page = isPageOn(settings) ? openPage(settings, parts, behind) : undefined;
  const http = createHttp({
    ...observer.http,
    ...(page && { page }),
    ...verifiers(settings.stateDir, parts),
    hosts: settings.statusHosts ?? [],
  });
  const timeouts = parts.requestTimeout === undefined ? {} : { requestTimeout: parts.requestTimeout };
  const statusListener = await listen(http, settings.listen, { variable: 'GATES_LISTEN', ...timeouts });
  const hooksOptions = { variable: 'GATES_HOOKS_LISTEN', ...timeouts };
  const hooksListener = await listen(hooks, settings.hooksListen, hooksOptions).catch(async (error) => {
    await statusListener.close();
    throw error;
  });
  const signed = webhookSecret !== undefined;
  const listening = {
    status: statusListener.url,
    ...(page && { page: `${statusListener.url}/` }),
    hooks: hooksListener.url,
    signed,
  };
  status.change({ listening });
  log.info('listening', listening);
  if (!signed)
    log.warn('no GATES_WEBHOOK_SECRET is set: every webhook is refused, pushes wait for the schedule');
  parts.onListening?.(listening);
  return async () => {
    page?.close();
    await Promise.all([statusListener.close(), hooksListener.close()]);
    status.change({ listening: undefined });
  };
}

function isPageOn({ statusPage, listen: { host } }: ListenerSettings): boolean {
  return statusPage === undefined ? isLoopback(host) : statusPage !== 'off';
}

function openPage(
  { stateDir, statusPage }: ListenerSettings,
  { clock }: ListenerParts,
  { status, observer, doors }: Behind,
): StatusPage {
  const history = createHistory(stateDir);
  return createStatusPage({
    status: observer.http.status,
    onChange: status.onChange,
    doors,
    runs: () => history.recent(),
    clock,
    addresses: statusPage === 'addresses',
  });
}

function verifiers(
  stateDir: string,
  { verifying, metrics, clock, log }: ListenerParts,
): { readonly verify: Verifier; readonly bearers: Bearers } {
  const inForce = lastGoodFile(stateDir);
  const read = async () => {
    const good = await inForce.load();
    return good === undefined ? { doors: [], unread: [] } : verifying.expected(good.bytes);
  };
  const expectations = createExpectations({ stateDir, read, clock, log });
  const notes = createNotes(path.join(stateDir, 'notes'));
  const keySets = createKeySets({
    ...{ read: verifying.keys, notes, clock, log },
    onForeignChange: metrics.keysChanged,
  });
  return {
    verify: createVerifier({ expectations, keySets, clock, log }),
    bearers: createBearers({
      doors: bearerDoors(inForce, verifying.bearers),
      clientId: verifying.clientId,
      ...{ keySets, clock, log },
    }),
  };
}

/** The doors of the last good file, read for each request, so that a removed permission ends at once. */
function bearerDoors(
  inForce: LastGoodFile,
  read: ListenerParts['verifying']['bearers'],
): () => Promise<readonly BearerDoor[]> {
  let known: { readonly revision: string; readonly doors: readonly BearerDoor[] } | undefined;
  return async () => {
    const good = await inForce.load();
    if (good === undefined) return [];
    if (known?.revision !== good.revision) known = { revision: good.revision, doors: read(good.bytes) };
    return known.doors;
  };
}
