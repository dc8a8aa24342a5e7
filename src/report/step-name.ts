import type { Change, Plan } from '../core/change.ts';

/** A change as people read it: `refuse cloudflare/ingress-rule homelab/app.example.dev`. */
export function nameOfChange({ verb, address: { kind, key } }: Pick<Change, 'verb' | 'address'>): string {
  return `${verb} ${kind} ${key}`;
}

/** A step of a plan by its id, which may end with the id of a live object and is of no use on a screen. */
export function stepName({ changes }: Plan, id: string): string {
  const change = changes.find((one) => one.id === id);
  return change === undefined ? id : nameOfChange(change);
}
