import {
  type Admission,
  type Alternative,
  allOf,
  anyOf,
  everybody,
  nobody,
  unknown,
} from './admission/admission.ts';
import type { Course } from './course.ts';
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

/** Every course of a request, including those that admit nobody. */
export function coursesIn(inquiry: Inquiry, { host, path, method = 'GET' }: DoorRequest): readonly Course[] {
  const leads = inquiry.items('name', (view) => {
    const zone = zonePartOf(view, host)?.name ?? '';
    return leadsOf(view, host).map(({ when, ...lead }) => ({ when, item: { ...lead, zone } }));
  });
  const direct = leads
    .filter(({ item }) => item.through === 'nothing')
    .flatMap(({ when, item }) => coursesByName(inquiry, startOf(when), item.end, { host, path }));
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
    by: 'other',
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
  const { host, zone } = request;
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
    if (end.at !== 'tunnel') return coursesByName(inquiry, start, end, request);
    return coursesThroughTunnel(inquiry, request, end.id, { start, onward });
  });
  const atEdge = {
    name: anyOf(...leads.map(({ when }) => when)),
    rules,
    passages: passed,
    by: 'other' as const,
  };
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
      const course = { ...start, ...ending(anywhere), by: { rule: anywhere } };
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
    const by = hostname === host ? { rule: originName(service, hostHeader ?? host) } : 'other';
    const passages = past((audience) => admittedByToken(inquiry, audiences, audience));
    return coursesBeyond(
      { ...start, by, passages },
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

function coursesByName(
  inquiry: Inquiry,
  start: Start,
  end: End,
  { host, path }: DoorRequest,
): readonly Course[] {
  const answers: readonly OriginAnswer[] =
    end.at === 'address'
      ? answersAtOrigin(inquiry, { service: end.service, host, path })
      : [{ to: anywhere, admits: everybody, by: 'origin' }];
  return coursesBeyond({ ...start, by: 'name' }, answers);
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
