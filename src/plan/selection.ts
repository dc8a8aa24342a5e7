import type { Change } from '../core/change.ts';
import type { PlanOptions } from './options.ts';

/** The part of a plan that a person asked for: one service, or adoption alone; else all of it. */
export function selected(changes: readonly Change[], options: PlanOptions): readonly Change[] {
  const ofService = options.service === undefined ? changes : onlyService(changes, options.service);
  return options.adoptOnly === true ? onlyAdoption(ofService) : ofService;
}

/** The changes that one service asks for, and whatever they lean on. */
function onlyService(changes: readonly Change[], service: string): readonly Change[] {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const wanted = new Set<string>();
  const take = (change: Change): void => {
    if (wanted.has(change.id)) return;
    wanted.add(change.id);
    for (const need of change.needs) {
      const earlier = byId.get(need);
      if (earlier !== undefined) take(earlier);
    }
  };
  for (const change of changes) if (asksFor(change, service)) take(change);
  return changes.filter((change) => wanted.has(change.id));
}

function asksFor(change: Change, service: string): boolean {
  const entry = `services.${service}`;
  return change.because === entry || change.because?.startsWith(`${entry}.`) === true;
}

/** Adoptions that lean on nothing but other adoptions: the order of the rest would be lost without it. */
function onlyAdoption(changes: readonly Change[]): readonly Change[] {
  const left = new Set<string>();
  const kept: Change[] = [];
  for (const change of changes) {
    const adoptable = change.verb === 'adopt' && !change.needs.some((need) => left.has(need));
    if (adoptable || change.verb === 'keep') kept.push(change);
    else left.add(change.id);
  }
  return kept;
}
