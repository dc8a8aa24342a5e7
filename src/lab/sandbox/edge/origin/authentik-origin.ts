import { isOutpostPath } from '../../authentik/outpost/outpost-decision.ts';
import type { OutpostLoad } from '../../state/login-rows.ts';
import type { EdgeView } from '../view/view.ts';
import { answer, type Delivery, type Verdict, type Visit } from '../view/visit.ts';
import { askOutpost, headersOf, isOwnAnswer } from './outpost-visit.ts';

/**
 * A visit at Authentik's own address. A host of an outpost in mode `proxy` goes through its gate to the application
 * behind it, any other to the core. With a name, only that outpost is here, without a core.
 */
export function reachAuthentik(
  view: EdgeView,
  visit: Visit,
  delivery: Delivery,
  outpost: string | undefined,
): Verdict {
  const core: Delivery = { ...delivery, servedBy: 'authentik' };
  const load = view.outpost(outpost);
  if (load === undefined) return outpost === undefined ? core : answer('edge', 502, 'no such outpost', {});
  const verdict = asked(view, visit, load, delivery);
  if (verdict.kind === 'outpost' && load.embedded && verdict.decision.kind === 'stranger') {
    return isOutpostPath(visit.path) ? verdict : core;
  }
  return verdict;
}

function asked(view: EdgeView, visit: Visit, load: OutpostLoad, delivery: Delivery): Verdict {
  const { method, path, query } = visit;
  const request = { method, host: delivery.host, path, query, header: headersOf(visit, delivery.headers) };
  const verdict = askOutpost(view, visit, load, request, delivery);
  if (verdict.kind !== 'delivery') return verdict;
  if (isOutpostPath(path) && isOwnAnswer(verdict)) return answer('authentik', 200, '', {});
  const dropped = visit.headers.map(([name]) => name).filter((name) => name.startsWith('x-authentik-'));
  return { ...verdict, dropped: [...verdict.dropped, ...dropped] };
}
