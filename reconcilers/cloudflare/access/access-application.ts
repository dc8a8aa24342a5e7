import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markTag, readTag } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { sameSet } from '../../shared/set.ts';
import { listAccess } from '../account/access-list.ts';
import { accountPath } from '../account/account.ts';
import {
  type AccessApplicationReply,
  type AccessApplicationSpec,
  computed,
} from './application/application-form.ts';
import { hostsOf, isNarrowing, stepAt } from './application/application-step.ts';
import { canonicalUri, destinationsIn, doorOf, hostIn, sameDestinations } from './application/destination.ts';
import { handover } from './application/handover.ts';
import { loginBody, loginDrift, loginOf, ownProviders, withoutOwn } from './application/login.ts';
import {
  awaitNoted,
  awaitWrites,
  coverPolicyTopic,
  dividedHosts,
  notingWrite,
  pathWriteTopic,
} from './application/path-writes.ts';
import {
  closedWays,
  confirmClosed,
  deviceHeirs,
  forgetTold,
  waysAround,
  without,
} from './application/ways-around.ts';
import { applicationWidenings } from './application/widening.ts';
import { appearanceBody, appearanceDrift, appearanceOf, isOfAppearance } from './presentation/appearance.ts';
import { crossSiteBody, crossSiteDrift, crossSiteOf, isOfCrossSite } from './presentation/cross-site.ts';
import { sameDuration } from './session/go-duration.ts';
import { forgetArrived } from './session/moment.ts';
import { endsSessions, narrow } from './session/revocation.ts';

export type { AccessApplicationSpec } from './application/application-form.ts';

const kind = 'cloudflare/access-application';
const quota = 'Access applications';

export const accessApplication: Reconciler<AccessApplicationSpec> = {
  kind,
  title: 'Access application',

  words: {
    quota: () => quota,

    afterwards: (want, have) => (isNarrowing(want as AccessApplicationSpec, have) ? endsSessions : undefined),
  },

  async observe(world) {
    const replies = (await listAccess(world, 'apps')) as readonly AccessApplicationReply[];
    const ours = replies.filter(({ tags }) => tags?.some((tag) => readTag(tag) === world.scope.owner));
    const [own, heirs] = [await ownProviders(ours, world), await deviceHeirs(ours, world)];
    return replies.map((reply) => observed(reply, own, heirs));
  },

  drift(want, have) {
    const fields: string[] = [];
    if (want.name !== undefined && want.name !== have.name) fields.push('name');
    if (want.destinations !== undefined && !sameDestinations(want.destinations, have.destinations)) {
      fields.push('destinations');
    }
    if (want.policies !== undefined && !equal(want.policies, have.policies)) fields.push('policies');
    const { sessionDuration } = want;
    if (sessionDuration !== undefined && !sameDuration(sessionDuration, have.sessionDuration)) {
      fields.push('sessionDuration');
    }
    if (want.waysAround !== undefined && !sameSet(want.waysAround, have.waysAround))
      fields.push('waysAround');
    return [
      ...fields,
      ...loginDrift(want, have),
      ...appearanceDrift(want, have),
      ...crossSiteDrift(want, have),
    ];
  },

  ...handover,

  doors(want, have) {
    if (want !== undefined && have !== undefined && guardsAlike(want, have.spec)) return [];
    const hosts = [...new Set([...hostsOf(have?.spec), ...hostsOf(want)])].sort();
    const uris = [...(want?.destinations ?? []), ...(have?.spec.destinations ?? [])].map(String);
    const doors = uris
      .filter((uri) => hostIn(uri) !== undefined)
      .map(doorOf)
      .sort();
    return hosts.map((host): DoorEffect => {
      const outermost = doors.find((door) => hostIn(door) === host)?.slice(host.length);
      return { host, step: stepAt(host, want, have?.spec), ...(outermost && { part: outermost }) };
    });
  },

  async write(changes, world) {
    const applications = `${await accountPath(world)}/access/apps`;
    const act = (change: ReadyChange<AccessApplicationSpec>) => {
      const uris = [change.want, change.have?.spec].flatMap((spec) => spec?.destinations ?? []);
      return notingWrite(world, pathWriteTopic, dividedHosts(uris), () =>
        writeOne(change, applications, world),
      );
    };
    // An application that admits everybody opens a door: these are made one after the other.
    const sideBySide = changes.some(({ want }) => want?.bypass === true) ? 1 : world.sideBySide;
    return carryOutBy({ oneQuota: true, sideBySide }, releasingFirst(changes), act);
  },

  moments: {
    async arrive(world, next) {
      if (next !== undefined) return awaitWrites(world, pathWriteTopic, next);
      for (const topic of [pathWriteTopic, coverPolicyTopic]) await forgetArrived(world, topic);
    },
  },
};

async function writeOne(
  { verb, want, have }: ReadyChange<AccessApplicationSpec>,
  applications: string,
  world: World,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (verb === 'prune' && have !== undefined) {
    await world.cloudflare.delete(`${applications}/${have.id}`);
    await forgetTold(have.id, world);
  }
  if (want === undefined) return undefined;
  await awaitNoted(world, coverPolicyTopic, (id) => want.policies.includes(id));
  if (have === undefined) {
    const body = { ...defaults(want), ...written(want, [], world.scope.owner), ...closedWays };
    return confirmed((await world.cloudflare.post(applications, body)) as AccessApplicationReply, world);
  }
  const path = `${applications}/${have.id}`;
  const overwrite = () => overwriteWith(want, have.spec, path, world);
  const reply = isNarrowing(want, have.spec) ? await narrow(world, [have.id], overwrite) : await overwrite();
  const closes = want.waysAround.length < have.spec.waysAround.length;
  return closes ? confirmed(reply, world) : attributesOf(reply);
}

function observed(
  reply: AccessApplicationReply,
  own: ReadonlySet<string>,
  heirs: ReadonlySet<string>,
): Observed<AccessApplicationSpec> {
  const selfHosted = reply.type === 'self_hosted';
  const destinations = destinationsIn(reply);
  const name = reply.name ?? '';
  const policies = [...(reply.policies ?? [])].sort((a, b) => (a.precedence ?? 0) - (b.precedence ?? 0));
  const tags = reply.tags ?? [];
  const marker = tags.find((tag) => readTag(tag) !== undefined);
  const key = selfHosted ? keyOf(destinations, name, marker !== undefined) : undefined;
  return {
    address: { kind, key: key ?? `${reply.type ?? 'application'} ${name} (${reply.id})` },
    id: reply.id,
    owner: key === undefined || marker === undefined ? undefined : readTag(marker),
    spec: {
      name,
      destinations,
      policies: policies.map(({ id }) => id),
      ...(reply.session_duration && { sessionDuration: reply.session_duration }),
      ...loginOf(reply, own),
      ...appearanceOf(reply),
      ...crossSiteOf(reply),
      bypass: policies.some(({ decision }) => decision === 'bypass'),
      waysAround: waysAround(reply, heirs),
    },
    widenings: applicationWidenings(reply),
    attributes: { id: reply.id, ...(reply.aud !== undefined && { aud: reply.aud }) },
    uses: [...policies.map(({ id }) => id), ...tags, ...(reply.allowed_idps ?? [])],
    ...(reply.created_at !== undefined && { createdAt: reply.created_at }),
    raw: reply,
  };
}

/** The door in its name, if it is one of its doors or, for a marked application, contains them all; else the first. */
function keyOf(destinations: readonly string[], name: string, isMarked: boolean): string | undefined {
  const doors = destinations.filter((uri) => hostIn(uri) !== undefined).map(doorOf);
  const isAround = isMarked && doors.length > 0 && doors.every((door) => door.startsWith(`${name}/`));
  return isAround ? name : (doors.find((door) => door === name) ?? doors[0]);
}

function written(
  want: AccessApplicationSpec,
  tags: readonly string[],
  owner: string,
): Readonly<Record<string, unknown>> {
  const { name, destinations, policies, sessionDuration } = want;
  const foreign = tags.filter((tag) => readTag(tag) === undefined);
  return {
    type: 'self_hosted',
    name,
    domain: destinations[0],
    destinations: destinations.map((uri) => ({ type: 'public', uri })),
    // Always a list: with null the API keeps the old policies, and it never stores precedence 0.
    policies: policies.map((id, index) => ({ id, precedence: index + 1 })),
    tags: [...new Set([...foreign, ...(want.tags ?? []), markTag(owner)])],
    ...(sessionDuration !== undefined && { session_duration: sessionDuration }),
    ...loginBody(want),
    ...appearanceBody(want),
    ...crossSiteBody(want),
  };
}

/**
 * Fields that gates sets once and then leaves to people. A public application needs no tile, since nobody logs in to
 * it. No script reads the session's cookie, and no other site sends it along with more than a link.
 */
function defaults({ bypass }: AccessApplicationSpec): Readonly<Record<string, unknown>> {
  return {
    app_launcher_visible: !bypass,
    http_only_cookie_attribute: true,
    same_site_cookie_attribute: 'lax',
  };
}

/** Replaces an application. The PUT repeats the live values that gates does not decide. */
async function overwriteWith(
  want: AccessApplicationSpec,
  have: AccessApplicationSpec,
  path: string,
  world: World,
): Promise<AccessApplicationReply> {
  const live = (await world.cloudflare.get(path)) as AccessApplicationReply | undefined;
  if (live === undefined) {
    throw new RejectedError('The Access application is gone', { hint: 'The next run makes it again' });
  }
  const kept = Object.entries(live).filter(([field, value]) => !computed.has(field) && value !== null);
  const body = {
    ...Object.fromEntries(kept),
    ...withoutOwn(want, have, live.allowed_idps ?? []),
    ...written(want, live.tags ?? [], world.scope.owner),
  };
  // A way around the login that the plan has not shown stays.
  const closing = have.waysAround.filter((way) => !want.waysAround.includes(way));
  return (await world.cloudflare.put(path, without(body, closing))) as AccessApplicationReply;
}

async function confirmed(
  reply: AccessApplicationReply,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  await confirmClosed(reply, world);
  return attributesOf(reply);
}

function attributesOf({ id, aud }: AccessApplicationReply): Readonly<Record<string, string>> {
  return { id, ...(aud !== undefined && { aud }) };
}

/**
 * Puts an application that releases a destination before its taker: two never share one (11010). Removals of public
 * applications come first: the one around may release what lies below, which would then be public too.
 */
function releasingFirst(
  changes: readonly ReadyChange<AccessApplicationSpec>[],
): readonly ReadyChange<AccessApplicationSpec>[] {
  const wanted = (change: ReadyChange<AccessApplicationSpec>) =>
    change.want?.destinations.map(canonicalUri) ?? [];
  const releases = (change: ReadyChange<AccessApplicationSpec>) => {
    const kept = new Set(wanted(change));
    const gone = (change.have?.spec.destinations ?? []).map(canonicalUri).filter((uri) => !kept.has(uri));
    return changes.some((other) => other !== change && wanted(other).some((uri) => gone.includes(uri)));
  };
  const opens = ({ want, have }: ReadyChange<AccessApplicationSpec>) =>
    want === undefined && have?.spec.bypass === true;
  const others = changes.filter((change) => !opens(change));
  return [...changes.filter(opens), ...others.filter(releases), ...others.filter((one) => !releases(one))];
}

/**
 * Both admit the same people at the same doors: only the name, the look, the use by other sites, or how people come to
 * their login, differs.
 */
function guardsAlike(want: Linked<AccessApplicationSpec>, have: AccessApplicationSpec): boolean {
  const drift = accessApplication.drift?.(want as AccessApplicationSpec, have) ?? [];
  const isHarmless = (field: string) =>
    field === 'name' || field === 'redirectsAtOnce' || isOfAppearance(field) || isOfCrossSite(field);
  return drift.every(isHarmless);
}
