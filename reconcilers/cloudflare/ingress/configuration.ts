import { RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from '../account.ts';
import type { IngressEntry } from './entry.ts';

/** A tunnel's configuration: one document, replaced as a whole. */
export interface Configuration {
  /** Grows by one with each write; 0 before the first. */
  readonly version: number;
  readonly ingress: readonly IngressEntry[];
  /** The rest of the document: defaults for all rules, and whatever else there is. */
  readonly others: Readonly<Record<string, unknown>>;
}

interface ConfigurationReply {
  readonly version?: number;
  readonly config?: { readonly ingress?: readonly IngressEntry[] | null } | null;
}

/** Between a read and its write somebody else may write; so often it is tried again. */
const mostMerges = 5;

/** Milliseconds that connectors may take to run what was written. */
const longestPickUp = 90_000;
const firstPoll = 500;
const slowestPoll = 5_000;

export async function readConfiguration(world: World, tunnelId: string): Promise<Configuration> {
  // Before its first write a tunnel answers version 0 and no config, or 404 with code 1055.
  const reply = (await world.cloudflare.get(await pathOf(world, tunnelId))) as ConfigurationReply | undefined;
  const { ingress, ...others } = reply?.config ?? {};
  return { version: reply?.version ?? 0, ingress: ingress ?? [], others };
}

/**
 * Reads, edits and writes the list of rules. The API knows no condition on a write, so the version tells
 * afterwards whether somebody wrote in between; then it is read and edited again. An edit that changes
 * nothing writes nothing.
 */
export async function editIngress(
  world: World,
  tunnelId: string,
  edit: (entries: readonly IngressEntry[]) => readonly IngressEntry[],
): Promise<void> {
  for (let attempt = 0; attempt < mostMerges; attempt += 1) {
    const { version, ingress, others } = await readConfiguration(world, tunnelId);
    const edited = edit(ingress);
    if (JSON.stringify(edited) === JSON.stringify(ingress)) return;
    const body = { config: { ...others, ingress: edited } };
    const reply = (await world.cloudflare.put(await pathOf(world, tunnelId), body)) as ConfigurationReply;
    if (reply.version === version + 1) return;
  }
  throw new RejectedError('Somebody else keeps writing the configuration of this tunnel', {
    hint: 'Let one program at a time change its rules',
  });
}

/**
 * Waits until every connector runs the configuration as it is now. A tunnel without connectors serves
 * nothing, so there is nothing to wait for.
 * @throws UnreachableError when one does not in time.
 */
export async function awaitPickUp(world: World, tunnelId: string, name: string): Promise<void> {
  const { version } = await readConfiguration(world, tunnelId);
  const path = `${await accountPath(world)}/cfd_tunnel/${tunnelId}/connections`;
  const deadline = world.clock.now().getTime() + longestPickUp;
  for (let pause = firstPoll; ; pause = Math.min(pause * 2, slowestPoll)) {
    const connectors = ((await world.cloudflare.get(path)) ?? []) as readonly { config_version?: number }[];
    if (connectors.every(({ config_version: running }) => (running ?? -1) >= version)) return;
    if (world.clock.now().getTime() + pause > deadline) break;
    await world.clock.sleep(pause, world.signal);
  }
  throw new UnreachableError('A connector of the tunnel does not run the configuration that was written', {
    hint: `See on its host whether cloudflared is well, or restart it; nothing is taken away before it runs version ${version}`,
    facts: { address: `cloudflare/tunnel:${name}`, applied: 'no' },
  });
}

async function pathOf(world: World, tunnelId: string): Promise<string> {
  return `${await accountPath(world)}/cfd_tunnel/${tunnelId}/configurations`;
}
