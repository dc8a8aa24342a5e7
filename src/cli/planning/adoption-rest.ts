import { isPending } from '../../core/change.ts';
import { restLines } from '../../report/plan/rest-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { type Effects, type ReconcileRequest, reconcile } from '../../run/reconcile.ts';
import { tell, wantsColor } from '../surroundings/terminal.ts';

/**
 * Plans once more after an adoption, as `gates plan` does, and reports what is left with the command that does it.
 * Exit codes: 0 = nothing is left, 1 = something is.
 */
export async function tellRest(
  source: Pick<ReconcileRequest, 'text' | 'file'>,
  { service, color }: { readonly service?: string; readonly color: boolean },
  effects: Effects,
): Promise<number> {
  const options = { adopt: false, allow: [], ...(service !== undefined && { service }) };
  const { logs: _, ...reading } = effects;
  const { plan } = await reconcile({ ...source, apply: false, options }, reading);
  if (plan === undefined) return 1;
  const form = { color: wantsColor(process.stderr, color), width: widthOf(process.stderr) };
  for (const line of restLines(plan, { ...form, service })) tell(line);
  return plan.unknown.length > 0 || plan.changes.some(isPending) ? 1 : 0;
}
