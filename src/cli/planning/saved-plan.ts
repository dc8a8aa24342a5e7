import { readFile } from 'node:fs/promises';
import type { AnySchema } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import planSchema from '../../../schema/plan.schema.json' with { type: 'json' };
import schema from '../../../schema/saved-plan.schema.json' with { type: 'json' };
import { REAL_API } from '../../clients/cloudflare/cloudflare.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { writePrivateFile } from '../../clients/state/private-file.ts';
import type { Plan } from '../../core/change.ts';
import { ConfigError, UnsafeError } from '../../core/errors.ts';
import { sha256 } from '../../core/sha256.ts';
import { type PlanOrigin, planMoves, type SavedPlan, savedPlan } from '../../report/plan/saved-plan.ts';
import { formatMoves } from '../../report/plan/saved-plan-text.ts';
import { makePaint } from '../../report/screen/paint.ts';
import type { Settings } from '../surroundings/settings.ts';
import { redactor, tell, wantsColor } from '../surroundings/terminal.ts';
import { version } from '../surroundings/version.ts';

const planAnew = 'Run `gates plan --save` again, read it, and apply that';

/** The input of this process's plan, apart from the live systems. */
export function originOf(
  text: Uint8Array,
  file: string,
  options: PlanOrigin['options'],
  settings: Settings,
): PlanOrigin {
  const { cloudflareBaseUrl, authentikUrl } = settings;
  return {
    gates: version,
    file: { name: file, sha256: sha256(text) },
    apis: {
      cloudflare: placeOf(cloudflareBaseUrl ?? REAL_API),
      ...(authentikUrl !== undefined && { authentik: placeOf(authentikUrl) }),
    },
    options,
  };
}

/** Writes the plan atomically, readable only for its owner. */
export async function savePlan(file: string, plan: Plan, origin: PlanOrigin): Promise<void> {
  await writePrivateFile(file, `${JSON.stringify(asRead(plan, origin), undefined, 2)}\n`);
}

/**
 * Reads a saved plan.
 * @throws ConfigError if the file contains no saved plan of this version.
 */
export async function readSavedPlan(file: string): Promise<SavedPlan> {
  const read = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(`${file} cannot be read`, { hint: planAnew, cause });
  });
  const saved = parsed(read);
  const ajv = new Ajv2020({ allowUnionTypes: true });
  ajv.addSchema(planSchema as AnySchema, 'plan.schema.json');
  if (!ajv.validate(schema, saved)) {
    const facts = { detail: ajv.errorsText(ajv.errors, { dataVar: 'plan' }) };
    throw new ConfigError(`${file} is no saved plan`, { hint: planAnew, facts });
  }
  return saved as SavedPlan;
}

/**
 * Checks that a saved plan is for this file, this version and these systems. The live objects are compared after the
 * new plan was made.
 * @throws UnsafeError that names the difference.
 */
export function requireSameOrigin(saved: SavedPlan, origin: PlanOrigin): void {
  const { file, apis } = saved;
  if (saved.gates !== origin.gates) {
    throw new UnsafeError(`The plan was saved by gates ${saved.gates}, and this is ${origin.gates}`, {
      hint: planAnew,
    });
  }
  if (file.sha256 !== origin.file.sha256) {
    const other = file.name !== origin.file.name;
    throw new UnsafeError(
      other
        ? `The plan was made from ${file.name}, and not from ${origin.file.name}`
        : `${file.name} is no longer as it was when the plan was saved`,
      { hint: other ? `Name it with --file ${file.name}` : planAnew },
    );
  }
  for (const system of ['cloudflare', 'authentik'] as const) {
    if (apis[system] === origin.apis[system]) continue;
    const [before, now] = [apis[system], origin.apis[system]].map((api) => api ?? 'what the file says');
    throw new UnsafeError(`The plan was made for ${before}, and this is ${now}`, { hint: planAnew });
  }
}

/**
 * Checks that a new plan equals the saved one, and prints the differences if it does not.
 * @throws UnsafeError if it differs.
 */
export function requireSamePlan(
  saved: SavedPlan,
  made: Plan,
  origin: PlanOrigin,
  options: { readonly color: boolean },
): void {
  const moves = planMoves(saved, asRead(made, origin));
  if (moves.length === 0) return;
  const paint = makePaint(wantsColor(process.stderr, options.color));
  tell(
    `Since ${saved.savedAt}, when the plan was saved (-), the live systems have changed; the plan would now be (+):`,
  );
  for (const line of formatMoves(moves, paint)) tell(line);
  throw new UnsafeError('The live systems have changed since the plan was saved', { hint: planAnew });
}

/** The plan as it is read back from a file: without values that JSON lacks, and without secrets. */
function asRead(plan: Plan, origin: PlanOrigin): SavedPlan {
  const savedAt = new Date(systemClock.now()).toISOString();
  return JSON.parse(redactor.redact(JSON.stringify(savedPlan(plan, origin, savedAt)))) as SavedPlan;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The address without the name and password that it may contain. */
function placeOf(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
