import { readName } from '../../core/objects/marker.ts';
import { selfOf } from '../chart/authentik.ts';
import { type Chart, type CheckJudgment, check, notKnown, ok, warning } from '../chart/check.ts';
import { chartedAccountPath, ifPermitted } from '../chart/cloudflare.ts';
import { ourObjects } from '../chart/live-objects.ts';
import { verifiedToken } from './cloudflare/cloudflare-token.ts';

/** Milliseconds for which the check looks back. */
const past = 86_400_000;

/** A foreign change to an object of ours. */
interface Write {
  readonly actor: string;
  /** RFC 3339. */
  readonly at: string;
  readonly object: string;
}

/** Undefined: the token may not read the log. */
type Log = readonly Write[] | undefined;

/** Checks whether somebody else changes gates' objects at Cloudflare, so that both undo each other's changes. */
export const cloudflareWriters = check<Log>({
  name: 'writers',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const { config, now } = chart;
    if (config === undefined) return [];
    // The API's document promises times in its text, but allows only days in its schema.
    const query = { since: dayOf(now - past), before: dayOf(now + past), limit: 1000 };
    const log = await ifPermitted(
      chart.cloudflare.get(`${await chartedAccountPath(chart)}/logs/audit`, query),
    );
    if (!log.may) return undefined;
    const [ours, token] = await Promise.all([ourObjects(chart, config.owner), verifiedToken(chart)]);
    return ((log.answer ?? []) as readonly AuditEntry[]).flatMap(({ actor = {}, action = {}, resource }) => {
      const object = ours.get(resource?.id ?? '');
      const isForeign = actor.token_id === undefined || actor.token_id !== token?.id;
      if (object === undefined || !isForeign || action.time === undefined) return [];
      // A tunnel was foreign before, and its former owner may have set it up on the same day.
      const isLate = Date.parse(action.time) >= Math.max(now - past, object.since ?? 0);
      return isLate ? [{ actor: nameOf(actor), at: action.time, object: object.name }] : [];
    });
  },
  judge: (log, need) =>
    judgmentsOf(
      log,
      need.config !== undefined,
      'Optional. Give it "Account / Account Settings / Read" to have this looked at, and to see in plans who changed something',
    ),
});

interface AuditEntry {
  readonly actor?: {
    readonly id?: string;
    readonly email?: string;
    readonly token_id?: string;
    readonly token_name?: string;
  };
  readonly action?: { readonly time?: string };
  readonly resource?: { readonly id?: string };
}

function nameOf({ token_name: token, email, id }: NonNullable<AuditEntry['actor']>): string {
  return token === undefined ? (email ?? id ?? 'somebody') : `the token "${token}"`;
}

/** Checks whether another state folder of the same owner is in use: it makes objects that this one does not know. */
export const otherFolders = check<readonly string[] | undefined>({
  name: 'state folders',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const { config, recordedIds } = chart;
    if (config === undefined || recordedIds === undefined) return undefined;
    const recorded = await recordedIds(config.owner);
    // A machine on which gates never runs has no state folder to judge by.
    if (recorded.size === 0) return undefined;
    const ours = await ourObjects(chart, config.owner);
    const marked = [...ours].filter(([, { since }]) => since === undefined);
    return marked.flatMap(([id, { name }]) => (recorded.has(id) ? [] : [name]));
  },
  judge(unknownObjects, { config }) {
    if (unknownObjects === undefined || config === undefined) return [];
    if (unknownObjects.length === 0) return [ok('This state folder knows every object of this owner')];
    const more = unknownObjects.length > 3 ? ` and ${unknownObjects.length - 3} more` : '';
    return [
      warning('second-writer', {
        about: `owner ${config.owner}`,
        text: `This state folder does not know ${unknownObjects.slice(0, 3).join(', ')}${more}: another gates of this owner, with another state folder, made them`,
        hint: 'Let only one of them run, or give it an owner of its own',
      }),
    ];
  },
});

/** The same at Authentik, by its last hundred events of a sort, because its API cannot filter by date. */
export const authentikWriters = check<Log>({
  name: 'writers',
  area: 'authentik',
  asks: 'authentik',
  async ask(chart) {
    const { config, now } = chart;
    if (config === undefined) return [];
    const self = await selfOf(chart);
    const query = { action: 'model_', ordering: '-created', page_size: 100 };
    const log = await ifPermitted(chart.authentik.get('/events/events/', query));
    if (!log.may) return undefined;
    const ours = await ourKeys(chart, config.owner);
    const { results = [] } = (log.answer ?? {}) as { readonly results?: readonly EventReply[] };
    return results.flatMap(({ action, created, user, context }) => {
      const { model_name: model = '', pk, name } = context?.model ?? {};
      const isLate = Date.parse(created) >= now - past;
      if (action === 'model_created' || user?.pk === self.pk || !isLate || !ours.has(`${model} ${pk}`))
        return [];
      return [{ actor: user?.username ?? 'somebody', at: created, object: `${model} ${name ?? pk}` }];
    });
  },
  judge: (log, need) =>
    judgmentsOf(
      log,
      need.config !== undefined,
      'Optional. Give its role authentik_events.view_event to have this looked at, and to see in plans who changed something',
    ),
});

interface EventReply {
  readonly action: string;
  readonly created: string;
  readonly user?: { readonly pk?: number; readonly username?: string };
  readonly context?: {
    readonly model?: { readonly model_name?: string; readonly pk?: string | number; readonly name?: string };
  };
}

/** The form of events: UUIDs without dashes. */
async function ourKeys({ authentik }: Chart, owner: string): Promise<ReadonlySet<string>> {
  const [providers, groups] = await Promise.all([
    authentik.list('/providers/proxy/') as Promise<readonly { readonly pk: number; readonly name: string }[]>,
    authentik.list('/core/groups/', { include_users: false }) as Promise<
      readonly { readonly pk: string; readonly attributes?: Readonly<Record<string, unknown>> }[]
    >,
  ]);
  return new Set([
    ...providers.filter(({ name }) => readName(name).owner === owner).map(({ pk }) => `proxyprovider ${pk}`),
    ...groups
      .filter(({ attributes }) => attributes?.['gates/owner'] === owner)
      .map(({ pk }) => `group ${pk.replaceAll('-', '')}`),
  ]);
}

function judgmentsOf(log: Log, hasFile: boolean, hint: string): readonly CheckJudgment[] {
  if (log === undefined) return [notKnown({ text: 'The token may not read who changed what', hint })];
  if (!hasFile) return [];
  const actors = [...new Set(log.map(({ actor }) => actor))];
  if (actors.length === 0) return [ok('Nobody else has changed for a day what gates keeps')];
  return actors.map((about) => {
    const writes = log.filter(({ actor }) => actor === about);
    const objects = [...new Set(writes.map(({ object }) => object))];
    const last = writes
      .map(({ at }) => at)
      .sort()
      .at(-1);
    const more = objects.length > 3 ? ` and ${objects.length - 3} more` : '';
    return warning('second-writer', {
      about,
      text: `Changed ${objects.slice(0, 3).join(', ')}${more}, last at ${last}: gates changes back what is its own there`,
      hint: 'Put the change into the file, or take the object out of it; where it is a program (Terraform, a second gates), let one of the two go of it',
    });
  });
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
