import {
  type Admission,
  type Alternative,
  allOf,
  anyOf,
  everybody,
  nobody,
  unknown,
} from './admission/admission.ts';
import type { Inquiry } from './inquiry.ts';
import { holdersOf, passagesOf } from './layers/access.ts';
import { servesCopies } from './layers/cache.ts';
import { admittedByEdgeRules, type ZoneRequest } from './layers/edge-rules.ts';
import { type End, type Lead, leadsOf, zonePartOf } from './layers/names.ts';
import {
  admittedBySomeOutpost,
  answersAt,
  anywhere,
  type ForwardedRequest,
  type OriginAnswer,
  originName,
} from './layers/origin.ts';
import { answersOf } from './layers/tunnel.ts';
import { type RunningWorker, workerFor } from './layers/worker.ts';
import type { DoorRequest } from './state/snapshot.ts';
import type { Layer } from './state/view.ts';

/**
 * One course of a request to something that answers it, with the visitors whom each layer lets past. A layer outside
 * the course lets everybody past.
 */
export interface Course {
  /** See `Way.to`. Empty: the course ends before anything answers. */
  readonly to: string;
  /** See `Way.first`. */
  readonly first: string | undefined;
  readonly name: Admission;
  readonly rules: Admission;
  /** The ways past Access, each with the visitors whom Worker and tunnel let past: both check the JWT that Access adds. */
  readonly passages: readonly Passed[];
  /** The condition for a stored copy, on the course that ends at Cloudflare's cache; undefined on every other. */
  readonly copies: Admission | undefined;
  readonly origin: Admission;
  readonly authentik: Admission;
}

interface Passed {
  readonly access: Admission;
  /** See `Passage.application`. */
  readonly application: string | undefined;
  readonly worker: Admission;
  readonly tunnel: Admission;
}

/** The formula of everybody whom a course admits as far as this layer, the layers before it included. */
export function admittedThrough(course: Course, layer: Layer): Admission {
  const { name, rules, passages, copies, origin, authentik } = course;
  const passed = () => anyOf(...passages.map(({ access }) => access));
  const worked = () => anyOf(...passages.map(({ access, worker }) => allOf(access, worker)));
  const tunneled = () =>
    anyOf(...passages.map(({ access, worker, tunnel }) => allOf(access, worker, tunnel)));
  switch (layer) {
    case 'name':
      return name;
    case 'edge rules':
      return allOf(name, rules);
    case 'Access':
      return allOf(name, rules, passed());
    case 'Worker':
      return allOf(name, rules, worked());
    case 'cache':
      return allOf(name, rules, worked(), copies ?? everybody);
    case 'tunnel rule':
      return allOf(name, rules, tunneled());
    case 'origin':
      return allOf(name, rules, tunneled(), origin);
    case 'Authentik':
      return allOf(name, rules, tunneled(), copies ?? everybody, origin, authentik);
  }
}

/**
 * Everybody whom a gate of Access lets past, whatever the origin asks; nobody if the gate asks nothing and is none of those that
 * are `open` on purpose. `layer`: they get as far as this.
 */
export function admittedByAccess(
  { copies, passages, ...course }: Course,
  open: ReadonlySet<string>,
  layer: 'Access' | 'tunnel rule',
): Admission {
  if (copies !== undefined) return nobody;
  const guarded = passages.filter(
    ({ access, application = '' }) => demandsSomething(access) || open.has(application),
  );
  return admittedThrough({ ...course, copies, passages: guarded }, layer);
}

/**
 * Everybody whom a tunnel lets past to an origin by a token that they send themselves, where Access adds none; nobody where the tunnel asks
 * for none. `access`: in place of what Access asks.
 */
export function admittedByOwnToken({ copies, passages, ...course }: Course, access?: Admission): Admission {
  if (copies !== undefined) return nobody;
  const asked = passages.filter(({ tunnel }) => demandsSomething(tunnel));
  const passed = asked.map((passage) => ({ ...passage, access: access ?? passage.access }));
  return admittedThrough({ ...course, copies, passages: passed }, 'tunnel rule');
}

/** True for a formula that depends on the visitor. Unknown facts, such as the content of a list, are no gate. */
function demandsSomething(admission: Admission): boolean {
  if ('all' in admission) return admission.all.some(demandsSomething);
  if ('any' in admission) return admission.any.some(demandsSomething);
  if ('not' in admission) return demandsSomething(admission.not);
  return 'has' in admission;
}

/** Every course of a request, including those that admit nobody. */
export function coursesIn(inquiry: Inquiry, { host, path, method = 'GET' }: DoorRequest): readonly Course[] {
  const leads = inquiry.items('name', (view) => {
    const zone = zonePartOf(view, host)?.name ?? '';
    return leadsOf(view, host).map(({ when, ...lead }) => ({ when, item: { ...lead, zone } }));
  });
  const direct = leads
    .filter(({ item }) => item.through === 'nothing')
    .flatMap(({ when, item }) => coursesBeyond(startOf(when), answersBehind(inquiry, item.end, host, path)));
  const through = leads.filter(({ item }) => item.through === 'edge');
  const zones = [...new Set(through.map(({ item }) => item.zone))];
  const edge = zones.flatMap((zone) => {
    const request = { host, path, method: method.toUpperCase(), zone };
    const inZone = through.filter(({ item }) => item.zone === zone);
    return coursesThroughEdge(inquiry, request, inZone);
  });
  return [...direct, ...edge];
}

type Start = Omit<Course, 'to' | 'origin' | 'authentik'>;

function startOf(name: Admission): Start {
  return {
    name,
    rules: everybody,
    passages: [{ access: everybody, application: undefined, worker: everybody, tunnel: everybody }],
    copies: undefined,
    first: undefined,
  };
}

/** A way past Access, with its application and its audience, and the visitors whom the Worker there passes on. */
interface Onward {
  readonly access: Admission;
  readonly application: string | undefined;
  readonly worker: Admission;
  readonly audience: string | undefined;
}

/** Edge rules, then Access, a Worker, the cache, then the tunnel or the address (documents, "Phases list"). */
function coursesThroughEdge(
  inquiry: Inquiry,
  request: ZoneRequest,
  leads: readonly Alternative<Pick<Lead, 'end'>>[],
): readonly Course[] {
  const { host, path, zone } = request;
  const rules = inquiry.admits(`edge rules of ${zone}`, (view) => admittedByEdgeRules(view, request));
  const passages = inquiry.items(`Access in ${zone}`, (view) =>
    passagesOf(view, request).map(({ admits, ...item }) => ({ when: admits, item })),
  );
  const workers = inquiry.items(`Workers in ${zone}`, (view) => [
    { when: everybody, item: workerFor(view, request) },
  ]);
  const onward = passages.map(
    ({ when: access, item: { application, audience } }): Onward => ({
      ...{ access, application, audience },
      worker: passedOn(inquiry, workers, audience),
    }),
  );
  const passed = onward.map(({ audience: _, ...passage }) => ({ ...passage, tunnel: everybody }));
  const courses = leads.flatMap(({ when: name, item: { end } }): readonly Course[] => {
    const start: Start = { ...startOf(name), rules, passages: passed };
    if (end.at !== 'tunnel') return coursesBeyond(start, answersBehind(inquiry, end, host, path));
    return coursesThroughTunnel(inquiry, request, end.id, { start, onward });
  });
  const atEdge = { name: anyOf(...leads.map(({ when }) => when)), rules, passages: passed, first: undefined };
  const stored: Course = {
    ...{ ...atEdge, ...ending(`copies of ${host}`) },
    copies: inquiry.admits(`copies in ${zone}`, (view) => servesCopies(view, request)),
  };
  return [...answeredByWorker(workers, atEdge), ...courses, stored];
}

function coursesThroughTunnel(
  inquiry: Inquiry,
  request: ZoneRequest,
  id: string,
  { start, onward }: { readonly start: Start; readonly onward: readonly Onward[] },
): readonly Course[] {
  const { host, path } = request;
  const answers = inquiry.items(`tunnel ${id}`, (view) => answersOf(view, id, request));
  return answers.flatMap(({ when, item: rule }): readonly Course[] => {
    const past = (tunnel: (audience: string | undefined) => Admission) =>
      onward.map(({ audience, ...passage }) => ({ ...passage, tunnel: allOf(when, tunnel(audience)) }));
    if (rule === undefined) return [{ ...start, ...ending(''), passages: past(() => nobody) }];
    if (rule === 'unknown') {
      const fact = unknown('rules of a tunnel', `${id}, ${host}${path}`);
      return [{ ...start, ...ending(anywhere), passages: past(() => fact) }];
    }
    if (rule === 'unread') {
      const about = `${id}, ${host}${path}`;
      const course = { ...start, ...ending(anywhere), first: anywhere };
      const asking = inquiry.admits('some outpost', (view) => admittedBySomeOutpost(view, request));
      return [
        { ...course, passages: past(() => unknown('rules of a tunnel', about)) },
        {
          ...course,
          authentik: asking,
          passages: past(() => unknown('rules of a tunnel', `${about}, to an origin that asks Authentik`)),
        },
      ];
    }
    const { hostname, service, hostHeader, audiences } = rule;
    const first = hostname === host ? originName(service, hostHeader ?? host) : undefined;
    const passages = past((audience) => admittedByToken(inquiry, audiences, audience));
    return coursesBeyond(
      { ...start, first, passages },
      answersAtOrigin(inquiry, { service, host, path, hostHeader }),
    );
  });
}

/** The visitors whom the Worker of a request passes on. */
function passedOn(
  inquiry: Inquiry,
  workers: readonly Alternative<RunningWorker>[],
  audience: string | undefined,
): Admission {
  return anyOf(
    ...workers.map(({ when, item: worker }) => {
      if (worker.runs === 'none') return when;
      if (worker.runs === 'identity')
        return allOf(when, admittedByToken(inquiry, [worker.audience], audience));
      return allOf(when, unknown('request to a Worker', worker.about));
    }),
  );
}

/** The course to whatever a Worker of which gates knows nothing answers: it may fetch from any place, past the tunnel's checks. */
function answeredByWorker(
  workers: readonly Alternative<RunningWorker>[],
  { name, rules, passages }: Pick<Course, 'name' | 'rules' | 'passages'>,
): readonly Course[] {
  return workers.flatMap(({ when, item }): readonly Course[] => {
    if (item.runs !== 'unknown') return [];
    const worker = allOf(when, item.answers);
    const answered = passages.map((passage) => ({ ...passage, worker, tunnel: everybody }));
    return [{ ...startOf(name), ...ending(anywhere), rules, passages: answered }];
  });
}

/** The visitors whom a tunnel rule or a Worker admits by the JWT that Access adds, or that they send themselves. */
function admittedByToken(
  inquiry: Inquiry,
  audiences: readonly string[] | undefined,
  audience: string | undefined,
): Admission {
  if (audiences === undefined) return everybody;
  if (audience !== undefined) return audiences.includes(audience) ? everybody : nobody;
  return anyOf(
    ...audiences.map((each) => inquiry.admits(`audience ${each}`, (view) => holdersOf(view, each))),
  );
}

function answersBehind(inquiry: Inquiry, end: End, host: string, path: string): readonly OriginAnswer[] {
  if (end.at === 'address') return answersAtOrigin(inquiry, { service: end.service, host, path });
  return [{ to: anywhere, admits: everybody, by: 'origin' }];
}

function answersAtOrigin(inquiry: Inquiry, request: ForwardedRequest): readonly OriginAnswer[] {
  const { service, host, hostHeader = host } = request;
  return inquiry
    .items(`${service} for ${hostHeader}`, (view) =>
      answersAt(view, request).map(({ to, by, admits }) => ({ when: admits, item: { to, by } })),
    )
    .map(({ when, item }) => ({ ...item, admits: when }));
}

/** The end of a course at which nothing asks anybody. */
function ending(to: string): Pick<Course, 'to' | 'origin' | 'authentik'> {
  return { to, origin: everybody, authentik: everybody };
}

function coursesBeyond(start: Start, answers: readonly OriginAnswer[]): readonly Course[] {
  return answers.map(({ to, admits, by }) => ({
    ...start,
    to,
    origin: by === 'origin' ? admits : everybody,
    authentik: by === 'authentik' ? admits : everybody,
  }));
}
