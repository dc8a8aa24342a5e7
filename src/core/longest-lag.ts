/**
 * Milliseconds that a write may take to reach all of the edge if nothing shows when it does. Cloudflare says "20-30
 * seconds" of revoked tokens; others measured less of everything else (decision 0018). A test's world may have another
 * lag.
 */
export const longestLag = 30_000;
