import type { Plan } from '../core/change.ts';

/**
 * A step of a plan as people read it: `refuse cloudflare/ingress-rule homelab/app.example.dev`. Its id may end with the
 * id of a live object, which is of no use on a screen.
 */
export function stepName({ changes }: Plan, id: string): string {
  const change = changes.find((one) => one.id === id);
  return change === undefined ? id : `${change.verb} ${change.address.kind} ${change.address.key}`;
}
