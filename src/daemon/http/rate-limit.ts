import type { Clock } from '../../core/world.ts';

export interface RateLimit {
  /** Takes one place; false if none is free. */
  take(): boolean;
  /** Whole seconds until a place is free. */
  retryAfter(): number;
}

/** A bucket with `burst` places, of which `perSecond` become free again each second. */
export function rateLimit(burst: number, perSecond: number, clock: Clock): RateLimit {
  let places = burst;
  let filledAt = clock.now().getTime();
  function refill(): void {
    const now = clock.now().getTime();
    places = Math.min(burst, places + (Math.max(0, now - filledAt) / 1000) * perSecond);
    filledAt = now;
  }
  return {
    take() {
      refill();
      if (places < 1) return false;
      places -= 1;
      return true;
    },
    retryAfter() {
      refill();
      return Math.max(0, Math.ceil((1 - places) / perSecond));
    },
  };
}
