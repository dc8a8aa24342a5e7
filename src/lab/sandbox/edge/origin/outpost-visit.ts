import { decide, type OutpostRequest, type SignedIn } from '../../authentik/outpost/outpost-decision.ts';
import { sessionReader } from '../../authentik/outpost/outpost-reply.ts';
import { answersAnyHost } from '../../state/authentik-version.ts';
import type { OutpostLoad, OutpostSession } from '../../state/login-rows.ts';
import type { EdgeView } from '../view/view.ts';
import type { Delivery, OutpostStop, Visit } from '../view/visit.ts';
import { normalizedUrl } from './origin-url.ts';

/** The session of the oracle's visitors, without a name: nobody reads the application's headers. */
const PLAYED: Omit<OutpostSession, 'provider'> = {
  id: '',
  username: '',
  email: '',
  name: '',
  uid: '',
  groups: [],
  attributes: {},
  until: Number.POSITIVE_INFINITY,
};

/** The headers of a visit, some of them replaced; of several with one name the first, as Go reads them. */
export function headersOf(visit: Visit, replaced: Readonly<Record<string, string | null>>) {
  return (name: string): string | null => {
    const own = replaced[name];
    if (own !== undefined) return own;
    return visit.headers.find(([given]) => given === name)?.[1] ?? null;
  };
}

/** An outpost's decision about a visit: it continues as `delivery`, or ends with the outpost's own answer. */
export function askOutpost(
  view: EdgeView,
  visit: Visit,
  load: OutpostLoad,
  request: OutpostRequest,
  delivery: Delivery,
): OutpostStop | Delivery {
  const isOut = view.world.outages?.sessionStores?.includes(load.name) === true;
  const signedIn = isOut ? () => null : signedInAt(view, visit, request);
  const decision = decide(load, request, signedIn, answersAnyHost(view.world.authentik.version));
  if (decision.kind !== 'pass') {
    return { kind: 'outpost', load, request, decision, throughEdge: delivery.throughEdge };
  }
  const { app, session } = decision;
  // In mode `proxy`, the outpost itself forwards the visit to the application; in the others, whoever asked it does.
  const origin = app.mode === 'proxy' ? normalizedUrl(app.internalHost) : delivery.origin;
  return { ...delivery, origin, outpost: { load, app, session } };
}

/** True for the outpost's own 200 to a question of forward auth, which is not an application's. */
export function isOwnAnswer(verdict: OutpostStop | Delivery): boolean {
  return verdict.kind === 'delivery' && verdict.outpost?.app.mode !== 'proxy';
}

function signedInAt(view: EdgeView, visit: Visit, request: OutpostRequest): SignedIn {
  const { person, from } = visit;
  if (person === undefined) return sessionReader(view.world, request);
  return ({ provider }) => (view.mayPass(provider, person, from?.passes) ? { ...PLAYED, provider } : null);
}
