import type { Snapshot } from '../../src/sandbox/index.ts';
import { host } from './gate-states.ts';

/** What the forms below need of the sandbox's world, which as a snapshot is opaque. */
interface State {
  readonly records: readonly Named[];
  readonly apps: readonly App[];
  readonly policies: readonly Named[];
  readonly tags: readonly Named[];
  readonly serviceTokens: readonly (Named & { readonly clientId: string })[];
  readonly tunnels: readonly (Named & { readonly versions: readonly Version[] })[];
  readonly sessions: readonly Session[];
  readonly settle: number;
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly comment?: string | null;
  readonly tags?: readonly string[];
}

interface App extends Named {
  readonly aud: string;
  readonly revokedAt: number | null;
  readonly createdAt: string;
}

interface Version {
  readonly config: { readonly ingress: readonly Rule[] };
  readonly writtenAt: number;
}

interface Rule {
  readonly hostname?: string;
  readonly service: string;
}

interface Session {
  readonly email?: string;
  readonly aud: readonly string[];
  readonly identity_nonce: string;
}

export function readState(snapshot: Snapshot): State {
  return JSON.parse(snapshot) as State;
}

/**
 * All that a process, or the oracle after it, can tell one world and disk from another by. Ids, audiences and
 * secrets are numbered in their order: which they are, nothing depends on. Moments are left out, but for what they
 * decide: which sessions are over, and which configuration the connectors do not run yet.
 */
export function keyOf(snapshot: Snapshot, disk: string): string {
  const state = readState(snapshot);
  const { records, apps, policies, tags, serviceTokens, tunnels, settle } = state;
  const configurations = tunnels.map(({ versions }) => {
    const now = Date.now();
    const current = versions.findLastIndex(({ writtenAt }) => writtenAt <= now - settle);
    return versions
      .slice(Math.max(0, current))
      .map(({ config, writtenAt }) => [config, Math.max(0, writtenAt + settle - now)]);
  });
  const rest = { records, apps, policies, tags, serviceTokens, configurations, disk };
  const text = JSON.stringify(rest, withoutMoments);
  const held = heldSessions(state).filter(({ aud }) => text.includes(aud));
  const numbers = new Map<string, string>();
  const numbered = (id: string) => {
    const number = numbers.get(id) ?? `#${numbers.size}`;
    numbers.set(id, number);
    return number;
  };
  const world = text.replaceAll(secretOrId, numbered);
  const sessions = held.map(({ email, aud, over }) => `${email} ${numbers.get(aud)} ${over}`);
  return [world, ...new Set(sessions.sort())].join('\n');
}

const secretOrId = /cfast_\w+|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}/g;

function heldSessions({ sessions, apps }: State) {
  const revoked = new Map(apps.map(({ aud, revokedAt }) => [aud, revokedAt]));
  return sessions.flatMap(({ email = '', aud: auds, identity_nonce: nonce }) => {
    const begun = Number.parseInt(nonce.slice(0, 10), 36);
    return auds.map((aud) => ({ email, aud, over: begun <= (revoked.get(aud) ?? 0) }));
  });
}

function withoutMoments(key: string, value: unknown): unknown {
  return /(At|On|_at|_on)$/.test(key) ? undefined : value;
}

/** What is ours at the end of a transition, with names in the place of ids, audiences and secrets. */
export function endOf(snapshot: Snapshot): unknown {
  const state = readState(snapshot);
  const { apps, policies, serviceTokens, tags, tunnels } = state;
  const rules = tunnels.map(({ versions }) => versions.at(-1)?.config.ingress.filter(isOurRule));
  const records = state.records.filter(isOurs);
  const names = new Map([
    ...[...apps, ...policies, ...serviceTokens, ...tunnels].map(({ id, name }) => [id, name] as const),
    ...apps.map(({ aud, name }) => [aud, `aud of ${name}`] as const),
  ]);
  const own = new Set(['id', 'uid', 'clientId', 'secret', 'aud']);
  const ours = { records, apps: apps.filter(isOurs), policies: policies.filter(isOurs), tags, rules };
  const text = JSON.stringify({ ...ours, tokens: serviceTokens.filter(isOurs) }, (key, value) =>
    own.has(key) && typeof value === 'string' && !names.has(value) ? undefined : withoutMoments(key, value),
  );
  const named = text.replaceAll(secretOrId, (id) => names.get(id) ?? id);
  return inOrder(JSON.parse(named));
}

/** Lists of objects have the order in which they were made, which may differ; rules keep theirs, which counts. */
function inOrder(lists: Readonly<Record<string, readonly unknown[]>>): unknown {
  const sorted = Object.entries(lists).map(([kind, list]) => [
    kind,
    kind === 'rules' ? list : list.map((item) => JSON.stringify(item)).sort(),
  ]);
  return Object.fromEntries(sorted);
}

/** What is not ours, as the sandbox keeps it, rules in their order. */
export function foreignIn(snapshot: Snapshot): string {
  const state = readState(snapshot);
  const rules = state.tunnels.map(({ versions }) =>
    versions.at(-1)?.config.ingress.filter((rule) => !isOurRule(rule)),
  );
  const lists = [state.records, state.apps, state.policies, state.tags, state.serviceTokens];
  return JSON.stringify([lists.map((list) => list.filter((item) => !isOurs(item))), rules]);
}

function isOurRule({ hostname }: Rule): boolean {
  return hostname === host;
}

function isOurs({ name, comment, tags }: Named): boolean {
  const marks = [name, comment ?? '', ...(tags ?? [])];
  return marks.some((mark) => /^gates:home\b|^gates-home$/.test(mark));
}
