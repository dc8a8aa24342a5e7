import type { CrossSite } from '../../../reconcilers/cloudflare/access/presentation/cross-site.ts';
import type * as file from '../../../schema/generated/config.ts';
import { durationText } from '../terms/durations.ts';

type Keys = Pick<NonNullable<file.Gate['cloudflare']>, 'cookie' | 'cors'>;

/** The keys `cookie` and `cors`, as far as an application differs from one that gates makes and the file can say so. */
export function importedCrossSite({ sameSite, cors }: CrossSite): Keys {
  const isOther = sameSite === 'strict' || sameSite === 'none';
  return { ...(isOther && { cookie: { sameSite } }), ...importedCors(cors) };
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function importedCors(cors: CrossSite['cors']): Keys {
  if (cors === undefined || !cors.origins.every(isOrigin) || cors.headers.includes('*')) return {};
  const listed = methods.filter((method) => cors.methods.includes(method));
  if (cors.origins.length === 0 || listed.length === 0 || listed.length < cors.methods.length) return {};
  const { maxAge } = cors;
  if (maxAge !== undefined && maxAge <= 0) return {};
  return {
    cors: {
      origins: [...cors.origins],
      methods: listed,
      ...(cors.headers.length > 0 && { headers: [...cors.headers] }),
      ...(cors.credentials && { credentials: true }),
      ...(maxAge !== undefined && { maxAge: durationText(maxAge) }),
    },
  };
}

/** True for a scheme and a host in the only spelling that the file keeps. */
function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
