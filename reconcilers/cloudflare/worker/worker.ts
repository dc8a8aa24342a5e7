import type { ReadyChange } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import { markTag, readTag } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { sha256 } from '../../../src/core/sha256.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { notingWrite, workerWriteTopic } from '../access/application/path-writes.ts';
import { accountPath } from '../account/account.ts';
import { clearZone, noteZone, zonesOfOurs } from '../rules/zones.ts';
import { compatibilityDate, identityScript } from './identity-script.ts';
import { workersWire } from './workers-wire.ts';

/** The Worker that passes on the identity at one host. Keyed by its name. */
export interface WorkerSpec {
  readonly host: string;
  /** The host's zone, by name and id. */
  readonly zone: string;
  readonly zoneId: string;
  /** A hash of the script; observed: `unknown` if it is not the one that this state folder uploaded. */
  readonly code: string;
  /** `<team>.cloudflareaccess.com` */
  readonly team: string;
  /** The `aud` of the host's Access application. */
  readonly audience: string;
  readonly userHeader: string;
  /** Empty: the application gets no groups. */
  readonly groupsHeader: string;
  readonly compatibilityDate: string;
}

interface ScriptReply {
  readonly id: string;
  /** A hash of the modules, by Cloudflare. */
  readonly etag?: string;
  readonly tags?: readonly string[] | null;
  readonly created_on?: string;
}

interface SettingsReply {
  readonly bindings?: readonly { readonly type: string; readonly name: string; readonly text?: string }[];
  readonly compatibility_date?: string;
  readonly tags?: readonly string[] | null;
}

const kind = 'cloudflare/worker';

/** Notes: the `etag` that Cloudflare gave to an uploaded script, and our hash of it, by the name of the Worker. */
const topic = 'worker-code';

const mainModule = 'worker.js';

/** Changes whenever the script does: the Worker answers with it. */
export const identityCode = sha256(identityScript).slice(0, 16);

export const worker: Reconciler<WorkerSpec> = {
  kind,
  title: 'Worker',
  traits: { usesNothing: true },

  async observe(world) {
    const zones = await zonesOfOurs(world, 'worker', world.scope.workerZones ?? []);
    if (zones.length === 0) return [];
    const scripts = `${await accountPath(world)}/workers/scripts`;
    const wire = workersWire(world);
    const found = (await wire.list(scripts)) as readonly ScriptReply[];
    return Promise.all(
      found.map(async (script) => {
        // Foreign Workers are none of our business: their names are all that gates reads.
        if (!script.id.startsWith(`gates-${world.scope.owner}-`)) return foreign(script);
        const settings = (await wire.get(`${scripts}/${script.id}/settings`)) as SettingsReply | undefined;
        return observed(script, settings ?? {}, zones, world);
      }),
    );
  },

  doors(want, have) {
    const host = String(want?.host ?? have?.spec.host ?? '');
    // Without a route, a Worker runs nowhere: the route decides when it goes.
    return want === undefined || host === '' ? [] : [{ host, step: 'guard' }];
  },

  async write(changes, world) {
    const scripts = `${await accountPath(world)}/workers/scripts`;
    const outcomes = await carryOut(changes, (change) => {
      // A Worker that goes has no route any more.
      const hosts = change.want === undefined ? [] : [change.want.host];
      return notingWrite(world, workerWriteTopic, hosts, () => writeOne(change, scripts, world));
    });
    const done = new Set(outcomes.flatMap(({ change, status }) => (status === 'done' ? [change] : [])));
    await forgetZones(
      changes.filter(({ id }) => done.has(id)),
      world,
    );
    return outcomes;
  },
};

/** Forgets the zones of an earlier file in which no Worker of ours is left: a Worker goes after its route. */
async function forgetZones(changes: readonly ReadyChange<WorkerSpec>[], world: World): Promise<void> {
  const gone = changes.flatMap(({ want, have }) => (want === undefined && have !== undefined ? [have] : []));
  const ids = new Set(gone.map(({ id }) => id));
  const left = (await world.read(worker)).filter(
    ({ id, owner }) => owner === world.scope.owner && !ids.has(id),
  );
  for (const { zone, zoneId } of gone.map(({ spec }) => spec)) {
    const isWanted = world.scope.workerZones?.includes(zone) === true;
    if (!isWanted && !left.some(({ spec }) => spec.zoneId === zoneId))
      await clearZone(world, 'worker', zoneId);
  }
}

async function writeOne(
  { verb, address: { key: name }, want }: ReadyChange<WorkerSpec>,
  scripts: string,
  world: World,
): Promise<Readonly<Record<string, string>> | undefined> {
  const wire = workersWire(world);
  if (verb === 'prune') await wire.delete(`${scripts}/${name}`);
  if (want === undefined) {
    await world.notes.clear(topic, name);
    return undefined;
  }
  // Before the first write, so that later runs find the Worker whatever the file says by then.
  await noteZone(world, 'worker', want.zoneId);
  const { etag = '' } = (await wire.put(
    `${scripts}/${name}`,
    upload(want, world.scope.owner),
  )) as ScriptReply;
  await world.notes.put(topic, name, `${etag} ${identityCode}`);
  await confirm(name, want, scripts, world);
  return { id: name };
}

/** Reads back what the visitors' safety depends on. */
async function confirm(name: string, want: WorkerSpec, scripts: string, world: World): Promise<void> {
  const settings = (await workersWire(world).get(`${scripts}/${name}/settings`)) as SettingsReply | undefined;
  const texts = textsIn(settings ?? {});
  const isAsSent = Object.entries(bindingsOf(want)).every(([key, text]) => texts.get(key) === text);
  if (isAsSent && settings?.tags?.includes(markTag(world.scope.owner))) return;
  throw new UnsafeError('Cloudflare does not show the settings of the Worker as gates sent them', {
    hint: 'The host stays closed; the next run uploads the Worker again',
    facts: { detail: name, applied: 'maybe' },
  });
}

function upload(want: WorkerSpec, owner: string): FormData {
  const bindings = Object.entries(bindingsOf(want)).map(([name, text]) => ({
    type: 'plain_text',
    name,
    text,
  }));
  const tags = [markTag(owner)];
  const metadata = { main_module: mainModule, compatibility_date: want.compatibilityDate, bindings, tags };
  const form = new FormData();
  form.append('metadata', new Blob([JSON.stringify(metadata)], { type: 'application/json' }));
  const module = new Blob([identityScript], { type: 'application/javascript+module' });
  form.append(mainModule, module, mainModule);
  return form;
}

/** The texts of `env` (identity-script.ts), and the host, by which gates finds the Worker's service again. */
function bindingsOf({ host, team, audience, userHeader, groupsHeader, code }: WorkerSpec) {
  const headers = { USER_HEADER: userHeader, GROUPS_HEADER: groupsHeader };
  return { HOST: host, TEAM: team, AUDIENCE: audience, ...headers, VERSION: code };
}

function textsIn({ bindings = [] }: SettingsReply): ReadonlyMap<string, string> {
  return new Map(bindings.map(({ name, type, text = '' }) => [name, type === 'plain_text' ? text : '']));
}

async function observed(
  { id, etag, created_on: createdAt }: ScriptReply,
  settings: SettingsReply,
  zones: readonly { readonly id: string; readonly name: string }[],
  world: World,
): Promise<Observed<WorkerSpec>> {
  const texts = textsIn(settings);
  const text = (name: string) => texts.get(name) ?? '';
  const host = text('HOST');
  const zone = zones.find(({ name }) => host === name || host.endsWith(`.${name}`));
  const [known, hash = 'unknown'] = (await world.notes.text(topic, id))?.split(' ') ?? [];
  const isSame = known !== undefined && known === etag && text('VERSION') === hash;
  const marked = settings.tags?.find((tag) => readTag(tag) !== undefined);
  return {
    address: { kind, key: id },
    id,
    owner: marked === undefined ? undefined : readTag(marked),
    spec: {
      ...{ host, zone: zone?.name ?? '', zoneId: zone?.id ?? '', code: isSame ? hash : 'unknown' },
      ...{ team: text('TEAM'), audience: text('AUDIENCE') },
      ...{ userHeader: text('USER_HEADER'), groupsHeader: text('GROUPS_HEADER') },
      compatibilityDate: settings.compatibility_date ?? '',
    },
    attributes: { id },
    uses: [],
    ...(createdAt !== undefined && { createdAt }),
  };
}

function foreign({ id }: ScriptReply): Observed<WorkerSpec> {
  const nothing = { host: '', zone: '', zoneId: '', code: '', team: '', audience: '' };
  const spec = { ...nothing, userHeader: '', groupsHeader: '', compatibilityDate: '' };
  return { address: { kind, key: id }, id, owner: undefined, spec, attributes: { id }, uses: [] };
}

/** The spec of the Worker's script, the same for every host. */
export const workerCode = { code: identityCode, compatibilityDate } as const;
