import type { Plan } from '../core/change.ts';
import { type DoorKind, type DoorState, doorStories } from './doors.ts';
import type { Paint } from './paint.ts';

/**
 * One line for each host that a step touches: what guards it now, and what holds from which step on. A step has the
 * number that it has in the plan.
 *
 * `grafana.example.dev  16 closed but for our own probe · 25 gate stands · … · 45 open behind Authentik`
 */
export function doorLines(plan: Plan, kinds: readonly DoorKind[], paint: Paint): readonly string[] {
  const stories = doorStories(plan, kinds);
  if (stories.length === 0) return [];
  const width = Math.min(40, Math.max(...stories.map(({ host }) => host.length)));
  const tints: Readonly<Record<DoorState, (text: string) => string>> = {
    absent: paint.quiet,
    closed: paint.strong,
    covered: paint.strong,
    guarded: paint.good,
    unread: paint.bad,
    open: paint.warn,
  };
  const lines = stories.map(({ host, now, moments, waits }) => {
    const parts = [
      ...(now === undefined ? [] : [`now ${now}`]),
      ...moments.map(({ step, text, state }) => `${step} ${state ? tints[state](text) : text}`),
      ...(waits ? [paint.bad('then waits for what is refused')] : []),
    ];
    return `  ${host.padEnd(width)}  ${parts.join(paint.quiet(' · '))}`;
  });
  return [paint.strong('Doors: what holds at each host, from which step on'), ...lines, ''];
}
