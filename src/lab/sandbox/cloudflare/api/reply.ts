import type { Json, JsonObject } from '../../state/world.ts';

/** What a handler answers; `index.ts` puts the envelope around it. */
export interface CloudflareReply {
  status: number;
  result: Json;
  resultInfo?: JsonObject;
  /** What a success says besides. */
  messages?: JsonObject[];
  /** Sends exactly this in place of the envelope: some endpoints have one of their own. */
  body?: JsonObject;
  /** Sends this, and no JSON. */
  text?: string;
}

export interface ApiErrorDetail {
  code: number;
  message: string;
  error_chain?: { code: number; message: string }[];
}

/** An answer that is not a success: thrown by handlers, before they have changed anything. */
export class CloudflareApiError extends Error {
  readonly status: number;
  readonly detail: ApiErrorDetail;
  readonly headers: { [name: string]: string };

  constructor(status: number, detail: ApiErrorDetail, headers: { [name: string]: string } = {}) {
    super(detail.message);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** Zero Trust's way of saying that a body is wrong (facts §3.1). */
export function invalidAccessRequest(text: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 12130, message: `access.api.error.invalid_request: ${text}` });
}

export function okEnvelope(result: Json, resultInfo?: JsonObject): CloudflareReply {
  return resultInfo === undefined ? { status: 200, result } : { status: 200, result, resultInfo };
}

export function createdEnvelope(result: Json): CloudflareReply {
  return { status: 201, result };
}

export function accepted(result: Json): CloudflareReply {
  return { status: 202, result };
}

/** A success without a body. */
export function emptyReply(): CloudflareReply {
  return { status: 204, result: null };
}

export function successBody(reply: CloudflareReply): JsonObject {
  if (reply.body !== undefined) return reply.body;
  const envelope = { success: true, errors: [], messages: reply.messages ?? [], result: reply.result };
  return reply.resultInfo === undefined ? envelope : { ...envelope, result_info: reply.resultInfo };
}

export function failureBody(detail: ApiErrorDetail): JsonObject {
  return { success: false, errors: [{ ...detail }], messages: [], result: null };
}
