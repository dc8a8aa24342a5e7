import type { CrossSite } from '../../../reconcilers/cloudflare/access/presentation/cross-site.ts';
import { secondsOf } from '../../config/model/duration.ts';
import type { CloudflareSettings } from './rule.ts';

/** The keys `cookie` and `cors` with every default; undefined if the file has neither. */
export function normalCrossSite({ cookie, cors }: CloudflareSettings): CrossSite | undefined {
  if (cookie === undefined && cors === undefined) return undefined;
  return {
    ...(cookie !== undefined && { sameSite: cookie.sameSite }),
    ...(cors !== undefined && {
      cors: {
        origins: cors.origins.map((origin) => origin.replace(/\/$/, '').toLowerCase()),
        methods: cors.methods ?? ['GET', 'HEAD', 'POST'],
        headers: cors.headers ?? [],
        credentials: cors.credentials ?? false,
        ...(cors.maxAge !== undefined && { maxAge: secondsOf(cors.maxAge) }),
      },
    }),
  };
}
