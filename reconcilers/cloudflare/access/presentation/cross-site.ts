import { sameSet } from '../../../shared/set.ts';

/** The use that pages of other sites may make of an application. It decides nothing about who gets in. */
export interface CrossSite {
  /** The requests of other sites with which the browser sends the session. */
  readonly sameSite?: string;
  readonly cors?: Cors;
}

/** The answers of Access to a browser that asks whether a script of another site may send a request. */
export interface Cors {
  /** `https://app.example.dev`; `*` alone: every site. They have no order, like methods and headers. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  /** The script may send the session. */
  readonly credentials: boolean;
  /** Seconds for which a browser keeps the answer; undefined: as long as the browser wants. */
  readonly maxAge?: number;
}

interface CrossSiteReply {
  readonly same_site_cookie_attribute?: string | null;
  readonly cors_headers?: CorsReply | null;
}

interface CorsReply {
  readonly allow_all_headers?: boolean;
  readonly allow_all_methods?: boolean;
  readonly allow_all_origins?: boolean;
  readonly allow_credentials?: boolean;
  readonly allowed_headers?: readonly string[];
  readonly allowed_methods?: readonly string[];
  readonly allowed_origins?: readonly string[];
  readonly max_age?: number;
}

/** The settings of a reply. A field that the application does not set is absent. */
export function crossSiteOf(reply: CrossSiteReply): CrossSite {
  const { same_site_cookie_attribute: sameSite, cors_headers: cors } = reply;
  return { ...(sameSite && { sameSite }), ...(cors && { cors: corsOf(cors) }) };
}

function corsOf(reply: CorsReply): Cors {
  const listed = (all: boolean | undefined, some: readonly string[] = []) => (all === true ? ['*'] : some);
  return {
    origins: listed(reply.allow_all_origins, reply.allowed_origins),
    methods: listed(reply.allow_all_methods, reply.allowed_methods),
    headers: listed(reply.allow_all_headers, reply.allowed_headers),
    credentials: reply.allow_credentials === true,
    ...(reply.max_age !== undefined && { maxAge: reply.max_age }),
  };
}

/** The fields that differ from the file. People may set those that it leaves out. */
export function crossSiteDrift(want: CrossSite, have: CrossSite): readonly string[] {
  return [
    ...(want.sameSite !== undefined && want.sameSite !== have.sameSite ? ['sameSite'] : []),
    ...(want.cors !== undefined && !sameCors(want.cors, have.cors) ? ['cors'] : []),
  ];
}

function sameCors(want: Cors, have: Cors | undefined): boolean {
  if (have === undefined) return false;
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  return (
    sameSet(want.origins, have.origins) &&
    sameSet(want.methods, have.methods) &&
    sameSet(lower(want.headers), lower(have.headers)) &&
    want.credentials === have.credentials &&
    want.maxAge === have.maxAge
  );
}

/** True for a field that admits nobody else. */
export function isOfCrossSite(field: string): boolean {
  return field === 'sameSite' || field === 'cors';
}

/** The API refuses `false` and empty lists beside `allow_all_…`, so that a value is sent only if it allows something. */
export function crossSiteBody({ sameSite, cors }: CrossSite): Readonly<Record<string, unknown>> {
  return {
    ...(sameSite !== undefined && { same_site_cookie_attribute: sameSite }),
    ...(cors !== undefined && {
      cors_headers: {
        allowed_origins: cors.origins,
        allowed_methods: cors.methods,
        ...(cors.headers.length > 0 && { allowed_headers: cors.headers }),
        ...(cors.credentials && { allow_credentials: true }),
        ...(cors.maxAge !== undefined && { max_age: cors.maxAge }),
      },
    }),
  };
}
