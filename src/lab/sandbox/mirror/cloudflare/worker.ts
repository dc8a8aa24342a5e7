import { type JsonObject, timestamp, type WorkerScript } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { objectsOf, put, textOf, textsOf, wordOf } from '../rows/row.ts';

/** No reply that gates reads has a script: in its place, the copy's Worker fails, which lets nobody through. */
const UNKNOWN_CODE = "export default { fetch() { throw new Error('a copy does not know this script'); } };";

/** A Worker of the account's list, without its settings. */
export function readWorker(copy: Copy, object: JsonObject): void {
  const { world, omissions } = copy;
  if (!has(copy, 'Worker', object, 'id')) return;
  omissions.say(
    `Worker ${object.id}: its script is not known, so it fails in the copy until gates uploads it`,
  );
  const script: WorkerScript = {
    id: object.id,
    etag: textOf(object.etag) ?? '',
    mainModule: 'worker.js',
    code: UNKNOWN_CODE,
    bindings: [],
    compatibilityDate: textOf(object.compatibility_date) ?? '',
    tags: textsOf(object.tags),
    createdAt: wordOf(object.created_on) ?? timestamp(world),
    updatedAt: wordOf(object.modified_on) ?? timestamp(world),
  };
  const scripts = world.workerScripts ?? [];
  put(scripts, 'id', script);
  world.workerScripts = scripts;
}

/** The settings of a Worker. */
export function readWorkerSettings(
  { world }: Copy,
  { bindings, tags, compatibility_date: date }: JsonObject,
  [, id = '']: readonly string[],
): void {
  const script = world.workerScripts?.find((each) => each.id === id);
  if (script === undefined) return;
  script.bindings = objectsOf(bindings);
  script.tags = textsOf(tags);
  script.compatibilityDate = textOf(date) ?? script.compatibilityDate;
}

/** A Workers route of a zone. */
export function readWorkersRoute(copy: Copy, object: JsonObject, [zone = '']: readonly string[]): void {
  const { world } = copy;
  if (!has(copy, 'Workers route', object, 'id', 'pattern')) return;
  const extras = world.zoneExtras?.[zone] ?? {};
  const workersRoutes = [...(extras.workersRoutes ?? [])];
  put(workersRoutes as (JsonObject & { id: string })[], 'id', { ...object, id: object.id });
  world.zoneExtras = { ...world.zoneExtras, [zone]: { ...extras, workersRoutes } };
}
