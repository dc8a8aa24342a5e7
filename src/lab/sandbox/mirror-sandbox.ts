import { createHash } from 'node:crypto';
import { EMBEDDED } from './authentik/outpost/outposts.ts';
import { firstWorld } from './first-world.ts';
import { readAuthentik, releaseOf } from './mirror/authentik/authentik.ts';
import { tellProvidersTheirSecrets } from './mirror/cloudflare/access.ts';
import { readCloudflare } from './mirror/cloudflare/cloudflare.ts';
import { sayDifferences } from './mirror/differences.ts';
import { Omissions } from './mirror/rows/omissions.ts';
import {
  type Endpoint,
  endpointsOf,
  type ReadReply,
  type RecordedReply,
  readReply,
} from './mirror/rows/reply.ts';
import { isOwn, wordsOf } from './mirror/words.ts';
import { type Sandbox, type SandboxOptions, stageWorld } from './sandbox.ts';
import type { System, World } from './state/world.ts';

/** A sandbox that copies real systems. */
export interface Mirrored {
  readonly sandbox: Sandbox;
  /**
   * The parts of the replies that are not played, in words for people, each once: an object of an unknown type, or a
   * member that reads differently.
   */
  readonly unplayed: readonly string[];
  /** The parts of `unplayed` about a rule: the copy cannot show whom it admits. */
  readonly unread: readonly string[];
}

/** The options of a first world. The replies override them; `zones` count only if the replies have none. */
export interface MirrorOptions extends Partial<Omit<SandboxOptions, 'state'>> {
  /** Secrets of service tokens that the copy's edge must know, by client id; unknown ids are ignored. */
  secrets?: ReadonlyMap<string, string>;
  /** Authentik's public host, `login.example.org`; default: the outposts' login host, else `auth.<zone>`. */
  authentikHost?: string;
}

/**
 * A copy of the systems with these replies: the same GETs give the same replies. Unread parts are as in a first world.
 * Pages of lists may come in any order; refused replies count as unread; an unreadable reply is omitted and named.
 * Never throws, whatever a reply contains.
 *
 * Secrets outside `options`, certificates and connectors are invented, since no API shows them.
 */
export async function mirrorSandbox(
  replies: readonly RecordedReply[],
  { secrets, authentikHost, ...options }: MirrorOptions = {},
): Promise<Mirrored> {
  const omissions = new Omissions();
  const read = replies
    .flatMap((reply) => readReply(reply) ?? [])
    .filter(({ system, path }) => !isOwn(system, path));
  const readable = read.filter((reply) => isReadable(reply, omissions));
  const of = (system: System) => endpointsOf(readable.filter((reply) => reply.system === system));
  const [cloudflare, authentik] = [of('cloudflare'), of('authentik')];
  const world = emptyWorld(replies, options, { cloudflare, authentik }, omissions);
  const copy = { world, omissions };
  readCloudflare(copy, cloudflare);
  for (const token of world.serviceTokens) token.secret = secrets?.get(token.clientId) ?? token.secret;
  readAuthentik(copy, authentik);
  tellProvidersTheirSecrets(world);
  world.authentikHost = authentikHost?.toLowerCase() ?? hostToldTo(world);
  sayIncomplete(cloudflare, 'cloudflare', omissions);
  sayIncomplete(authentik, 'authentik', omissions);
  await sayDifferences(copy, readable);
  const state = JSON.stringify(world);
  const { sandbox } = await stageWorld(() => JSON.parse(state) as World, options);
  return { sandbox, unplayed: omissions.sentences, unread: omissions.unread };
}

/** A first world with another seed, so that its new ids differ from those in the replies. */
function emptyWorld(
  replies: readonly RecordedReply[],
  options: Omit<MirrorOptions, 'secrets' | 'authentikHost'>,
  told: Readonly<Record<System, readonly Endpoint[]>>,
  omissions: Omissions,
): World {
  const zones = told.cloudflare
    .filter(({ path }) => wordsOf('cloudflare', path) === 'zones')
    .flatMap(({ objects }) => objects)
    .flatMap(({ name }) => (typeof name === 'string' && name !== '' ? [name] : []));
  const release = releaseOf(told.authentik, omissions);
  const world = firstWorld({
    ...options,
    zones: zones.length > 0 ? zones : (options.zones ?? ['example.dev']),
    seed: `gates-copy/${fingerprint(replies)}`,
    ...(release === undefined ? {} : { authentikVersion: release }),
  });
  return { ...world, playsLoopback: true };
}

/** The login host of the outposts, the embedded one first, if it is in a zone of the copy. */
function hostToldTo({ authentik, zones }: World): string | undefined {
  const hosts = authentik.outposts.flatMap(({ managed, config }) =>
    managed === EMBEDDED ? [config.authentik_host] : [],
  );
  const others = authentik.outposts.flatMap(({ managed, config }) =>
    managed === EMBEDDED ? [] : [config.authentik_host_browser, config.authentik_host],
  );
  return [...hosts, ...others]
    .flatMap((url) => (typeof url === 'string' && URL.canParse(url) ? [new URL(url).hostname] : []))
    .find((host) => zones.some(({ name }) => host === name || host.endsWith(`.${name}`)));
}

/** A fingerprint of the replies, whatever their order. */
function fingerprint(replies: readonly RecordedReply[]): string {
  const each = replies.map(({ system, path, body }) => digest(`${system} ${path} ${textOf(body)}`));
  return digest(each.sort().join());
}

function textOf(body: unknown): string {
  try {
    return JSON.stringify(body) ?? '';
  } catch {
    return '';
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isReadable({ system, path, objects, isList, unread }: ReadReply, omissions: Omissions): boolean {
  const words = wordsOf(system, path);
  if (unread > 0) omissions.sayUnread(`${words}: ${unread} of a list cannot be read`);
  if (isList || objects.length > 0) return true;
  omissions.sayUnread(`${words}: a reply cannot be read`);
  return false;
}

function sayIncomplete(endpoints: readonly Endpoint[], system: System, omissions: Omissions): void {
  for (const { path, objects, missing } of endpoints) {
    if (missing > 0)
      omissions.sayUnread(
        `${wordsOf(system, path)}: ${missing} of ${missing + objects.length} were not read`,
      );
  }
}
