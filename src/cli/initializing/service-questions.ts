import { ConfigError } from '../../core/errors.ts';
import type { FileDraft } from '../../import/terms/draft.ts';
import { admissionIn, type WantedAdmission, wantedVisitors } from '../../init/admission-answer.ts';
import {
  draftHosts,
  emptyDraft,
  judgmentOf,
  readHost,
  readServer,
  showsLogin,
  type WantedService,
  withLogin,
  withService,
} from '../../init/file-draft.ts';
import type { InitQuestion } from '../../init/question.ts';
import type { AuthentikReach } from './authentik-questions.ts';
import { type Dialogue, say } from './dialogue.ts';
import type { InitCommandOptions } from './init-options.ts';
import type { CloudflarePlace } from './place-questions.ts';
import { absentGroups, loginHostsOf } from './systems.ts';

/** Everything that the questions about services need. */
export interface ServiceGround {
  readonly place: CloudflarePlace;
  /** Hosts that exist already: the names of the records of the zones. */
  readonly addresses: ReadonlySet<string>;
  /** Asks for Authentik, unless somebody did. */
  readonly authentik: () => Promise<AuthentikReach>;
}

/** Asks for services, one at a time, until an empty answer. The command line gives one at most. */
export async function withAskedServices(
  start: FileDraft,
  dialogue: Dialogue,
  options: InitCommandOptions,
  ground: ServiceGround,
): Promise<FileDraft> {
  let draft = start;
  for (;;) {
    const host = await dialogue.answer(hostQuestion(draft, ground), options.host);
    if (host === '') return draft;
    draft = await withAskedService(draft, host, dialogue, options, ground);
    if (options.host !== undefined || !dialogue.asks) return draft;
  }
}

/** A host; empty: no more. */
function hostQuestion(draft: FileDraft, { place, addresses }: ServiceGround): InitQuestion<string> {
  const isFirst = draftHosts(draft).length === 0;
  return {
    flag: '--host',
    text: isFirst ? `Host to guard, such as app.${place.zones[0]}` : 'Next host',
    ...(!isFirst && { preset: { words: 'no more', answer: '' } }),
    read: (answer) => {
      if (answer === '') return { value: '' };
      const read = readHost(answer, draft, place);
      if ('wrong' in read || !addresses.has(read.value)) return read;
      const remark = `${read.value} has a DNS record already: \`gates adopt\` takes it over`;
      return { ...read, remark: read.remark === undefined ? remark : `${read.remark}. ${remark}` };
    },
  };
}

/** The draft with the service at the host; if the file would be wrong with it, without it. */
async function withAskedService(
  draft: FileDraft,
  host: string,
  dialogue: Dialogue,
  { origin: url, admit, reason, loginHost }: InitCommandOptions,
  ground: ServiceGround,
): Promise<FileDraft> {
  const { place } = ground;
  const origin = await dialogue.answer<WantedService['origin']>(
    {
      flag: '--origin',
      text: 'Its server, such as http://192.168.1.10:8080',
      read: (answer) => readServer(answer, host, place),
    },
    url,
  );
  const admission = await dialogue.answer<WantedAdmission>(
    {
      flag: '--admit',
      text: 'Who may pass (email addresses, group:NAME of Authentik, or public)',
      read: (answer) => {
        const read = admissionIn(answer);
        if ('wrong' in read || !('emails' in read.value)) return read;
        const { wrong } = judgmentOf(withService(emptyDraft(place), { host, origin, admission: read.value }));
        return wrong === undefined ? read : { wrong };
      },
    },
    admit,
  );
  if ('groups' in admission) await tellMissingGroups(admission.groups, ground);
  const grounded = 'groups' in admission ? await withLoginPage(draft, dialogue, loginHost, ground) : draft;
  const why = 'everybody' in admission ? await dialogue.answer(reasonQuestion, reason) : undefined;
  const service = { host, origin, admission, ...(why !== undefined && { reason: why }) };
  const wanted = withService(grounded, service);
  const { wrong, warnings } = judgmentOf(wanted);
  if (wrong === undefined) {
    say(`${host} admits ${wantedVisitors(admission)}`);
    // Those of the host alone came with its answer.
    const known = [grounded, withService(emptyDraft(place), service)].flatMap(
      (each) => judgmentOf(each).warnings,
    );
    for (const warning of warnings.filter((each) => !known.includes(each))) say(`Warning: ${warning}`);
    return wanted;
  }
  if (!dialogue.asks) throw new ConfigError(`The file would be wrong with ${host}: ${wrong}`);
  say(`The file would be wrong with ${host}, so it stays without it: ${wrong}`);
  return draft;
}

async function tellMissingGroups(names: readonly string[], ground: ServiceGround): Promise<void> {
  const missing = await absentGroups((await ground.authentik()).authentik, names);
  for (const name of missing)
    say(`Authentik has no group ${name}: gates makes it, and you add its people there`);
}

const reasonQuestion: InitQuestion<string> = {
  flag: '--reason',
  text: 'Reason why everybody may pass, for people who read the file',
  read: (answer) => (answer.trim() === '' ? { wrong: 'The file needs a reason' } : { value: answer.trim() }),
};

/** The draft with the host at which people log in at Authentik. */
async function withLoginPage(
  draft: FileDraft,
  dialogue: Dialogue,
  given: string | undefined,
  { place, authentik: reach }: ServiceGround,
): Promise<FileDraft> {
  if (showsLogin(draft)) return draft;
  const { url, authentik } = await reach();
  const isFree = (host: string) => 'value' in readHost(host, draft, place);
  const known = (await loginHostsOf(authentik)).find(isFree);
  const preset = known ?? `auth.${place.zones[0]}`;
  if (given === undefined && known !== undefined)
    say(`Authentik's login page: ${known}, as its outpost says`);
  const host = await dialogue.answer<string>(
    {
      flag: '--login-host',
      text: "Host of Authentik's login page",
      preset: { words: preset, answer: preset },
      read: (answer) => readHost(answer, draft, place),
    },
    given ?? known,
  );
  return withLogin(draft, { url, host, tunnel: place.tunnel });
}
