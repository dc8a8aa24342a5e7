import type * as file from '../../schema/generated/config.ts';
import type { Mistake } from '../core/mistake.ts';
import { checkedConfig } from '../expect/checked-config.ts';
import type { FileDraft } from '../import/terms/draft.ts';
import { EntryNames } from '../import/terms/names.ts';
import { fileText } from '../import/text/file-text.ts';
import type { WantedAdmission } from './admission-answer.ts';
import type { AnswerReading } from './question.ts';
import { originAt } from './server-answer.ts';

/** The place of the file: the account, its zones, and the tunnel of the new hosts. */
export interface FilePlace {
  readonly owner: string;
  readonly account: string;
  readonly zones: readonly string[];
  readonly tunnel: string;
}

/** A host that a person wants, with its server and its visitors. */
export interface WantedService {
  readonly host: string;
  readonly origin: file.Origin;
  readonly admission: WantedAdmission;
  /** The reason that the file gives for a host without a login. */
  readonly reason?: string;
}

/** A file without services. */
export function emptyDraft({ owner, account, zones, tunnel }: FilePlace): FileDraft {
  return {
    file: {
      version: 1,
      owner,
      cloudflare: { account, zones: [...zones], tunnels: { [tunnel]: {} } },
      origins: {},
      groups: {},
      services: {},
    },
    ...{
      sources: new Map(),
      headings: new Map(),
      recordSources: new Map(),
      leftovers: [],
      hosts: new Map(),
      recordIds: new Map(),
    },
  };
}

/** The hosts that the services of a draft have. */
export function draftHosts({ file: { services = {} } }: FileDraft): readonly string[] {
  return Object.values(services).map(({ host }) => host);
}

/** True if people who log in at Authentik have a way to its login page. */
export function showsLogin({ file: { authentik } }: FileDraft): boolean {
  return authentik?.service !== undefined;
}

/** A draft with Authentik, and with its login page at a host. */
export function withLogin(
  draft: FileDraft,
  login: { readonly url: string; readonly host: string; readonly tunnel: string },
): FileDraft {
  const { url, host, tunnel } = login;
  const added = withEntry(draft, host, { tunnel, url }, () => ({ identityProvider: {} }));
  const { version, owner, cloudflare, authentik, ...rest } = added.draft.file;
  const shown = { ...authentik, url, service: added.name };
  // The sections of the text have the order of the keys.
  return { ...added.draft, file: { version, owner, cloudflare, authentik: shown, ...rest } };
}

/** A draft with one more service. */
export function withService(draft: FileDraft, { host, origin, admission, reason }: WantedService): FileDraft {
  const { draft: added } = withEntry(draft, host, origin, (known) => gateFor(admission, known, reason));
  if (!('groups' in admission)) return added;
  const groups = Object.fromEntries(admission.groups.map((name) => [name, {}]));
  return { ...added, file: { ...added.file, groups: { ...groups, ...added.file.groups } } };
}

/** The judgment of `gates validate` about a draft: its first mistake, or else its warnings. */
export function judgmentOf(draft: FileDraft): {
  readonly wrong: string | undefined;
  readonly warnings: readonly string[];
} {
  const read = checkedConfig(fileText(draft));
  const found = read.ok ? read.parsed.warnings : read.mistakes;
  const worded = (severity: Mistake['severity']) =>
    found
      .filter((mistake) => mistake.severity === severity)
      .map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
  return { wrong: worded('error')[0], warnings: worded('warning') };
}

/** The host, if the file may have a service there. */
export function readHost(answer: string, draft: FileDraft, place: FilePlace): AnswerReading<string> {
  const host = hostIn(answer, place.zones);
  if (draftHosts(draft).includes(host)) return { wrong: `The file has ${host} already` };
  const origin = { tunnel: place.tunnel, url: 'http://server.invalid' };
  const service = { host, origin, admission: someone };
  const { wrong, warnings } = judgmentOf(withService(emptyDraft(place), service));
  if (wrong !== undefined) return { wrong };
  return { value: host, ...(warnings.length > 0 && { remark: warnings.join('; ') }) };
}

/** The server, if a host may lead to it. Other hosts that lead there are judged with the gate. */
export function readServer(url: string, host: string, place: FilePlace): AnswerReading<file.Origin> {
  const { origin, remark } = originAt(url, place.tunnel);
  const { wrong } = judgmentOf(withService(emptyDraft(place), { host, origin, admission: someone }));
  if (wrong !== undefined) return { wrong };
  return { value: origin, ...(remark !== undefined && { remark }) };
}

/** Stands for an answer that a person has not given yet. */
const someone = { emails: ['me@example.com'] };

/** The full name of a host: `docs` and `@` belong to the only zone. */
function hostIn(answer: string, [zone, ...others]: readonly string[]): string {
  const host = answer.toLowerCase().replace(/\.$/, '');
  if (zone === undefined || others.length > 0) return host;
  if (host === '@') return zone;
  return host.includes('.') ? host : `${host}.${zone}`;
}

function gateFor(admission: WantedAdmission, origin: file.Origin, reason = 'open to everybody'): file.Gate {
  if ('emails' in admission) return { cloudflare: { emails: [...admission.emails] } };
  if ('everybody' in admission) return { public: { reason } };
  const groups = [...admission.groups];
  // Without a proxy that asks Authentik, the outpost itself forwards the requests.
  return { authentik: origin.forwardAuth === true ? { groups } : { mode: 'proxy', groups } };
}

function withEntry(
  draft: FileDraft,
  host: string,
  wanted: file.Origin,
  gate: (origin: file.Origin) => file.Gate,
): { readonly draft: FileDraft; readonly name: string } {
  const { origins = {}, services = {}, cloudflare } = draft.file;
  const zone = cloudflare.zones.find((each) => host === each || host.endsWith(`.${each}`)) ?? '';
  const label = host === zone ? (zone.split('.')[0] ?? host) : host.slice(0, -zone.length - 1);
  const name = nameBeside(Object.keys(services), label, host);
  const known = Object.entries(origins).find(
    ([, { tunnel, url }]) => tunnel === wanted.tunnel && url === wanted.url,
  );
  const [originName, origin] = known ?? [nameBeside(Object.keys(origins), label, host), wanted];
  return {
    name,
    draft: {
      ...draft,
      file: {
        ...draft.file,
        cloudflare: { ...cloudflare, tunnels: { [origin.tunnel]: {}, ...cloudflare.tunnels } },
        origins: { ...origins, [originName]: origin },
        services: { ...services, [name]: { host, origin: originName, gate: gate(origin) } },
      },
    },
  };
}

/** A name that no other entry of the section has. */
function nameBeside(taken: readonly string[], ...texts: readonly string[]): string {
  return new EntryNames(taken).give(...texts);
}
