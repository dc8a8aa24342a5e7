/** The check of Access by the tunnel's connector: requests without a JWT for one of `audTag` get 403. */
interface IngressAccess {
  readonly required: true;
  readonly teamName: string;
  readonly audTag: readonly string[];
}

/**
 * A rule's originRequest with the API's own names, durations in whole seconds. Unset keys are left out, since the API
 * reads an explicit zero, `false` or empty string as a setting.
 */
export interface IngressOriginRequest {
  readonly access?: IngressAccess;
  readonly caPool?: string;
  readonly connectTimeout?: number;
  readonly disableChunkedEncoding?: boolean;
  readonly http2Origin?: boolean;
  readonly httpHostHeader?: string;
  readonly keepAliveConnections?: number;
  readonly keepAliveTimeout?: number;
  readonly matchSNItoHost?: boolean;
  readonly noHappyEyeballs?: boolean;
  readonly noTLSVerify?: boolean;
  readonly originServerName?: string;
  readonly proxyType?: string;
  readonly tcpKeepAlive?: number;
  readonly tlsTimeout?: number;
}

/**
 * The settings of an originRequest, in one form: without the zero values and empty objects that the API adds, and with
 * sorted audience tags. Unknown keys stay.
 */
export function settings(request: unknown): IngressOriginRequest {
  return (reduced(request) ?? {}) as IngressOriginRequest;
}

function reduced(value: unknown): unknown {
  if (value === null || value === undefined || value === '' || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : [...value].sort();
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, reduced(item)] as const)
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
