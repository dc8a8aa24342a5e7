/**
 * How long a write may take to reach all of the edge where nothing shows when it does, in milliseconds: Cloudflare says
 * "20-30 seconds" of tokens that were revoked, others have measured less of all else (decision 0018). A world whose edge is played may have another.
 */
export const longestLag = 30_000;
