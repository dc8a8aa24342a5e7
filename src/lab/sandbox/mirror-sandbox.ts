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

/** A sandbox that stands where real systems stand. */
export interface Mirrored {
  readonly sandbox: Sandbox;
  /**
   * What of the replies is not played, in words a person understands: an object of a type that the sandbox does not
   * know, a member that reads otherwise; each once.
   */
  readonly unplayed: readonly string[];
  /** Those of `unplayed` that are about a rule: nobody can tell from the copy whom it lets through. */
  readonly unread: readonly string[];
}

/** As of a first world. What the replies tell wins; `zones` are for when they tell of none. */
export interface MirrorOptions extends Partial<Omit<SandboxOptions, 'state'>> {
  /** Of service tokens, by their client id: those that the copy's edge must know. Ids of none of them are ignored. */
  secrets?: ReadonlyMap<string, string>;
  /** Where people reach Authentik, `login.example.org`; else where its outposts send people, else `auth.<zone>`. */
  authentikHost?: string;
}

/**
 * A copy of the systems that gave these replies: the same GETs give the same replies. What was not read is as in a
 * first world. Lists may come in any order of their pages; refused replies count as not read; one that cannot be read
 * is left out and named. Never throws for anything that a reply says.
 *
 * Secrets but those in `options`, certificates and connectors are made up, since no API tells them.
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

/** A first world under another seed, so that no id that it hands out is one of those in the replies. */
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

/** Where the outposts send people to log in, if that is in a zone of the copy; the embedded one's word counts first. */
function hostToldTo({ authentik, zones }: World): string | undefined {
  const told = authentik.outposts.flatMap(({ managed, config }) =>
    managed === EMBEDDED ? [config.authentik_host] : [],
  );
  const others = authentik.outposts.flatMap(({ managed, config }) =>
    managed === EMBEDDED ? [] : [config.authentik_host_browser, config.authentik_host],
  );
  return [...told, ...others]
    .flatMap((url) => (typeof url === 'string' && URL.canParse(url) ? [new URL(url).hostname] : []))
    .find((host) => zones.some(({ name }) => host === name || host.endsWith(`.${name}`)));
}

/** The same for the same replies, whatever their order. */
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
