import type { Json, JsonObject } from '../../state/world.ts';

/** The answer of a handler; `index.ts` adds the envelope. */
export interface CloudflareReply {
  status: number;
  result: Json;
  resultInfo?: JsonObject;
  /** Additional messages of a success. */
  messages?: JsonObject[];
  /** Sends exactly this instead of the envelope, as some endpoints do. */
  body?: JsonObject;
  /** Sends this text instead of JSON. */
  text?: string;
}

export interface ApiErrorDetail {
  code: number;
  message: string;
  error_chain?: { code: number; message: string }[];
}

/** An unsuccessful answer. Handlers throw it before they change anything. */
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

/** Zero Trust's answer to an invalid body (facts §3.1). */
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
