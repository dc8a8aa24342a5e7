import { type GuardsPassed, passGuards, route } from '../edge/routing/route.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Visit } from '../edge/view/visit.ts';
import { requestToWorker, runWorker } from '../edge/worker/run-worker.ts';
import { serveTeam } from '../edge/worker/team-keys.ts';
import { workerAt } from '../edge/worker/worker-match.ts';
import type { Exposure, Guard, WorkerScript, World } from '../state/world.ts';
import { NO_CLAIM } from './paths.ts';
import type { Suspect } from './suspects.ts';

/** The value of the headers that the oracle forges. */
const FORGED = 'forged';

/** An exposure at whatever call. */
export type HostExposure = Omit<Exposure, 'n'>;

/** A visit with forged identity headers that reaches a Worker, and the exposure if the Worker passes one of them on. */
export interface ForgedVisit {
  exposure: Exposure;
  visit: Visit;
  passed: GuardsPassed;
  script: WorkerScript;
  /** In lower case. */
  header: string;
}

/** The same at whatever call. */
export type ForgedFinding = Omit<ForgedVisit, 'exposure'> & { exposure: HostExposure };

/**
 * Tests whether an identity header that a visitor forged reaches the application of a guard, whomever else the guard
 * admits. Without a Worker on the way it does.
 */
export function forgedIdentities(
  view: EdgeView,
  { host, identity = [] }: Guard,
  suspects: readonly Suspect[],
): { found: HostExposure[]; visits: ForgedFinding[] } {
  const found: HostExposure[] = [];
  const visits: ForgedFinding[] = [];
  for (const header of identity.map((name) => name.toLowerCase())) {
    // An application that reads headers as environment variables takes both names for one.
    const names = new Set([header, header.replaceAll('-', '_')]);
    const claim = { ...NO_CLAIM, headers: [...names].map((name) => [name, FORGED] as const) };
    for (const suspect of suspects) {
      for (const path of ['/', '/below']) {
        const visit = suspect.visit(host, path, claim);
        const { verdict } = route(view, visit);
        if (verdict.kind !== 'delivery' || verdict.servedBy !== 'origin') continue;
        const principal = `${suspect.principal}, forged ${header}`;
        const exposure = { host, path, principal, servedBy: verdict.servedBy };
        const script = workerAt(view, host, path);
        const passed = passGuards(view, visit);
        if (script === undefined || 'verdict' in passed) found.push(exposure);
        else visits.push({ exposure, visit, passed, script, header });
      }
    }
  }
  return { found, visits };
}

/** True if the Worker passes a forged header on. */
export async function isPassedOn(
  world: World,
  { visit, passed, script, header }: ForgedVisit,
): Promise<boolean> {
  let isForged = false;
  const request = await requestToWorker(visit, passed.assertion);
  await runWorker(world, script, request, async (asked) => {
    const ofTeam = await serveTeam(world, asked);
    if (ofTeam !== null) return ofTeam;
    isForged ||= [...asked.headers].some(
      ([name, value]) => name.replaceAll('_', '-') === header && value.includes(FORGED),
    );
    return new Response('', { status: 200 });
  });
  return isForged;
}
