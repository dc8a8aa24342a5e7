import { createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Action } from '../../../src/config/model/config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { openActionQueue } from '../../../src/daemon/actions/action-queue.ts';
import type { StartAction } from '../../../src/daemon/actions/action-start.ts';
import { actionsOf } from '../../../src/daemon/actions/applied-actions.ts';
import type { Call } from '../../../src/daemon/actions/call-record.ts';
import { openCallStore } from '../../../src/daemon/actions/call-record.ts';
import { createHooks } from '../../../src/daemon/hooks/hooks.ts';
import { quietLog } from '../quiet-log.ts';
import { type Deferred, deferred } from '../running-daemon.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { virtualClock } from '../virtual-clock.ts';

export const SECRET = 'canary-of-the-first-gate';
export const OTHER = 'canary-of-the-second-gate';

/** A file of two gates with a secret each; each lists an action that the other may not start. */
export const FILE = `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
origins: { daemon: { tunnel: homelab, url: "http://gates.lan:8421" } }
services:
  hooks:
    host: hooks.example.dev
    origin: daemon
    gate: { webhook: { actions: [reconcile, sync-jwks, tidy, call], secret: { env: FIRST } } }
    paths:
      /other: { webhook: { actions: [lone], secret: { env: SECOND } } }
actions:
  tidy: { run: [tidy, --all], environment: [TOKEN], directory: /srv }
  call: { http: { url: "http://127.0.0.1:1/" } }
  lone: { run: [lone] }
`;

export function configOf(text = FILE) {
  const read = parseConfig(text);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return read.parsed.config;
}

export function inForceOf(text = FILE) {
  return actionsOf(configOf(text));
}

/** The value of `X-Gates-Signature` for a call. */
export function signatureOf(body: string | Uint8Array, at: Date | number, secret = SECRET): string {
  const time = typeof at === 'number' ? String(at) : String(Math.floor(at.getTime() / 1000));
  const mac = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
  return `t=${time},v1=${mac}`;
}

/** The end of what runs when its test ends. */
const STOPPED = { state: 'done', exit: 0, output: '' } as const;

/** One start of an action that the test ends. */
export interface Started {
  readonly action: Action;
  readonly end: Deferred<Awaited<ReturnType<StartAction>>>;
}

/** The door of the actions with its queue, on a disk. The test plays the started actions. */
export async function playedActions(stateDir = temporaryDirectory(), clock = virtualClock()) {
  const started: Started[] = [];
  const ended: Call[] = [];
  let reconciled = 0;
  const log = quietLog();
  const stop = new AbortController();
  const store = await openCallStore(stateDir, { isOurs: async () => true, clock, log });
  const queue = await openActionQueue({
    store,
    start: (action) => {
      const end = deferred<Awaited<ReturnType<StartAction>>>();
      started.push({ action, end });
      if (stop.signal.aborted) end.resolve(STOPPED);
      return end.promise;
    },
    reconcile: () => {
      reconciled += 1;
    },
    clock,
    log,
    onEnded: (call) => ended.push(call),
    onChange: () => {},
    signal: stop.signal,
  });
  // The queue writes to the directory of the test, which goes after this.
  onTestFinished(async () => {
    stop.abort();
    for (const { end } of started) end.resolve(STOPPED);
    await queue.settled();
  });
  const secrets: Readonly<Record<string, string>> = { FIRST: SECRET, SECOND: OTHER };
  const app = createHooks({
    branch: 'main',
    replays: { admit: async () => true },
    clock,
    log,
    onPush: () => {},
    actions: {
      queue,
      readSecret: async (place) => {
        const value = 'env' in place ? secrets[place.env] : undefined;
        if (value === undefined) throw new Error('not set');
        return value;
      },
    },
  });
  const request = (method: string, path: string, body: string | undefined, headers: Record<string, string>) =>
    app.request(`/hooks/actions/${path}`, { method, ...(body !== undefined && { body }), headers });
  return {
    ...{ app, queue, store, clock, log, started, ended, stop, stateDir },
    reconciled: () => reconciled,
    /** Sends a valid call, unless the test gives another signature. */
    call(name: string, body = '{}', signature = signatureOf(body, clock.now())) {
      return request('POST', name, body, { 'x-gates-signature': signature });
    },
    ask(name: string, id: string, signature = signatureOf('', clock.now())) {
      return request('GET', `${name}/${id}`, undefined, { 'x-gates-signature': signature });
    },
    request,
  };
}

/** The actions of a listener that has none. */
export async function noActions() {
  const { queue } = await playedActions();
  return { queue, readSecret: async () => '' };
}
